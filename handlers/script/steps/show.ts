/**
 * Steps that show what the client does.
 *
 * @module
 */

import { type Argument, token } from "../arguments/argument.ts";
import { type Step, step } from "../engine/step.ts";

const NAME: Argument<string> = {
  name: "NAME",
  allowed: "a token of at most 64 characters",
  parse: (text) => text.length <= 64 ? token.parse(text) : undefined,
};

/** Name of the step that begins a journal. */
export const JOURNAL = "journal";

/** The steps that show what the client does. */
export const SHOW_STEPS: readonly Step[] = [
  step({
    name: JOURNAL,
    isSecret: true,
    phase: "handshake",
    needs: "any",
    keeps: "journals",
    isOnce: true,
    arguments: [NAME],
    sentence:
      "Records the connection in the journal of this name; choose a random one, since it is the key to the journal.",
    example: "journal:a1b2c3/echo",
    client: "Follows the rules that the journal's verdict lists.",
    section: "",
    suites: [],
  }),
  step({
    name: "info",
    phase: "connection",
    needs: "any",
    sends: true,
    showsRequest: true,
    arguments: [],
    sentence: "Sends the handshake request as JSON, as /info does.",
    example: "info/close:1000",
    client: "Delivers the message.",
    section: "RFC 6455 §4.1",
    suites: ["web-platform-tests", "dotnet", "okhttp"],
    run: (run) => run.endpoint.send(run.shown.info),
  }),
];
