/**
 * Response bodies whose text is made as fast as the client reads.
 *
 * @module
 */

import { isSliceOver, nextSlice } from "../scheduling/scheduler.ts";

/** Characters of a chunk; the runtime holds a chunk until it is sent. */
export const CHUNK = 16 * 1024;

/** What a body calls. */
export interface PacedBodyOptions {
  /**
   * Called with the change of the memory that the body holds, in bytes.
   *
   * @param bytes change of the number of bytes
   */
  charge(bytes: number): void;
  /** Called once, when the last chunk is handed over or the client has left. */
  done(): void;
}

const encoder = new TextEncoder();

/**
 * Makes the body of a response from pieces of text. About a chunk of pieces is made when
 * the client has read the one before it, and other connections come first.
 *
 * @param pieces must not throw, and each should be shorter than a chunk
 * @param options memory and the end
 */
export function pacedBody(
  pieces: Iterable<string>,
  { charge, done }: PacedBodyOptions,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const iterator = pieces[Symbol.iterator]();
  let held = 0;
  let isOver = false;
  const hold = (bytes: number) => {
    charge(bytes - held);
    held = bytes;
  };
  const end = () => {
    isOver = true;
    hold(0);
    done();
  };
  return new ReadableStream({
    async pull(controller) {
      await nextSlice();
      if (isOver) return;
      const text = nextChunk(iterator);
      if (text === "") {
        controller.close();
        return end();
      }
      const bytes = encoder.encode(text);
      hold(bytes.length);
      controller.enqueue(bytes);
    },
    cancel: end,
  }, { highWaterMark: 0 });
}

/** Takes pieces until they are a chunk or the slice is over; `""` after the last one. */
function nextChunk(pieces: Iterator<string>): string {
  let text = "";
  while (text === "" || (text.length < CHUNK && !isSliceOver())) {
    const { value, done } = pieces.next();
    if (done) break;
    text += value;
  }
  return text;
}

/**
 * Cuts a text into pieces for {@linkcode pacedBody}, between code points.
 *
 * @param text of any length
 */
export function* cutText(text: string): Generator<string> {
  for (let at = 0; at < text.length;) {
    const next = at + CHUNK;
    const isPairCut = text.codePointAt(next - 1)! > 0xffff;
    const end = isPairCut ? next + 1 : next;
    yield text.slice(at, end);
    at = end;
  }
}
