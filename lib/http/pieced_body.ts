/**
 * Response bodies whose text is made as fast as the client reads.
 *
 * @module
 */

import { nextSlice } from "../scheduling/scheduler.ts";

/** Options of {@linkcode piecedBody}. */
export interface PiecedBodyOptions {
  /** Aborted by a shutdown: the rest is made without waiting for the client. */
  readonly stopping: AbortSignal;
  /**
   * Called with the change of the memory that the body holds, in bytes.
   *
   * @param bytes change of the number of bytes
   */
  charge(bytes: number): void;
  /** Called once, when the last piece is handed over or the client has left. */
  done(): void;
}

const encoder = new TextEncoder();

/**
 * Makes the body of a response from pieces of text. A piece is made when the client has
 * read the one before it, and other connections come first.
 *
 * @param pieces must not throw
 * @param options shutdown, memory and the end
 */
export function piecedBody(
  pieces: Iterable<string>,
  { stopping, charge, done }: PiecedBodyOptions,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const iterator = pieces[Symbol.iterator]();
  let held = 0;
  let isOver = false;
  let stop = () => {};
  const hold = (bytes: number) => {
    charge(bytes - held);
    held = bytes;
  };
  const end = () => {
    if (isOver) return;
    isOver = true;
    stopping.removeEventListener("abort", stop);
    hold(0);
    done();
  };
  const send = async (
    controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>,
  ) => {
    await nextSlice();
    if (isOver) return;
    const piece = nextPiece(iterator);
    if (piece === undefined) {
      controller.close();
      return end();
    }
    const bytes = encoder.encode(piece);
    hold(bytes.length);
    controller.enqueue(bytes);
  };
  return new ReadableStream({
    start(controller) {
      stop = async () => {
        while (!isOver) await send(controller);
      };
      stopping.addEventListener("abort", stop);
    },
    pull: send,
    cancel: end,
  }, { highWaterMark: 0 });
}

/** The next piece that is not empty: a stream asks no more when it gets nothing. */
function nextPiece(pieces: Iterator<string>): string | undefined {
  for (;;) {
    const { value, done } = pieces.next();
    if (done || value !== "") return done ? undefined : value;
  }
}
