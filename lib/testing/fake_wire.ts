/**
 * A taken-over connection without a socket.
 *
 * @module
 */

import { toLatin1 } from "../protocol/latin1.ts";
import { CLOSE_CODE } from "../protocol/close_code.ts";
import { ConnectionClosedError } from "../protocol/errors.ts";
import type { Traffic } from "../websocket.ts";
import type { Wire, WireClosing, WireTap } from "../wire.ts";

/**
 * The handshake of a {@linkcode FakeWire}.
 *
 * @example
 * ```ts
 * import { FakeWire, type FakeWireOptions } from "@ws-echo/server/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const options: FakeWireOptions = {
 *   remoteAddr: { transport: "tcp", hostname: "192.0.2.1", port: 5000 },
 *   requestHead: "GET /ws HTTP/1.1\r\nHost: localhost\r\n\r\n",
 *   response: new TextEncoder().encode("HTTP/1.1 101 Switching\r\n\r\n"),
 * };
 * const fake = new FakeWire(options);
 * await fake.run((wire) => wire.write(wire.response));
 * assertEquals(fake.written, options.response);
 * ```
 */
export interface FakeWireOptions {
  /** Address of the transport's remote end. */
  readonly remoteAddr: Deno.Addr;
  /** The request head as received. */
  readonly requestHead: string;
  /** The 101 response that a listener would have sent. */
  readonly response: Uint8Array<ArrayBuffer>;
  /** Gets the bytes that the handler reads and writes. */
  readonly tap?: WireTap | undefined;
}

/** A read of the handler that waits for bytes. */
interface Reading
  extends PromiseWithResolvers<Uint8Array<ArrayBuffer> | undefined> {
  readonly maxBytes: number;
}

/**
 * The wire that a handler of `takeOver` sees. It records the handler's calls, and a test
 * acts as the client. {@linkcode openWire} makes it.
 *
 * @example
 * ```ts
 * import { type FakeWire, openWire } from "@ws-echo/server/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const fake: FakeWire = await openWire({
 *   handshake: () => ({
 *     async takeOver(wire) {
 *       const bytes = await wire.read();
 *       await wire.write(bytes!.toReversed());
 *     },
 *   }),
 *   frame() {},
 * });
 * fake.receive("abc");
 * await fake.finished;
 * assertEquals(new TextDecoder().decode(fake.written), "cba");
 * assertEquals(fake.end, "closed");
 * ```
 */
export class FakeWire implements Wire {
  /** Always `fake-1`. */
  readonly id: string = "fake-1";
  /** Address of the transport's remote end. */
  readonly remoteAddr: Deno.Addr;
  /** The request head as received. */
  readonly requestHead: string;
  /** The 101 response that a listener would have sent. */
  readonly response: Uint8Array<ArrayBuffer>;
  /** The bytes of each write, in order. */
  readonly writes: Uint8Array<ArrayBuffer>[] = [];
  /** The frames that the handler has counted. */
  readonly traffic: Traffic;
  /** The end of the connection: by the handler's calls, or by the client. */
  end: "closed" | "reset" | "disconnected" | undefined;
  /** Whether the handler has ended its output. */
  outputEnded = false;
  /** Bytes that the handler has charged. */
  charged = 0;
  /** The error of the handler; a server logs it. */
  error: unknown;
  /** Resolves when the handler's promise has settled. */
  readonly finished: Promise<void>;

  readonly #tap: WireTap | undefined;
  readonly #finished = Promise.withResolvers<void>();
  readonly #closing = new AbortController();
  readonly #traffic = {
    messagesReceived: 0,
    bytesReceived: 0,
    messagesSent: 0,
    bytesSent: 0,
  };
  #input = new Uint8Array(0);
  #inputEnded = false;
  #endWasRead = false;
  #reading: Reading | undefined;
  #wake = Promise.withResolvers<void>();

  /**
   * Makes a wire.
   *
   * @param options the handshake
   */
  constructor(options: FakeWireOptions) {
    this.remoteAddr = options.remoteAddr;
    this.requestHead = options.requestHead;
    this.response = options.response;
    this.traffic = this.#traffic;
    this.finished = this.#finished.promise;
    this.#tap = options.tap;
    this.#tap?.received(toLatin1(options.requestHead));
  }

  /** Aborted by {@linkcode FakeWire.askToClose} and {@linkcode FakeWire.disconnect}. */
  get closing(): AbortSignal {
    return this.#closing.signal;
  }

  /** Whether the connection is over. */
  get isClosed(): boolean {
    return this.end !== undefined;
  }

  /** All written bytes. */
  get written(): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.writes.flatMap((bytes) => [...bytes]));
  }

  // The handler calls the following methods.

  /**
   * Reads the client's bytes.
   *
   * @param maxBytes maximum number of bytes
   */
  read(maxBytes = Infinity): Promise<Uint8Array<ArrayBuffer> | undefined> {
    if (!(maxBytes >= 1)) {
      return Promise.reject(new RangeError(`cannot read ${maxBytes} bytes`));
    }
    if (this.isClosed) return Promise.reject(closedError());
    if (this.#reading !== undefined) {
      return Promise.reject(new TypeError("a read is under way"));
    }
    const deferred = Promise.withResolvers<
      Uint8Array<ArrayBuffer> | undefined
    >();
    deferred.promise.catch(() => {});
    this.#reading = { ...deferred, maxBytes };
    this.#deliver();
    return deferred.promise;
  }

  /**
   * Records bytes.
   *
   * @param bytes are copied
   */
  write(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    if (this.isClosed || this.outputEnded) return rejected();
    this.writes.push(bytes.slice());
    if (bytes.length > 0) this.#tap?.sent(bytes);
    this.#notify();
    return Promise.resolve();
  }

  /** Records the end of the output. */
  closeWrite(): Promise<void> {
    if (this.isClosed) return rejected();
    if (!this.outputEnded) this.#tap?.outputEnded();
    this.outputEnded = true;
    this.#notify();
    return Promise.resolve();
  }

  /** Ends the connection. */
  close(): void {
    this.#end("closed");
  }

  /** Ends the connection; a fake can always be reset. */
  reset(): Promise<boolean> {
    const isReset = !this.isClosed;
    this.#end("reset");
    return Promise.resolve(isReset);
  }

  /**
   * Counts a frame in {@linkcode FakeWire.traffic}.
   *
   * @param direction of the frame
   * @param bytes of its payload
   * @param endsMessage whether it ends a data message
   */
  count(
    direction: "received" | "sent",
    bytes: number,
    endsMessage: boolean,
  ): void {
    const traffic = this.#traffic;
    if (direction === "received") {
      traffic.bytesReceived += bytes;
      if (endsMessage) traffic.messagesReceived++;
    } else {
      traffic.bytesSent += bytes;
      if (endsMessage) traffic.messagesSent++;
    }
  }

  /**
   * Adds to {@linkcode FakeWire.charged}.
   *
   * @param bytes more, or with a minus sign fewer
   */
  charge(bytes: number): void {
    if (!Number.isFinite(bytes)) throw new RangeError(`${bytes} bytes`);
    this.charged += bytes;
  }

  /**
   * Runs the handler; at its end the connection is closed. {@linkcode openWire} calls it.
   *
   * @param takeOver the handler
   */
  async run(takeOver: (wire: Wire) => Promise<void>): Promise<void> {
    try {
      await takeOver(this);
    } catch (error) {
      const isEnd = error instanceof ConnectionClosedError && this.isClosed;
      if (!isEnd) this.error = error;
    }
    this.close();
    this.#finished.resolve();
  }

  // The test calls the following methods.

  /**
   * The client sends bytes.
   *
   * @param bytes are copied; a string is sent as UTF-8
   */
  receive(bytes: string | Uint8Array): void {
    const more = typeof bytes === "string"
      ? new TextEncoder().encode(bytes)
      : bytes;
    const input = new Uint8Array(this.#input.length + more.length);
    input.set(this.#input);
    input.set(more, this.#input.length);
    this.#input = input;
    this.#deliver();
  }

  /** The client ends its output. */
  endInput(): void {
    this.#inputEnded = true;
    this.#deliver();
  }

  /** The client resets the connection: reads and writes fail. */
  disconnect(): void {
    this.#end("disconnected");
    this.#closing.abort(DISCONNECTED);
  }

  /**
   * The service wants the connection closed.
   *
   * @param code the close code
   * @param reason the reason
   */
  askToClose(code: number = CLOSE_CODE.goingAway, reason: string = ""): void {
    this.#closing.abort({ code, reason } satisfies WireClosing);
  }

  /**
   * Waits for output, or for the end.
   *
   * @param bytes that are written in all, at least
   * @returns all written bytes
   */
  async output(bytes: number): Promise<Uint8Array<ArrayBuffer>> {
    while (this.written.length < bytes && !this.isClosed && !this.outputEnded) {
      await this.#wake.promise;
    }
    return this.written;
  }

  #deliver(): void {
    const reading = this.#reading;
    if (reading === undefined) return;
    if (this.#input.length > 0) {
      const taken = this.#input.slice(0, reading.maxBytes);
      this.#input = this.#input.slice(taken.length);
      this.#tap?.received(taken);
      reading.resolve(taken);
    } else if (this.#inputEnded) {
      if (!this.#endWasRead) this.#tap?.inputEnded();
      this.#endWasRead = true;
      reading.resolve(undefined);
    } else return;
    this.#reading = undefined;
  }

  #end(end: "closed" | "reset" | "disconnected"): void {
    if (this.end === undefined) {
      this.#tap?.ended(end === "disconnected" ? "failed" : "closed");
      this.end = end;
    }
    this.#reading?.reject(closedError());
    this.#reading = undefined;
    this.#notify();
  }

  #notify(): void {
    this.#wake.resolve();
    this.#wake = Promise.withResolvers();
  }
}

const DISCONNECTED: WireClosing = {
  code: CLOSE_CODE.abnormal,
  reason: "the connection has failed",
};

function closedError(): ConnectionClosedError {
  return new ConnectionClosedError("the connection is over");
}

/** A rejection that no code waits for has no effect. */
function rejected(): Promise<never> {
  const promise = Promise.reject(closedError());
  promise.catch(() => {});
  return promise;
}
