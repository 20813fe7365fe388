/**
 * Answers that a client reads as slowly as it likes.
 *
 * @module
 */

/** Bytes that the runtime gets at a time; it holds them until they are sent. */
const PIECE = 64 * 1024;

const encoder = new TextEncoder();

/**
 * Makes the body of a response, which is handed over as the client reads it. A
 * shutdown hands all of it over at once.
 *
 * @param text all of it
 * @param stopping aborted when the service has no time left to wait
 * @param done called when the last piece was handed over or the client has left
 */
export function pacedBody(
  text: string,
  stopping: AbortSignal,
  done: () => void,
): BodyInit {
  const bytes = encoder.encode(text);
  if (bytes.length <= PIECE) {
    done();
    return bytes;
  }
  let at = 0;
  const end = () => {
    stopping.removeEventListener("abort", stop);
    done();
  };
  const send = (
    controller: ReadableStreamDefaultController<Uint8Array>,
    size: number,
  ) => {
    controller.enqueue(bytes.subarray(at, at + size));
    at += size;
    if (at < bytes.length) return;
    controller.close();
    end();
  };
  let stop = () => {};
  return new ReadableStream<Uint8Array>({
    start(controller) {
      stop = () => send(controller, bytes.length);
      stopping.addEventListener("abort", stop);
    },
    pull: (controller) =>
      send(controller, stopping.aborted ? bytes.length : PIECE),
    cancel: end,
  }, { highWaterMark: 0 });
}
