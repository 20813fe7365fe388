/**
 * Reads a request head off a connection.
 *
 * @module
 */

import type { HttpError } from "../http_error.ts";
import { MIN_SLOT, type Slot, slots } from "./memory.ts";
import { findHeadEnd, MAX_HEAD } from "./request_head.ts";

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
    /** The peer left. */
    readonly kind: "gone";
  };

/**
 * Reads until the empty line.
 *
 * @param conn what `accept` gave
 * @param timeout milliseconds that the peer has for its head
 */
export async function readHead(
  conn: Deno.Conn,
  timeout: number,
): Promise<HeadRead> {
  const { promise: late, resolve } = Promise.withResolvers<"late">();
  const timer = setTimeout(() => resolve("late"), timeout);
  let slot = slots.take(MIN_SLOT);
  let end = slot.offset;
  try {
    for (;;) {
      const { memory: { bytes }, offset, size } = slot;
      const read = conn.read(bytes.subarray(end, offset + size));
      const count = await Promise.race([read, late]);
      if (count === "late") {
        const abandoned = slot;
        read.catch(() => {}).finally(() => slots.give(abandoned));
        return refused(
          408,
          `The request's head took over ${timeout / 1000} s.`,
        );
      }
      if (count === null) {
        slots.give(slot);
        return { kind: "gone" };
      }
      const start = findHeadEnd(
        bytes.subarray(offset, end + count),
        end - offset,
      );
      end += count;
      if (start >= 0) {
        const text = latin1(bytes.subarray(offset, offset + start));
        return { kind: "head", text, slot, start: offset + start, end };
      }
      if (end - offset >= MAX_HEAD) {
        slots.give(slot);
        return refused(431, `A request's head has at most ${MAX_HEAD} bytes.`);
      }
      if (end === offset + size) {
        const larger = slots.take(size * 2);
        larger.view.set(slot.view);
        slots.give(slot);
        slot = larger;
        end = larger.offset + size;
      }
    }
  } catch {
    slots.give(slot);
    return { kind: "gone" };
  } finally {
    clearTimeout(timer);
  }
}

function latin1(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function refused(status: number, message: string): HeadRead {
  return { kind: "refused", error: { status, message } };
}
