/**
 * Why there is no WebSocket, and how one ended.
 *
 * @module
 */

import type { Handshake } from "./handshake.ts";

/**
 * How a connection ended: `"end"` with a TCP FIN (or TLS close_notify),
 * `"reset"` with a TCP RST or another error of the transport, `"closed"` by this
 * side.
 */
export type Ending = "end" | "reset" | "closed";

/** Why there is no response to a handshake. */
export class NoResponseError extends Error {
  /** The class. */
  override readonly name = "NoResponseError";
  /** `"end"`: the connection ended before one; `"reset"`: with a reset; `"not HTTP"`: something else came. */
  readonly kind: Ending | "not HTTP";
  /** What did come. */
  readonly received: Uint8Array;

  /**
   * Makes an error.
   *
   * @param kind why
   * @param received what did come
   */
  constructor(kind: Ending | "not HTTP", received: Uint8Array) {
    super(
      kind === "not HTTP"
        ? "what the server sent is no HTTP response"
        : `the connection ended (${kind}) before a response`,
    );
    this.kind = kind;
    this.received = received;
  }
}

/** A handshake that was not answered with a WebSocket. */
export class RefusedError extends Error {
  /** The class. */
  override readonly name = "RefusedError";
  /** What came of it. */
  readonly handshake: Handshake;

  /**
   * Makes an error.
   *
   * @param handshake what came of it
   */
  constructor(handshake: Handshake) {
    const { status, statusText } = handshake.response;
    const [fault] = handshake.faults;
    super(
      status === 101 ? fault!.message : `refused with ${status} ${statusText}`,
    );
    this.handshake = handshake;
  }
}
