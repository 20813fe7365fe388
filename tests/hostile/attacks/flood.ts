/**
 * Behaviour that several attacks share: send one frame repeatedly, or once.
 *
 * @module
 */

import type { Fields } from "../../integration/support/wire.ts";
import { Socket } from "../socket.ts";
import type { Attack } from "./attack.ts";
import { repeated } from "./bytes.ts";

/** Options of a flood. */
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
 * A client that sends a frame repeatedly.
 *
 * @param frame creates the frame
 * @param options of the flood
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
 * A client that sends once and then only reads.
 *
 * @param bytes creates the bytes to send
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
