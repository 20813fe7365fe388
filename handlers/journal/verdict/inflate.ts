/**
 * Inflates the recorded messages of a client (RFC 7692 §7.2.2).
 *
 * @module
 */

import { constants, inflateRawSync } from "node:zlib";
import type { CompressedMessage } from "../record/message_tracker.ts";

/** Bytes that recorded messages may have after inflating. */
const MAX_INFLATED = 4 * 2 ** 20;

/** What the sender removes from the end of each message (RFC 7692 §7.2.1). */
const TAIL = new Uint8Array([0x00, 0x00, 0xff, 0xff]);

/** The result of {@linkcode inflateMessages}. */
export type Inflated =
  | {
    readonly kind: "messages";
    /** The messages. */
    readonly messages: readonly Uint8Array[];
  }
  | {
    readonly kind: "corrupt";
    /** Index of the first message that cannot be inflated. */
    readonly index: number;
    /** The reason. */
    readonly reason: string;
  }
  | { readonly kind: "too large" };

/**
 * Inflates messages one behind the other.
 *
 * @param messages of one direction, from the first one on
 * @param keepsContext whether a message may refer to those before
 */
export function inflateMessages(
  messages: readonly CompressedMessage[],
  keepsContext: boolean,
): Inflated {
  const inflated: Uint8Array[] = [];
  let total = 0;
  let window: Uint8Array = new Uint8Array();
  for (const [index, { chunks }] of messages.entries()) {
    try {
      const stream = concat([...storedBlock(window), ...chunks, TAIL]);
      const output: Uint8Array = inflateRawSync(stream, {
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength: window.length + MAX_INFLATED - total + 1,
      });
      const message = output.slice(window.length);
      inflated.push(message);
      total += message.length;
      if (keepsContext) window = concat([window, message]).slice(-WINDOW);
    } catch (error) {
      if ((error as { code?: string }).code === "ERR_BUFFER_TOO_LARGE") {
        return { kind: "too large" };
      }
      const { message: reason } = error as Error;
      return { kind: "corrupt", index, reason };
    }
    if (total > MAX_INFLATED) return { kind: "too large" };
  }
  return { kind: "messages", messages: inflated };
}

/** Bytes that a message may refer to (RFC 7692 §7.1.2.2). */
const WINDOW = 32 * 1024;

/**
 * A block without compression (RFC 1951 §3.2.4) that puts the window before a message:
 * the runtime has no dictionary for raw streams.
 */
function storedBlock(window: Uint8Array): Uint8Array[] {
  if (window.length === 0) return [];
  const header = new Uint8Array(5);
  const view = new DataView(header.buffer);
  view.setUint16(1, window.length, true);
  view.setUint16(3, ~window.length & 0xffff, true);
  return [header, window];
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const size = parts.reduce((sum, { length }) => sum + length, 0);
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
