/**
 * Steps of the handshake that delay, refuse or redirect it.
 *
 * @module
 */

import {
  type Argument,
  ms,
  number,
  optional,
  shortText,
  text,
  word,
} from "../arguments/argument.ts";
import type { Draft } from "../engine/draft.ts";
import { type Step, step } from "../engine/step.ts";
import { askedUrl } from "../../journal/recording.ts";
import { NO_CONTENT } from "../../http/no_content.ts";
import { challenge } from "../handshake/challenge.ts";
import { redirection, REDIRECTS, rejection } from "../handshake/rejection.ts";

const STATUS: Argument<number> = number("N", 200, 599);

const REDIRECT_STATUS: Argument<number> = {
  name: "STATUS",
  allowed: `${REDIRECTS.join(", ")}; in the URL, : is %3A and / is %2F`,
  parse: (text) => REDIRECTS.find((status) => String(status) === text),
};

/** The text of a `Location`: visible ASCII without a fragment's or a quote's trouble. */
const LOCATION: Argument<string> = {
  name: "URL",
  allowed:
    "a percent-encoded URL or path of at most 2048 characters, such as %2Fws",
  parse: (text) => /^[\x21-\x7e]{1,2048}$/.test(text) ? text : undefined,
};

/** The steps that answer the handshake. */
export const ANSWER_STEPS: readonly Step[] = [
  step({
    name: "late",
    phase: "handshake",
    needs: "any",
    prefersWire: () => true,
    arguments: [ms],
    sentence: "Answers the handshake after this time.",
    example: "late:2000/text:first",
    client: "Waits until its connect timeout, then fails the connection.",
    section: "RFC 6455 §4.1",
    suites: ["web-platform-tests", "okhttp", "dotnet", "Espressif"],
    draft: (draft, [ms]) => draft.wait(ms),
  }),
  step({
    name: "hang",
    phase: "handshake",
    needs: "wire",
    isLast: true,
    arguments: [],
    sentence: "Reads the request and never answers it.",
    example: "hang",
    client: "Fails the connection at its connect timeout and closes TCP.",
    section: "RFC 6455 §4.1",
    suites: ["web-platform-tests", "okhttp", "ws", "dotnet"],
    draft(draft) {
      draft.silence = "waits";
    },
  }),
  step({
    name: "no-answer",
    phase: "handshake",
    needs: "wire",
    isLast: true,
    arguments: [],
    sentence: "Reads the request and ends TCP without an answer.",
    example: "no-answer",
    client: "Fails the connection.",
    section: "RFC 6455 §4.1",
    suites: ["okhttp", "undici", "ws", "Espressif"],
    draft(draft) {
      draft.silence = "ends";
    },
  }),
  step({
    name: "status",
    phase: "handshake",
    needs: "any",
    isLast: true,
    arguments: [STATUS, optional(text("BODY", 1024))],
    check: ([status, body]) =>
      body !== undefined && NO_CONTENT.has(status)
        ? `a response with ${status} has no body`
        : undefined,
    sentence: "Refuses the handshake with this status and the status's fields.",
    example: "status:503",
    client:
      "Fails the connection and reports the status; 401 and 3xx it may follow.",
    section: "RFC 6455 §4.1",
    suites: ["web-platform-tests", "okhttp", "undici", "ws", "gorilla", "dart"],
    draft(draft, [status, body]) {
      draft.refusal = rejection(draft.request, status, body);
    },
  }),
  step({
    name: "redirect",
    phase: "handshake",
    needs: "any",
    isLast: true,
    arguments: [LOCATION, optional(REDIRECT_STATUS)],
    sentence: "Redirects the handshake to a URL, with 302 or the given status.",
    example: "redirect:%2Fws",
    client:
      "Fails the connection, or follows if the user has allowed it; browsers do not.",
    section: "RFC 6455 §4.1",
    suites: ["web-platform-tests", "okhttp", "ws", "undici", "dart"],
    draft(draft, [location, status = 302]) {
      draft.refusal = redirection(draft.request, location, status);
    },
  }),
  step({
    name: "redirect-loop",
    phase: "handshake",
    needs: "any",
    isLast: true,
    arguments: [],
    sentence: "Redirects the handshake to its own URL.",
    example: "redirect-loop",
    client: "Fails the connection, at the latest at its limit of redirects.",
    section: "RFC 9110 §15.4",
    suites: ["okhttp", "ws"],
    draft(draft) {
      const location = ownPath(draft);
      draft.refusal = redirection(draft.request, location, 302);
    },
  }),
  step({
    name: "hops",
    phase: "handshake",
    needs: "any",
    isOnce: true,
    arguments: [number("N", 0, 32)],
    sentence: "Redirects this number of times, then runs the steps after it.",
    example: "hops:3/echo",
    client: "Follows up to its limit of redirects, or fails the connection.",
    section: "RFC 9110 §15.4",
    suites: ["okhttp", "ws", "dart"],
    draft(draft, [count]) {
      if (count === 0) return;
      const location = nextHop(ownPath(draft), count - 1);
      draft.refusal = redirection(draft.request, location, 302);
    },
  }),
  step({
    name: "challenge",
    phase: "handshake",
    needs: "any",
    keepsWith: ([scheme]) => scheme === "digest" ? "nonces" : undefined,
    prefersWire: () => true,
    isSecret: true,
    isOnce: true,
    arguments: [
      word("SCHEME", "basic", "digest"),
      optional(shortText("USER", 128)),
      optional(shortText("PASSWORD", 128)),
    ],
    // RFC 7617 §2: the first colon of the credentials ends the user.
    check: ([scheme, user = ""]) =>
      scheme === "basic" && user.includes(":")
        ? "a USER of basic has no colon"
        : undefined,
    sentence:
      "Answers 401 without the right credentials, by default user and password; digest needs one thread.",
    example: "challenge:basic:ada:secret/echo",
    client:
      "Repeats the handshake with the credentials, or fails the connection.",
    section: "RFC 7617 §2, RFC 7616 §3",
    suites: ["web-platform-tests", "okhttp", "undici", "dotnet"],
    draft(draft, [scheme, user = "user", password = "password"]) {
      const credentials = { user, password };
      challenge(draft, scheme, credentials);
    },
  }),
];

/** Path and query of the request as the client sent it, as a target of a redirect. */
function ownPath({ request }: Draft): string {
  const { pathname, search } = new URL(askedUrl(request));
  return pathname + search;
}

/** Steps whose last argument is a step. */
const CHOICES: ReadonlySet<string> = new Set(["sometimes", "first", "every"]);

/** Replaces the count of the step `hops`, which may be the step of a choice. */
function nextHop(path: string, count: number): string {
  const steps = path.split("/");
  for (const [i, text] of steps.entries()) {
    const parts = text.split(":");
    const at = CHOICES.has(decodeURIComponent(parts[0]!)) ? 2 : 0;
    if (decodeURIComponent(parts[at] ?? "") !== "hops") continue;
    // Behind the number of the last step, the query may follow.
    const rest = parts[at + 1]!.replace(/^[^?]*/, "");
    parts.splice(at + 1, 1, `${count}${rest}`);
    steps[i] = parts.join(":");
    break;
  }
  return steps.join("/");
}
