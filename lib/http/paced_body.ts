/**
 * Response bodies that are sent as fast as the client reads.
 *
 * @module
 */

import type { RequestSlot } from "../limits/long_running_requests.ts";
import { RefusedError, TOO_LITTLE_MEMORY } from "../protocol/http_error.ts";
import { isSliceOver, nextSlice } from "../scheduling/scheduler.ts";

/** Characters of a chunk; a text that is no longer needs no pacing. */
export const CHUNK = 16 * 1024;

/**
 * Bytes of a body that the runtime takes although the client does not read: it
 * fills buffers of this size (seen in Deno 2.9.6).
 */
const RUNTIME_BUFFER = 400 * 1024;

/** The slot of a request with a long response. */
export type ResponseSlot =
  & Pick<RequestSlot, "charge" | "reclaimed">
  & Disposable;

const encoder = new TextEncoder();

/**
 * Makes the body of a response from pieces of text. A chunk is made when the client has
 * read those before it, and other connections come first.
 *
 * @param pieces must not throw; one that is longer than a chunk is held until it is sent
 * @param slot is charged, and is disposed of when the last chunk is handed over or the
 * client has left; where it is reclaimed, the response breaks off
 */
export function pacedBody(
  pieces: Iterable<string>,
  slot: ResponseSlot,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const chunks = chunksOf(pieces);
  let sent = 0;
  let charged = 0;
  let isOver = false;
  let breakOff = () => {};
  const end = () => {
    isOver = true;
    slot.reclaimed.removeEventListener("abort", breakOff);
    slot[Symbol.dispose]();
  };
  return new ReadableStream({
    start(controller) {
      breakOff = () => {
        controller.error(new RefusedError(TOO_LITTLE_MEMORY));
        end();
      };
      slot.reclaimed.addEventListener("abort", breakOff);
      if (slot.reclaimed.aborted) breakOff();
    },
    async pull(controller) {
      await nextSlice();
      if (isOver) return;
      const { value, done } = chunks.next();
      if (done) {
        controller.close();
        return end();
      }
      const chunk = encoder.encode(value.chunk);
      sent += chunk.length;
      const held = Math.min(sent, RUNTIME_BUFFER) + value.rest;
      slot.charge(held - charged);
      charged = held;
      controller.enqueue(chunk);
    },
    cancel: end,
  }, { highWaterMark: 0 });
}

/** Joins and cuts pieces; a chunk is short if making its pieces has taken a slice. */
function* chunksOf(
  pieces: Iterable<string>,
): Generator<{ readonly chunk: string; readonly rest: number }> {
  let text = "";
  for (const piece of pieces) {
    text += piece;
    while (text.length >= CHUNK || (text !== "" && isSliceOver())) {
      const end = endOfChunk(text);
      const chunk = text.slice(0, end);
      text = text.slice(end);
      yield { chunk, rest: text.length };
    }
  }
  if (text !== "") yield { chunk: text, rest: 0 };
}

/** Where the first chunk of a text ends: between two code points. */
function endOfChunk(text: string): number {
  return text.codePointAt(CHUNK - 1)! > 0xffff ? CHUNK + 1 : CHUNK;
}
