/**
 * Detects a URL with the wrong scheme: `ws:` for a TLS port, or `wss:` for a plain
 * one.
 *
 * @module
 */

import { ClientConnection } from "../client/connection.ts";
import { dial, DialError } from "../client/dial.ts";
import { StepFailure } from "./step/finding.ts";

/** Milliseconds to try the other scheme. */
const TIMEOUT = 1000;

/** Values of `details.failure` that the wrong scheme can cause. */
const CAUSED: readonly unknown[] = [
  "tls",
  "timeout",
  "not HTTP",
  "end",
  "reset",
];

/**
 * Tries the other scheme if the wrong one can be the cause of a failure.
 *
 * @param url of the failed handshake
 * @param failure of the handshake
 * @returns the same failure, or one that names the right scheme
 */
export async function withSchemeHint(
  url: URL,
  failure: StepFailure,
): Promise<StepFailure> {
  const { failure: kind, status } = failure.options.details ?? {};
  const isSecure = url.protocol === "wss:";
  // Many servers answer a plain request on a TLS port with 400.
  if (!CAUSED.includes(kind) && (isSecure || status !== 400)) return failure;
  const other = new URL(url);
  other.protocol = isSecure ? "ws:" : "wss:";
  // URL drops a default port, and the schemes have different ones.
  other.port = url.port || (isSecure ? "443" : "80");
  if (!await accepts(other)) return failure;
  return new StepFailure(
    isSecure
      ? `${url.host} does not speak TLS: it answers plain HTTP`
      : `${url.host} speaks TLS`,
    { hint: `try ${other.href}`, details: { failure: "scheme" } },
  );
}

async function accepts(url: URL): Promise<boolean> {
  const signal = AbortSignal.timeout(TIMEOUT);
  try {
    if (url.protocol === "ws:") {
      using _ = await ClientConnection.openUnchecked(url, { signal });
    } else {
      (await dial(url, { signal })).conn.close();
    }
    return true;
  } catch (error) {
    // A server with an untrusted certificate speaks TLS.
    return error instanceof DialError && error.failure === "certificate";
  }
}
