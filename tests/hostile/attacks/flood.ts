/**
 * Behaviour that many attacks share: upgrade, then send the same again and again.
 *
 * @module
 */

import type { Fields } from "../../integration/support/wire.ts";
import { Socket } from "../socket.ts";
import type { Attack } from "./attack.ts";
import { repeated } from "./bytes.ts";

/** How a flood differs from the usual one. */
export interface FloodOptions {
  /**
   * Whether the client reads.
   * @default true
   */
  readonly reads?: boolean;
  /** Fields of the handshake. */
  readonly fields?: Fields;
}

/**
 * A client that floods.
 *
 * @param frame makes what it repeats
 * @param options how
 */
export function flood(
  frame: () => Uint8Array,
  { reads = true, fields = {} }: FloodOptions = {},
): Attack["behave"] {
  let bytes: Uint8Array | undefined;
  return async (target, signal) => {
    bytes ??= repeated(frame());
    using socket = await Socket.upgrade(target, signal, fields);
    const reading = reads ? socket.drain().catch(() => {}) : undefined;
    await socket.flood(bytes);
    await reading;
  };
}

/**
 * A client that sends once, and then keeps the connection and reads.
 *
 * @param bytes makes what it sends
 * @param fields of the handshake
 */
export function hold(
  bytes: () => Uint8Array,
  fields: Fields = {},
): Attack["behave"] {
  return async (target, signal) => {
    using socket = await Socket.upgrade(target, signal, fields);
    await socket.write(bytes());
    await socket.drain();
  };
}
