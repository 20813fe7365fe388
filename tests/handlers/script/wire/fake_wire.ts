/**
 * A taken-over connection without a socket.
 *
 * @module
 */

import type { Wire } from "../../../../lib/wire.ts";

/** Reads what the test gives it, and keeps what is written. */
export class FakeWire implements Wire {
  readonly id = "1";
  readonly remoteAddr: Deno.Addr = {
    transport: "tcp",
    hostname: "127.0.0.1",
    port: 1,
  };
  readonly requestHead = "";
  readonly response = new Uint8Array(0);
  readonly closing: AbortSignal = new AbortController().signal;
  isClosed = false;
  /** Bytes that are charged. */
  charged = 0;
  /** The writes. */
  readonly written: Uint8Array[] = [];
  readonly #input: Uint8Array<ArrayBuffer>[];

  /**
   * Makes a connection that is open.
   *
   * @param input the result of each read; then the client ends its output
   */
  constructor(input: Uint8Array<ArrayBuffer>[] = []) {
    this.#input = [...input];
  }

  read(): Promise<Uint8Array<ArrayBuffer> | undefined> {
    return Promise.resolve(this.#input.shift());
  }

  write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    this.written.push(bytes.slice());
    return Promise.resolve();
  }

  closeWrite(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    this.isClosed = true;
  }

  reset(): Promise<boolean> {
    this.close();
    return Promise.resolve(false);
  }

  count(): void {}

  charge(bytes: number): void {
    this.charged += bytes;
  }
}
