/**
 * Response bodies that are sent as fast as the client reads.
 *
 * @module
 */

/** Bytes of a chunk; the runtime holds a chunk until it is sent. */
const CHUNK = 64 * 1024;

const encoder = new TextEncoder();

/**
 * Makes the body of a response. A text of up to 64 KiB is handed to the runtime whole;
 * a longer one in chunks, as the client reads. A shutdown hands over the rest at once.
 *
 * @param stopping aborted by a shutdown
 * @param done called when the last chunk is handed over or the client has left
 */
export function pacedBody(
  text: string,
  stopping: AbortSignal,
  done: () => void,
): BodyInit {
  const bytes = encoder.encode(text);
  if (bytes.length <= CHUNK) {
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
      send(controller, stopping.aborted ? bytes.length : CHUNK),
    cancel: end,
  }, { highWaterMark: 0 });
}
