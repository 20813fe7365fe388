/**
 * Reading the body of a request that nobody vouches for.
 *
 * @module
 */

import type { HttpError } from "../protocol/http_error.ts";
import type { Place } from "../limits/long_running_requests.ts";

/** How much may be read, how fast and by how many. */
export interface BodyLimits {
  /** Bytes of a body. */
  readonly size: number;
  /** Bytes of all bodies that are held at a time. */
  readonly total: number;
  /**
   * Bytes of those of one client.
   * @default as many as of all
   */
  readonly perClient?: number;
  /** Milliseconds until a body has to be complete. */
  readonly timeout: number;
  /** Aborted when the service has no time left to wait. */
  readonly stopping: AbortSignal;
}

/** A body in memory, counted until it is disposed of. */
export interface Body extends Disposable {
  /** All of it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** A body that was not read to its end. */
export class BodyError extends Error {
  /** The class's name. */
  override readonly name = "BodyError";
  /** What to tell the peer. */
  readonly answer: HttpError;

  /**
   * Says what to answer.
   *
   * @param answer the refusal
   * @param options the cause, if there is one
   */
  constructor(answer: HttpError, options?: ErrorOptions) {
    super(answer.message, options);
    this.answer = answer;
  }
}

/** Reads bodies within limits. */
export class BodyReader {
  readonly #limits: BodyLimits;
  /** Bytes of each client that has any. */
  readonly #heldBy = new Map<string, number>();
  #held = 0;

  /**
   * Starts with nothing held.
   *
   * @param limits for one body and for all
   */
  constructor(limits: BodyLimits) {
    this.#limits = limits;
  }

  /** Bytes that are held at the moment. */
  get held(): number {
    return this.#held;
  }

  /**
   * Reads a body, and not on once it is too long.
   *
   * @param request whose body was not touched
   * @param place counts it for a client, and charges it; unset: it is not counted
   * @throws {BodyError} it is too long (413), takes too long (408), is cut off
   * (400), or comes while too much is held of the client (429), or of all, or the
   * service stops (503)
   */
  async read(
    request: Request,
    place?: Pick<Place, "client" | "charge">,
  ): Promise<Body> {
    const { size, total, perClient = total } = this.#limits;
    if (Number(request.headers.get("content-length")) > size) {
      throw new BodyError(tooLong(size));
    }
    const chunks: Uint8Array[] = [];
    let length = 0;
    const release = () => {
      this.#hold(place?.client, -length);
      place?.charge(-length);
      length = 0;
    };
    try {
      for await (const chunk of this.#chunks(request)) {
        length += chunk.length;
        const heldByClient = this.#hold(place?.client, chunk.length);
        place?.charge(chunk.length);
        if (length > size) throw new BodyError(tooLong(size));
        if (heldByClient > perClient) throw new BodyError(TOO_MUCH);
        if (this.#held > total) throw new BodyError(BUSY);
        chunks.push(chunk);
      }
    } catch (error) {
      release();
      throw error;
    }
    return { bytes: joined(chunks, length), [Symbol.dispose]: release };
  }

  /** Counts bytes; returns how many are held of the client. */
  #hold(client: string | undefined, bytes: number): number {
    this.#held += bytes;
    if (client === undefined) return 0;
    const held = (this.#heldBy.get(client) ?? 0) + bytes;
    if (held > 0) this.#heldBy.set(client, held);
    else this.#heldBy.delete(client);
    return held;
  }

  /** The pieces of a body as they arrive, until it is time to stop. */
  async *#chunks(request: Request): AsyncGenerator<Uint8Array> {
    if (request.body === null) return;
    const { timeout, stopping } = this.#limits;
    const reader = request.body.getReader();
    const { promise: interrupted, reject } = Promise.withResolvers<never>();
    interrupted.catch(() => {});
    const stop = () => reject(new BodyError(STOPPING));
    const timer = setTimeout(
      () => reject(new BodyError(tooSlow(timeout))),
      timeout,
    );
    stopping.addEventListener("abort", stop);
    if (stopping.aborted) stop();
    try {
      for (;;) {
        const read = reader.read().catch((cause) => {
          throw new BodyError(CUT_OFF, { cause });
        });
        const { value } = await Promise.race([read, interrupted]);
        if (value === undefined) return;
        yield value;
      }
    } finally {
      clearTimeout(timer);
      stopping.removeEventListener("abort", stop);
      reader.cancel().catch(() => {});
    }
  }
}

const BUSY: HttpError = {
  status: 503,
  message: "The server holds too many bodies at the moment.",
  headers: { "retry-after": "5" },
};

const TOO_MUCH: HttpError = {
  status: 429,
  message: "The server holds too many bodies of this address at the moment.",
  headers: { "retry-after": "5" },
};

const CUT_OFF: HttpError = {
  status: 400,
  message: "The body ended before its end.",
};

const STOPPING: HttpError = {
  status: 503,
  message: "The server is shutting down.",
};

function tooLong(size: number): HttpError {
  return { status: 413, message: `A body has at most ${size} bytes.` };
}

function tooSlow(timeout: number): HttpError {
  return { status: 408, message: `The body took over ${timeout / 1000} s.` };
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
