/**
 * A connection of the operating system whose reads and writes the test settles.
 * It is as unkind as the real one may be: it scribbles over the buffer of a read
 * that is under way, and looks whether anybody else does.
 *
 * @module
 */

import {
  hasWaitingWork,
  othersFirst,
} from "../../../lib/scheduling/scheduler.ts";

/** Bytes, as everything in here makes them. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** A buffer that is the runtime's until the promise settles. */
interface Operation<Result> {
  readonly buffer: Bytes;
  readonly deferred: PromiseWithResolvers<Result>;
}

/** A write, and what was in its buffer when it began. */
interface Write extends Operation<number> {
  readonly content: Bytes;
}

/** What the unread part of a read's buffer is filled with, at both of its ends. */
const SCRIBBLE = 0xa5;

/** Bytes of it at each end. */
const EDGE = 16;

/** The operations of all connections that are under way. */
const underWay = new Set<Operation<number> | Operation<number | null>>();

const ADDRESS: Deno.NetAddr = {
  transport: "tcp",
  hostname: "127.0.0.1",
  port: 50000,
};

/** A connection without a network. */
export class FakeConn implements Deno.Conn {
  /** The peer. */
  readonly remoteAddr: Deno.NetAddr = ADDRESS;
  /** This side. */
  readonly localAddr: Deno.NetAddr = ADDRESS;
  /** Rules that the user of the connection broke, in words. */
  readonly faults: string[] = [];
  /** Bytes that each finished write took. */
  readonly writes: number[] = [];
  /** Whether writes wait for {@linkcode FakeConn.release}. */
  holdsWrites = false;
  /** Bytes that a write takes at most, where writes do not wait. */
  writeLimit = Infinity;
  /** Whether `close` rejects what is under way, as the runtime does soon after. */
  settlesOnClose = true;
  /** What `closeWrite` rejects with. */
  closeWriteError: Error | undefined;
  /** Calls of `closeWrite`. */
  halfCloses = 0;
  /** Calls of `close`. */
  closes = 0;

  readonly #arrived: (Bytes | null)[] = [];
  readonly #written: Bytes[] = [];
  #read: Operation<number | null> | undefined;
  #write: Write | undefined;

  /** Whether a read is under way. */
  get isReading(): boolean {
    return this.#read !== undefined;
  }

  /** Whether a write is under way. */
  get isWriting(): boolean {
    return this.#write !== undefined;
  }

  /** The buffer of the read that is under way. */
  get readBuffer(): Bytes {
    if (this.#read === undefined) throw new Error("no read is under way");
    return this.#read.buffer;
  }

  /** Bytes of the write that is under way. */
  get writeLength(): number {
    return this.#write?.buffer.length ?? 0;
  }

  /** All that was written. */
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

  // The runtime's side.

  /** Begins a read; it ends when something has arrived. */
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
    if (this.halfCloses > 0) this.faults.push("a write behind closeWrite");
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

  /** Closes; what is under way fails. */
  close(): void {
    if (++this.closes > 1) throw closed();
    if (!this.settlesOnClose) return;
    if (this.isReading) this.failRead(interrupted());
    if (this.isWriting) this.failWrite(interrupted());
  }

  // The test's side.

  /**
   * Bytes arrive: in one read, as far as its buffer holds them.
   *
   * @param bytes at least one
   */
  arrive(bytes: Bytes): void {
    this.#arrived.push(bytes);
    if (this.isReading) this.#endRead();
  }

  /** The peer ends its side, behind all that has arrived. */
  arriveEnd(): void {
    this.#arrived.push(null);
    if (this.isReading) this.#endRead();
  }

  /**
   * Ends the write that is under way.
   *
   * @param count bytes that it takes at most
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
   * Has the read that is under way fail.
   *
   * @param error why
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
   * Has the write that is under way fail.
   *
   * @param error why
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

  // What nobody asks for here.

  /** Nothing to keep alive. */
  ref(): void {}

  /** Nothing to keep alive. */
  unref(): void {}

  /** Not there. */
  get readable(): ReadableStream<Bytes> {
    throw new Error("a fake has no streams");
  }

  /** Not there. */
  get writable(): WritableStream<Uint8Array<ArrayBufferLike>> {
    throw new Error("a fake has no streams");
  }

  /** Closes. */
  [Symbol.dispose](): void {
    this.close();
  }
}

/** Turns for those who yield to others again and again. */
const TURNS = 8;

/** Resolves when everything that is due has run, and what lets others go first, too. */
export async function quiet(): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 0));
  for (let turn = 0; turn < TURNS && hasWaitingWork(); turn++) {
    await othersFirst();
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

/** Both have the same length. */
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
  return new Deno.errors.ConnectionReset("Connection reset by peer");
}
