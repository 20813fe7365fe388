/**
 * Steps that answer as the handlers of client test suites do.
 *
 * @module
 */

import { ms, optional, text, token } from "../arguments/argument.ts";
import { type Step, step } from "../engine/step.ts";

/** The steps that test suites of clients need. */
export const CHECK_STEPS: readonly Step[] = [
  step({
    name: "show-field",
    phase: "connection",
    needs: "any",
    sends: true,
    showsRequest: true,
    arguments: [token, optional(text("TEXT"))],
    sentence:
      "Sends the value of a field of the request as a text, or this text if there is none; secrets are masked for pages of another host that ALLOWED_ORIGINS does not name.",
    example: "show-field:origin:none/close:1000",
    client: "Delivers the message.",
    section: "RFC 6455 §4.1",
    suites: ["web-platform-tests", "undici"],
    run: (run, [name, text = ""]) =>
      run.endpoint.send(run.shown.field(name) ?? text),
  }),
  step({
    name: "show-query",
    phase: "connection",
    needs: "any",
    sends: true,
    showsRequest: true,
    arguments: [],
    sentence: "Sends the query of the request as a text.",
    example: "show-query/close:1000",
    client: "Delivers the message.",
    section: "RFC 6455 §3",
    suites: ["web-platform-tests"],
    run: (run) => run.endpoint.send(run.shown.query),
  }),
  step({
    name: "show-subprotocol",
    phase: "connection",
    needs: "any",
    sends: true,
    arguments: [],
    sentence: "Sends the subprotocol of the answer as a text.",
    example: "subprotocol:first/show-subprotocol/close:1000",
    client: "Delivers the message.",
    section: "RFC 6455 §1.9",
    suites: ["web-platform-tests"],
    run: ({ endpoint }) => endpoint.send(endpoint.protocol),
  }),
  step({
    name: "show-time",
    phase: "connection",
    needs: "any",
    sends: true,
    arguments: [],
    sentence: "Sends the seconds since the plan began as a text.",
    example: "burst:100:100/show-time/close:1000",
    client: "Delivers the message.",
    section: "",
    suites: ["web-platform-tests"],
    run: (run) => run.endpoint.send(String(run.elapsed / 1000)),
  }),
  step({
    name: "expect",
    phase: "connection",
    needs: "any",
    takesMessages: true,
    arguments: [text("TEXT")],
    sentence: "Reads a message, and sends pass if it is this text, or fail.",
    example: "expect:hello/close:1000",
    client: "Sends the text, and gets pass.",
    section: "RFC 6455 §5.6",
    suites: ["web-platform-tests"],
    run: (run, [text]) =>
      run.take(1, (message) => {
        const isSame = message.opcode === "text" && message.text() === text;
        run.endpoint.send(isSame ? "pass" : "fail");
      }),
  }),
  step({
    name: "echo-length",
    phase: "connection",
    needs: "any",
    takesMessages: true,
    arguments: [optional(ms)],
    isEndless: () => true,
    sentence:
      "Answers each message with its length in bytes; reads the next one after this time.",
    example: "echo-length:100",
    client: "Limits what it keeps for sending.",
    section: "",
    suites: ["web-platform-tests"],
    run: (run, [ms]) =>
      run.take(undefined, ({ length }) => {
        run.endpoint.send(String(length));
        return ms === undefined ? undefined : run.wait(ms);
      }),
  }),
  step({
    name: "echo-raw",
    phase: "connection",
    needs: "wire",
    takesMessages: true,
    arguments: [],
    isEndless: () => true,
    sentence: "Sends the payload of each message as bytes without a frame.",
    example: "echo-raw",
    client: "Takes the bytes for frames.",
    section: "RFC 6455 §5.2",
    suites: ["web-platform-tests"],
    run: (run) =>
      run.take(undefined, ({ payload }) => run.wire.write(payload.slice())),
  }),
];
