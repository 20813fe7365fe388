/**
 * Reading request bodies within limits of size, memory and time.
 *
 * @module
 */

import type { RequestSlot } from "../limits/long_running_requests.ts";
import {
  type HttpError,
  RefusedError,
  retryLater,
  TOO_LITTLE_MEMORY,
} from "../protocol/http_error.ts";

/** Limits of a {@linkcode BodyReader}. */
export interface BodyLimits {
  /** Bytes of a body. */
  readonly size: number;
  /** Bytes of all bodies in memory at a time. */
  readonly total: number;
  /**
   * Bytes of the bodies of one client.
   * @default {@linkcode BodyLimits.total}
   */
  readonly perClient?: number;
  /** Milliseconds until a body has to be complete. */
  readonly timeout: number;
  /** Aborted by a shutdown. */
  readonly stopping: AbortSignal;
}

/** A body in memory; its bytes are counted until it is disposed of. */
export interface Body extends Disposable {
  /** The whole body. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Reads bodies within limits. */
export class BodyReader {
  readonly #limits: BodyLimits;
  /** Bytes of each client with a body in memory. */
  readonly #heldBy = new Map<string, number>();
  #held = 0;

  /** Makes a reader. */
  constructor(limits: BodyLimits) {
    this.#limits = limits;
  }

  /** Bytes of all bodies in memory. */
  get held(): number {
    return this.#held;
  }

  /**
   * Reads a body; stops as soon as it exceeds a limit.
   *
   * @param request a request whose body is unread
   * @param slot counts the bytes for its client and charges them; unset: neither
   * @throws {RefusedError} 413 if the body is too long, 408 if it takes too long, 400
   * if it ends early, 429 if the client's bodies hold too much, 503 if all bodies hold
   * too much, memory is tight or the service is stopping
   */
  async read(
    request: Request,
    slot?: Pick<RequestSlot, "client" | "charge" | "reclaimed">,
  ): Promise<Body> {
    const { size, total, perClient = total } = this.#limits;
    if (Number(request.headers.get("content-length")) > size) {
      throw new RefusedError(tooLong(size));
    }
    const chunks: Uint8Array[] = [];
    let length = 0;
    const release = () => {
      this.#hold(slot?.client, -length);
      slot?.charge(-length);
      length = 0;
    };
    try {
      for await (const chunk of this.#chunks(request, slot?.reclaimed)) {
        length += chunk.length;
        const heldByClient = this.#hold(slot?.client, chunk.length);
        slot?.charge(chunk.length);
        if (length > size) throw new RefusedError(tooLong(size));
        if (heldByClient > perClient) throw new RefusedError(TOO_MUCH);
        if (this.#held > total) throw new RefusedError(BUSY);
        chunks.push(chunk);
      }
    } catch (error) {
      release();
      throw error;
    }
    return { bytes: joined(chunks, length), [Symbol.dispose]: release };
  }

  /** Counts bytes; returns the bytes of the client's bodies. */
  #hold(client: string | undefined, bytes: number): number {
    this.#held += bytes;
    if (client === undefined) return 0;
    const held = (this.#heldBy.get(client) ?? 0) + bytes;
    if (held > 0) this.#heldBy.set(client, held);
    else this.#heldBy.delete(client);
    return held;
  }

  /** Gives the chunks of a body as they arrive, until the timeout or a shutdown. */
  async *#chunks(
    request: Request,
    reclaimed?: AbortSignal,
  ): AsyncGenerator<Uint8Array> {
    if (request.body === null) return;
    const { timeout, stopping } = this.#limits;
    const reader = request.body.getReader();
    const { promise: interrupted, reject } = Promise.withResolvers<never>();
    interrupted.catch(() => {});
    const stop = () => reject(new RefusedError(STOPPING));
    const reclaim = () => reject(new RefusedError(TOO_LITTLE_MEMORY));
    const timer = setTimeout(
      () => reject(new RefusedError(tooSlow(timeout))),
      timeout,
    );
    stopping.addEventListener("abort", stop);
    reclaimed?.addEventListener("abort", reclaim);
    if (stopping.aborted) stop();
    try {
      for (;;) {
        const read = reader.read().catch((cause) => {
          throw new RefusedError(INCOMPLETE, { cause });
        });
        const { value } = await Promise.race([read, interrupted]);
        if (value === undefined) {
          // A body that is locked is being read; see `openAnswer()`.
          reader.releaseLock();
          return;
        }
        yield value;
      }
    } finally {
      clearTimeout(timer);
      stopping.removeEventListener("abort", stop);
      reclaimed?.removeEventListener("abort", reclaim);
      reader.cancel().catch(() => {});
    }
  }
}

const BUSY = retryLater(503, "The server holds too many request bodies.");

const TOO_MUCH = retryLater(
  429,
  "The server holds too many request bodies of this address.",
);

const INCOMPLETE: HttpError = {
  status: 400,
  message: "The body is incomplete.",
};

const STOPPING: HttpError = {
  status: 503,
  message: "The server is shutting down.",
};

function tooLong(size: number): HttpError {
  return {
    status: 413,
    message: `The body exceeds the limit of ${size} bytes.`,
  };
}

function tooSlow(timeout: number): HttpError {
  return {
    status: 408,
    message: `The body was not complete after ${timeout / 1000} s.`,
  };
}

function joined(
  chunks: readonly Uint8Array[],
  length: number,
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
