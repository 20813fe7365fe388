/**
 * Why a step did not pass, in words, whatever it was.
 *
 * @module
 */

import { DialError, type DialFailure } from "../../client/dial.ts";
import { NoResponseError, RefusedError } from "../../client/errors.ts";
import { ServerFault } from "../../client/fault.ts";
import { field, type Handshake } from "../../client/handshake.ts";
import { type FailureOptions, StepFailure } from "./step.ts";
import { inBytes, quoted } from "./format.ts";

/**
 * Turns an error into a failure.
 *
 * @param error what a step threw
 * @param url the server's
 * @throws what is no fault of the server's
 */
export function failureOf(error: unknown, url: URL): StepFailure {
  if (error instanceof StepFailure) return error;
  if (error instanceof ServerFault) {
    const source = `RFC 6455 §${error.section}`;
    return new StepFailure(error.message, { source });
  }
  if (error instanceof DialError) return dialFailure(error, url);
  if (error instanceof NoResponseError) return noResponse(error);
  if (error instanceof RefusedError) return refusal(error.handshake, "");
  throw error;
}

/** Statuses by which a proxy says that the server behind it does not answer. */
const GATEWAY_STATUSES: readonly unknown[] = [502, 504];

/**
 * Whether a failure to connect means that no server answers; false where one
 * refuses.
 *
 * @param failure of a handshake
 */
export function isWithoutServer({ options }: StepFailure): boolean {
  const { failure, status } = options.details ?? {};
  return failure !== undefined || GATEWAY_STATUSES.includes(status);
}

/** What to say where the runtime's own words do not do. */
const DIAL_WORDS: Readonly<Record<DialFailure, string>> = {
  dns: "no address is known for",
  refused: "connection refused by",
  reset: "connection reset by",
  unreachable: "no way to",
  tls: "TLS failed with",
  certificate: "TLS failed with",
  permission: "no permission to connect to",
  other: "no connection to",
};

/** Those to which the runtime's words add nothing. */
const SAYS_ALL: ReadonlySet<DialFailure> = new Set(["dns", "refused", "reset"]);

const DIAL_HINTS: Readonly<Partial<Record<DialFailure, string>>> = {
  dns: "is the name right, and does a name server answer?",
  refused: "nothing listens there: is the port right, and the server running?",
  tls: "wss:// needs a server that speaks TLS",
  certificate:
    "the certificate must be valid for this name, and issued by a trusted authority; DENO_CERT=FILE trusts a certificate authority of your own",
};

function dialFailure({ failure, message }: DialError, url: URL): StepFailure {
  const host = failure === "dns" ? url.hostname : url.host;
  const said = SAYS_ALL.has(failure) ? "" : `: ${quoted(message)}`;
  return new StepFailure(`${DIAL_WORDS[failure]} ${host}${said}`, {
    hint: DIAL_HINTS[failure],
    details: { failure },
  });
}

function noResponse({ kind, received }: NoResponseError): StepFailure {
  const details = { failure: kind };
  if (kind === "not HTTP") {
    return new StepFailure(
      `the answer is not HTTP: ${quoted(firstLine(utf8.decode(received)))}`,
      { details, hint: "the port serves another protocol" },
    );
  }
  const did = kind === "reset" ? "reset" : "ended";
  const extent = received.length === 0
    ? "without an answer"
    : `after ${inBytes(received.length)} of an answer`;
  return new StepFailure(`the server ${did} the connection ${extent}`, {
    details,
  });
}

const utf8 = new TextDecoder();

function firstLine(text: string): string {
  return text.trim().split(/\r?\n/, 1)[0]!;
}

const GATEWAY_HINT = "a proxy answers for a server that does not";

const STATUS_HINTS: Readonly<Record<number, string>> = {
  400: "the server takes the request for malformed",
  401: 'the server wants to know who you are: --header "Authorization: …"',
  403: 'the server does not let you in: --header "Origin: …" may help',
  404: "the server is there, the path is not",
  426: "the server wants another protocol or version on this path",
  429: "the server has had too many requests",
  502: GATEWAY_HINT,
  503:
    "the server is full, stopping, or a proxy answers for a server that does not run",
  504: GATEWAY_HINT,
};

/**
 * A handshake that was answered with no WebSocket.
 *
 * @param handshake what came of it
 * @param body what the refusal says
 * @param options what else is to be said
 */
export function refusal(
  handshake: Handshake,
  body: string,
  options: FailureOptions = {},
): StepFailure {
  const { response, faults } = handshake;
  const { status, statusText } = response;
  if (status === 101) {
    return new StepFailure(
      `101, but ${faults.map(({ message }) => message).join("; ")}`,
      { ...options, source: `RFC 6455 §${faults[0]!.section}` },
    );
  }
  const location = field(response, "location");
  const line = firstLine(body);
  const said = location !== undefined
    ? ` to ${quoted(location)}`
    : line === ""
    ? ""
    : `: ${quoted(line)}`;
  const hint = status >= 300 && status < 400
    ? "a WebSocket client does not follow redirections"
    : status === 200
    ? "this is a web page, no WebSocket: is the path right?"
    : STATUS_HINTS[status];
  return new StepFailure(
    `refused with ${status} ${statusText}`.trimEnd() + said,
    { ...options, hint, details: { ...options.details, status } },
  );
}
