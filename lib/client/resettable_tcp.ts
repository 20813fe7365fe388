/**
 * A TCP connection on `node:net`, which can send RST: the connections of
 * `Deno.connect` cannot.
 *
 * @module
 */

import { connect, type Socket } from "node:net";
import type { ByteStream } from "./dial.ts";

/** A TCP connection that reads only on request, one chunk of at most 64 KiB ahead. */
export class ResettableTcp implements ByteStream {
  readonly #socket: Socket;
  /** Received bytes that are not read. */
  #chunk: Uint8Array = new Uint8Array(0);
  #hasEnded = false;
  #error: Error | undefined;
  /** Ends the wait of a read. */
  #wake = () => {};
  readonly #closed = Promise.withResolvers<void>();

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (chunk: Uint8Array) => {
      socket.pause();
      this.#chunk = chunk;
      this.#wake();
    });
    socket.on("end", () => this.#end());
    socket.on("error", (error) => this.#end(error));
    socket.on("close", () => {
      this.#end();
      this.#closed.resolve();
    });
    socket.pause();
  }

  /**
   * Connects.
   *
   * @param hostname a name or an address
   * @param port of the server
   * @param signal aborts the attempt
   * @throws the error of `node:net`; its `code` has the reason
   * @throws the signal's reason when it is aborted
   */
  static async connect(
    hostname: string,
    port: number,
    signal?: AbortSignal,
  ): Promise<ResettableTcp> {
    const opened = Promise.withResolvers<void>();
    const socket = connect({
      host: hostname,
      port,
      allowHalfOpen: true,
      noDelay: true,
    }, opened.resolve);
    const abort = () => opened.reject(signal!.reason);
    signal?.addEventListener("abort", abort);
    socket.once("error", opened.reject);
    try {
      await opened.promise;
      return new ResettableTcp(socket);
    } catch (error) {
      socket.destroy();
      throw error;
    } finally {
      socket.off("error", opened.reject);
      signal?.removeEventListener("abort", abort);
    }
  }

  /**
   * Reads; one call at a time.
   *
   * @param buffer is filled from its start
   * @returns the number of bytes; `null` at the end
   * @throws the error of `node:net` after a reset
   */
  async read(buffer: Uint8Array): Promise<number | null> {
    while (this.#chunk.length === 0) {
      if (this.#error !== undefined) throw this.#error;
      if (this.#hasEnded) return null;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      this.#socket.resume();
      await promise;
    }
    const count = Math.min(buffer.length, this.#chunk.length);
    buffer.set(this.#chunk.subarray(0, count));
    this.#chunk = this.#chunk.subarray(count);
    return count;
  }

  /**
   * Writes all bytes.
   *
   * @param bytes must not change before the promise settles
   * @returns their number
   */
  write(bytes: Uint8Array): Promise<number> {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    this.#socket.write(
      bytes,
      (error) => error ? reject(error) : resolve(bytes.length),
    );
    return promise;
  }

  /** Sends FIN; the connection can still be read. */
  closeWrite(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#socket.end(resolve);
    return promise;
  }

  /** Closes the connection. */
  close(): void {
    this.#socket.destroy();
  }

  /** Sends RST. */
  reset(): void {
    this.#socket.resetAndDestroy();
  }

  /** Resolves when the connection is closed. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  #end(error?: Error): void {
    this.#hasEnded = true;
    this.#error ??= error;
    this.#wake();
  }
}
