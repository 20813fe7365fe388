/**
 * A connection without a network, whose reads and writes the test settles. It
 * overwrites the buffer of a pending read, and detects other writes to it.
 *
 * @module
 */

import {
  hasWaitingWork,
  nextSlice,
} from "../../../lib/scheduling/scheduler.ts";

/** Bytes in an ArrayBuffer. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** A pending operation; its buffer is the runtime's until the promise settles. */
interface Operation<Result> {
  readonly buffer: Bytes;
  readonly deferred: PromiseWithResolvers<Result>;
}

/** A write, and the content of its buffer when it began. */
interface Write extends Operation<number> {
  readonly content: Bytes;
}

/** Fills both ends of a pending read's buffer. */
const SCRIBBLE = 0xa5;

/** Bytes that are filled at each end. */
const EDGE = 16;

/** The pending operations of all connections. */
const underWay = new Set<Operation<number> | Operation<number | null>>();

const ADDRESS: Deno.NetAddr = {
  transport: "tcp",
  hostname: "127.0.0.1",
  port: 50000,
};

/** A connection without a network. */
export class FakeConn implements Deno.Conn {
  /** The client's address. */
  readonly remoteAddr: Deno.NetAddr = ADDRESS;
  /** The server's address. */
  readonly localAddr: Deno.NetAddr = ADDRESS;
  /** The rules that the user of the connection broke. */
  readonly faults: string[] = [];
  /** Bytes of each finished write. */
  readonly writes: number[] = [];
  /** Whether writes wait for {@linkcode FakeConn.release}. */
  holdsWrites = false;
  /** Bytes of one write at most, where writes do not wait. */
  writeLimit = Infinity;
  /** Whether `close` rejects pending operations, as the runtime does soon after. */
  settlesOnClose = true;
  /** The error of `closeWrite`. */
  closeWriteError: Error | undefined;
  /** Calls of `closeWrite`. */
  halfCloses = 0;
  /** Calls of `close`. */
  closes = 0;

  readonly #arrived: (Bytes | null)[] = [];
  readonly #written: Bytes[] = [];
  #read: Operation<number | null> | undefined;
  #write: Write | undefined;

  /** Whether a read is pending. */
  get isReading(): boolean {
    return this.#read !== undefined;
  }

  /** Whether a write is pending. */
  get isWriting(): boolean {
    return this.#write !== undefined;
  }

  /** The buffer of the pending read. */
  get readBuffer(): Bytes {
    if (this.#read === undefined) throw new Error("no read is under way");
    return this.#read.buffer;
  }

  /** Bytes of the pending write. */
  get writeLength(): number {
    return this.#write?.buffer.length ?? 0;
  }

  /** All written bytes. */
  get written(): Bytes {
    const all = new Uint8Array(
      this.writes.reduce((sum, size) => sum + size, 0),
    );
    let at = 0;
    for (const run of this.#written) {
      all.set(run, at);
      at += run.length;
    }
    return all;
  }

  // The transport calls the following methods.

  /** Begins a read; it ends when bytes have arrived. */
  read(buffer: Bytes): Promise<number | null> {
    if (this.closes > 0) return Promise.reject(closed());
    if (this.#read !== undefined) this.faults.push("two reads at once");
    if (buffer.length === 0) this.faults.push("a read without room");
    const deferred = Promise.withResolvers<number | null>();
    this.#read = { buffer, deferred };
    this.#begin(this.#read);
    scribble(buffer);
    if (this.#arrived.length > 0) this.#endRead();
    return deferred.promise;
  }

  /** Begins a write; where writes are not held, it ends at once. */
  write(buffer: Bytes): Promise<number> {
    if (this.closes > 0) return Promise.reject(closed());
    if (this.halfCloses > 0) this.faults.push("a write after closeWrite");
    if (this.#write !== undefined) this.faults.push("two writes at once");
    if (buffer.length === 0) this.faults.push("a write of nothing");
    const deferred = Promise.withResolvers<number>();
    this.#write = { buffer, deferred, content: buffer.slice() };
    this.#begin(this.#write);
    if (!this.holdsWrites) this.release(this.writeLimit);
    return deferred.promise;
  }

  /** Half-closes. */
  closeWrite(): Promise<void> {
    if (this.closes > 0) return Promise.reject(closed());
    if (this.#write !== undefined) {
      this.faults.push("closeWrite cut a write off");
    }
    this.halfCloses++;
    return this.closeWriteError === undefined
      ? Promise.resolve()
      : Promise.reject(this.closeWriteError);
  }

  /** Closes; pending operations fail. */
  close(): void {
    if (++this.closes > 1) throw closed();
    if (!this.settlesOnClose) return;
    if (this.isReading) this.failRead(interrupted());
    if (this.isWriting) this.failWrite(interrupted());
  }

  // The test calls the following methods.

  /**
   * Bytes arrive, in one read if they fit its buffer.
   *
   * @param bytes at least one
   */
  arrive(bytes: Bytes): void {
    this.#arrived.push(bytes);
    if (this.isReading) this.#endRead();
  }

  /** The client ends its side, after all bytes that have arrived. */
  arriveEnd(): void {
    this.#arrived.push(null);
    if (this.isReading) this.#endRead();
  }

  /**
   * Ends the pending write.
   *
   * @param count bytes that it writes at most
   */
  release(count = Infinity): void {
    const write = this.#write;
    if (write === undefined) throw new Error("no write is under way");
    const taken = Math.min(count, write.buffer.length);
    if (!equal(write.buffer, write.content)) {
      this.faults.push(
        "the bytes of a write were changed while it was pending",
      );
    }
    this.#written.push(write.content.subarray(0, taken));
    this.writes.push(taken);
    this.#write = undefined;
    underWay.delete(write);
    write.deferred.resolve(taken);
  }

  /**
   * Fails the pending read.
   *
   * @param error the error
   */
  failRead(error: Error = reset()): void {
    const read = this.#read;
    if (read === undefined) throw new Error("no read is under way");
    this.#checkRead(read);
    this.#read = undefined;
    underWay.delete(read);
    read.deferred.reject(error);
  }

  /**
   * Fails the pending write.
   *
   * @param error the error
   */
  failWrite(error: Error = reset()): void {
    const write = this.#write;
    if (write === undefined) throw new Error("no write is under way");
    this.#write = undefined;
    underWay.delete(write);
    write.deferred.reject(error);
  }

  #endRead(): void {
    const read = this.#read!;
    this.#checkRead(read);
    this.#read = undefined;
    underWay.delete(read);
    const next = this.#arrived.shift()!;
    if (next === null) return read.deferred.resolve(null);
    const count = Math.min(next.length, read.buffer.length);
    read.buffer.set(next.subarray(0, count));
    if (count < next.length) this.#arrived.unshift(next.subarray(count));
    read.deferred.resolve(count);
  }

  #begin(operation: Operation<number> | Operation<number | null>): void {
    for (const other of underWay) {
      if (overlap(operation.buffer, other.buffer)) {
        this.faults.push("two operations share memory");
      }
    }
    underWay.add(operation);
  }

  #checkRead({ buffer }: Operation<number | null>): void {
    if (!isScribbled(buffer)) {
      this.faults.push(
        "the buffer of a read was written to while it was pending",
      );
    }
  }

  // The engine does not use the following members.

  /** Does nothing. */
  ref(): void {}

  /** Does nothing. */
  unref(): void {}

  /** Throws. */
  get readable(): ReadableStream<Bytes> {
    throw new Error("a fake has no streams");
  }

  /** Throws. */
  get writable(): WritableStream<Uint8Array<ArrayBufferLike>> {
    throw new Error("a fake has no streams");
  }

  /** Closes. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/** Slices for work that yields repeatedly. */
const SLICES = 8;

/** Resolves when all pending work has run, including work that yielded. */
export async function quiet(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  for (let slice = 0; slice < SLICES && hasWaitingWork(); slice++) {
    await nextSlice();
  }
}

function scribble(buffer: Bytes): void {
  buffer.fill(SCRIBBLE, 0, EDGE);
  buffer.fill(SCRIBBLE, Math.max(buffer.length - EDGE, 0));
}

function isScribbled(buffer: Bytes): boolean {
  for (let i = 0; i < Math.min(EDGE, buffer.length); i++) {
    if (buffer[i] !== SCRIBBLE) return false;
    if (buffer[buffer.length - 1 - i] !== SCRIBBLE) return false;
  }
  return true;
}

function overlap(a: Bytes, b: Bytes): boolean {
  return a.buffer === b.buffer && a.byteOffset < b.byteOffset + b.length &&
    b.byteOffset < a.byteOffset + a.length;
}

/** Compares arrays of one length. */
function equal(a: Bytes, b: Bytes): boolean {
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function closed(): Error {
  return new Deno.errors.BadResource("Bad resource ID");
}

function interrupted(): Error {
  return new Deno.errors.Interrupted("operation canceled");
}

function reset(): Error {
  return new Deno.errors.ConnectionReset("Connection reset by client");
}
