/**
 * Turns errors of the client into step failures, with hints.
 *
 * @module
 */

import { DialError, type DialFailure } from "../../client/dial.ts";
import { NoResponseError, RefusedError } from "../../client/errors.ts";
import { ProtocolError } from "../../client/protocol_error.ts";
import { field, type Handshake } from "../../client/handshake.ts";
import { type FailureOptions, StepFailure } from "./finding.ts";
import { formatBytes, quoted } from "./format.ts";

/**
 * Turns an error into a failure.
 *
 * @param error thrown by a step
 * @param url the server's address
 * @throws the error itself if the server did not cause it
 */
export function toStepFailure(error: unknown, url: URL): StepFailure {
  if (error instanceof StepFailure) return error;
  if (error instanceof ProtocolError) {
    const source = `RFC 6455 §${error.section}`;
    return new StepFailure(error.message, { source });
  }
  if (error instanceof DialError) return dialFailure(error, url);
  if (error instanceof NoResponseError) return noResponse(error);
  if (error instanceof RefusedError) return refusal(error.handshake, "");
  throw error;
}

/** Statuses of a proxy whose server does not answer. */
const GATEWAY_STATUSES: readonly unknown[] = [502, 504];

/**
 * Whether a failed handshake means that no server answers; false if the server
 * refused.
 *
 * @param failure of a handshake
 */
export function isUnreachable({ options }: StepFailure): boolean {
  const { failure, status } = options.details ?? {};
  return failure !== undefined || GATEWAY_STATUSES.includes(status);
}

const DIAL_MESSAGES: Readonly<Record<DialFailure, string>> = {
  dns: "no address is known for",
  refused: "connection refused by",
  reset: "connection reset by",
  unreachable: "no route to",
  tls: "TLS failed with",
  certificate: "TLS failed with",
  permission: "no permission to connect to",
  other: "no connection to",
};

/** Failures to which the runtime's message adds nothing. */
const SELF_EXPLANATORY: ReadonlySet<DialFailure> = new Set([
  "dns",
  "refused",
  "reset",
]);

const DIAL_HINTS: Readonly<Partial<Record<DialFailure, string>>> = {
  dns: "check the host name and the name server",
  refused: "nothing listens on this port: check the port and the server",
  tls: "wss:// needs a server that speaks TLS",
  certificate:
    "the certificate must be valid for this name and issued by a trusted authority; DENO_CERT=FILE trusts a certificate authority of your own",
};

function dialFailure({ failure, message }: DialError, url: URL): StepFailure {
  const host = failure === "dns" ? url.hostname : url.host;
  const cause = SELF_EXPLANATORY.has(failure) ? "" : `: ${quoted(message)}`;
  return new StepFailure(`${DIAL_MESSAGES[failure]} ${host}${cause}`, {
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
  const verb = kind === "reset" ? "reset" : "ended";
  const extent = received.length === 0
    ? "without an answer"
    : `after ${formatBytes(received.length)} of an answer`;
  return new StepFailure(`the server ${verb} the connection ${extent}`, {
    details,
  });
}

const utf8 = new TextDecoder();

function firstLine(text: string): string {
  return text.trim().split(/\r?\n/, 1)[0]!;
}

const GATEWAY_HINT = "a proxy answers instead of the server";

const STATUS_HINTS: Readonly<Record<number, string>> = {
  200: "this is a web page, not a WebSocket: check the path",
  400: "the server considers the request malformed",
  401: 'the server requires authentication: --header "Authorization: …"',
  403: 'the server denies access: --header "Origin: …" may help',
  404: "the server has no such path",
  426: "the server requires another protocol or version on this path",
  429: "the server limits the rate of requests",
  502: GATEWAY_HINT,
  503:
    "the server is full or stopping, or a proxy answers instead of the server",
  504: GATEWAY_HINT,
};

/**
 * Makes the failure of a handshake whose response accepts no WebSocket.
 *
 * @param handshake the request and its response
 * @param body the response's body
 * @param options lines and details
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
  const hint = status >= 300 && status < 400
    ? "a WebSocket client does not follow redirects"
    : STATUS_HINTS[status];
  const refused = `refused with ${status} ${statusText}`.trimEnd();
  return new StepFailure(
    refused + explanation(field(response, "location"), firstLine(body)),
    { ...options, hint, details: { ...options.details, status } },
  );
}

function explanation(location: string | undefined, line: string): string {
  if (location !== undefined) return ` to ${quoted(location)}`;
  return line === "" ? "" : `: ${quoted(line)}`;
}
