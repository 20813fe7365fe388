/**
 * Reading request bodies within limits of size, memory and time.
 *
 * @module
 */

import type { RequestSlot } from "../limits/long_running_requests.ts";
import { ByteCollector } from "../memory/byte_collector.ts";
import { free } from "../memory/resize.ts";
import {
  type HttpError,
  RefusedError,
  retryLater,
  TOO_LITTLE_MEMORY,
} from "../protocol/http_error.ts";
import { SmallChunks } from "./small_chunks.ts";

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
   * @throws {RefusedError} 413 if the body is too long or in too many small chunks, 408
   * if it takes too long, 400 if it ends early, 429 if the client's bodies hold too much,
   * 503 if all bodies hold too much, memory is tight or the service is stopping
   */
  async read(
    request: Request,
    slot?: Pick<RequestSlot, "client" | "charge" | "reclaimed">,
  ): Promise<Body> {
    const { size, total, perClient = total } = this.#limits;
    if (Number(request.headers.get("content-length")) > size) {
      throw new RefusedError(tooLong(size));
    }
    const collected = new ByteCollector();
    const smallChunks = new SmallChunks();
    let held = 0;
    const release = () => {
      this.#hold(slot?.client, -held);
      slot?.charge(-held);
      held = 0;
    };
    try {
      for await (
        const chunk of this.#chunks(request, smallChunks, slot?.reclaimed)
      ) {
        held += chunk.length;
        const heldByClient = this.#hold(slot?.client, chunk.length);
        slot?.charge(chunk.length);
        if (held > size) throw new RefusedError(tooLong(size));
        if (heldByClient > perClient) throw new RefusedError(TOO_MUCH);
        if (this.#held > total) throw new RefusedError(BUSY);
        collected.append(chunk);
        // The runtime gives each chunk 64 KiB, and V8 collects them late.
        free(chunk.buffer);
      }
    } catch (error) {
      release();
      const isLast = smallChunks.isLong && error instanceof RefusedError;
      throw isLast ? lastRefusal(error) : error;
    }
    return { bytes: collected.take().slice(), [Symbol.dispose]: release };
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
    { body }: Request,
    smallChunks: SmallChunks,
    reclaimed?: AbortSignal,
  ): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    if (body === null) return;
    const { timeout, stopping } = this.#limits;
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
    const reader = body.getReader();
    try {
      for (;;) {
        smallChunks.begin();
        const read = reader.read().catch((cause) => {
          throw new RefusedError(INCOMPLETE, { cause });
        });
        const { value } = await Promise.race([read, interrupted]);
        if (value === undefined) {
          // A body that is locked is being read; see `openAnswer()`.
          reader.releaseLock();
          return;
        }
        smallChunks.end(value.length);
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

/** A refusal that ends the connection, so that the runtime does not read the rest. */
function lastRefusal({ answer, cause }: RefusedError): RefusedError {
  return new RefusedError(answer, { cause, endsConnection: true });
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
