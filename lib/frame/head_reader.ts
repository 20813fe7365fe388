/**
 * Reads a request head off a connection.
 *
 * @module
 */

import type { HttpError } from "../http_error.ts";
import { type Slot, slots } from "./memory.ts";
import { findHeadEnd, MAX_HEAD } from "./request_head.ts";

/** Bytes of the first buffer: most heads fit. */
export const FIRST_SLOT = 512;

/** What came of reading. */
export type HeadRead =
  | {
    readonly kind: "head";
    /** The head as Latin-1 text. */
    readonly text: string;
    /** Holds the bytes that arrived behind the head; now the caller's. */
    readonly slot: Slot;
    /** The first of those bytes. */
    readonly start: number;
    /** The byte behind the last of them. */
    readonly end: number;
  }
  | {
    readonly kind: "refused";
    /** Why there is no head. */
    readonly error: HttpError;
  }
  | {
    /** The peer left, or the connection was closed meanwhile. */
    readonly kind: "gone";
  };

/**
 * Reads until the empty line.
 *
 * @param conn what `accept` gave
 */
export async function readHead(conn: Deno.Conn): Promise<HeadRead> {
  let slot = slots.take(FIRST_SLOT);
  let length = 0;
  try {
    for (;;) {
      const count = await conn.read(
        length === 0 ? slot.view : slot.view.subarray(length),
      );
      if (count === null) return gone(slot);
      const { view, offset, size } = slot;
      const arrived = view.subarray(0, length + count);
      const headEnd = findHeadEnd(arrived, length);
      length += count;
      if (headEnd >= 0) {
        const text = String.fromCharCode(...view.subarray(0, headEnd));
        const start = offset + headEnd;
        return { kind: "head", text, slot, start, end: offset + length };
      }
      if (length >= MAX_HEAD) {
        slots.give(slot);
        return refused(431, `A request's head has at most ${MAX_HEAD} bytes.`);
      }
      if (length === size) slot = larger(slot);
    }
  } catch {
    return gone(slot);
  }
}

function larger(slot: Slot): Slot {
  const twice = slots.take(slot.size * 2);
  twice.view.set(slot.view);
  slots.give(slot);
  return twice;
}

function gone(slot: Slot): HeadRead {
  slots.give(slot);
  return { kind: "gone" };
}

function refused(status: number, message: string): HeadRead {
  return { kind: "refused", error: { status, message } };
}
