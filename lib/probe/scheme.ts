/**
 * Finds out whether a server speaks TLS where the URL says `ws:`, or no TLS where
 * it says `wss:`.
 *
 * @module
 */

import { ClientConnection } from "../client/connection.ts";
import { dial, DialError } from "../client/dial.ts";
import { StepFailure } from "./step/step.ts";

/** Milliseconds for the answer to the other scheme. */
const TIME = 1000;

/** Failures that the wrong scheme can cause, by `details.failure`. */
const CAUSED: readonly unknown[] = [
  "tls",
  "timeout",
  "not HTTP",
  "end",
  "reset",
];

/**
 * Tries the other scheme, where the wrong one can be the cause of a failure.
 *
 * @param url that failed
 * @param failure of the first handshake
 * @returns the failure to report: the same, or one that names the scheme
 */
export async function withScheme(
  url: URL,
  failure: StepFailure,
): Promise<StepFailure> {
  const { failure: kind, status } = failure.options.details ?? {};
  const isSecure = url.protocol === "wss:";
  // 400 is what many a TLS port answers a plain request with.
  if (!CAUSED.includes(kind) && (isSecure || status !== 400)) return failure;
  const other = new URL(url);
  other.protocol = isSecure ? "ws:" : "wss:";
  // A default port of one scheme is none of the other.
  other.port = url.port || (isSecure ? "443" : "80");
  if (!await answers(other)) return failure;
  return new StepFailure(
    isSecure
      ? `${url.host} does not speak TLS: it answers plain HTTP`
      : `${url.host} speaks TLS`,
    { hint: `try ${other.href}`, details: { failure: "scheme" } },
  );
}

async function answers(url: URL): Promise<boolean> {
  const signal = AbortSignal.timeout(TIME);
  try {
    if (url.protocol === "ws:") {
      (await ClientConnection.shake(url, { signal }))[Symbol.dispose]();
    } else {
      (await dial(url, { signal })).conn.close();
    }
    return true;
  } catch (error) {
    // A server that has a certificate speaks TLS, trusted or not.
    return error instanceof DialError && error.failure === "certificate";
  }
}
