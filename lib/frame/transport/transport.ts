/**
 * The bytes below a connection: one read or one write at a time, so that a peer
 * which does not read is not read from.
 *
 * @module
 */

import { Held } from "../../memory/held.ts";
import type { MemoryCharge } from "../../memory/account.ts";
import { sampledNow } from "../../scheduling/sampled_clock.ts";
import { isSliceOver, yieldToOthers } from "../../scheduling/scheduler.ts";
import { MAX_HEADER } from "../codec/header.ts";
import type { Memory } from "../codec/memory.ts";
import { bufferPool, MIN_BUFFER, type ReceiveBuffer } from "./buffer_pool.ts";
import { Output } from "./output.ts";
import type { Socket, SocketUser } from "./socket.ts";

/** What stands above the bytes. */
export interface TransportUser {
  /**
   * Bytes have arrived, or are to be looked at again after a pause.
   *
   * @param memory holds them, and may be written to below what is not consumed
   * @param start the first byte that was not consumed
   * @param end the byte behind the last one
   * @returns the first byte that is not consumed now
   */
  received(memory: Memory, start: number, end: number): number;
  /** Bytes that are needed, at least, before more can be consumed. */
  readonly missing: number;
  /**
   * What has arrived caused output, and that is handed over; told now and then.
   *
   * @param milliseconds from the one to the other
   */
  echoed(milliseconds: number): void;
  /** The peer will not send any more. */
  peerEnded(): void;
  /** All output is written; called where {@linkcode Transport.reportDrain} asked for it. */
  drained(): void;
  /** The transport is closed, by either side or a fault; called once. */
  gone(): void;
}

/** A connection's own buffer grows up to this size while reads fill it. */
const MAX_HOME = 8 * 1024;

/** Reads that fill the buffer until the connection's own grows. */
const FILLS = 4;

/** Bytes of the buffer that takes over when a read has filled one. */
const LENT = 64 * 1024;

/** The same, when reads go on to fill it. */
const MAX_LENT = 256 * 1024;

/** Bytes of one read at most: what it brings is handled in one go. */
const MAX_READ = 256 * 1024;

/** Bytes of an unfinished frame that are long to move. */
const LONG_REST = 64 * 1024;

/** Left free in front of a payload that is moved, for the header of an echo. */
const HEADROOM = MAX_HEADER + 2;

/** Room behind a cut-off frame that is worth a read. */
const MIN_ROOM = 256;

/** Reads from and writes to one connection of the operating system. */
export class Transport implements SocketUser {
  /** What is to be written; {@linkcode Transport.wake} has it written. */
  readonly output: Output;
  /** Sweeps of the keep-alive since the last byte arrived. */
  quietSweeps = 0;

  readonly #socket: Socket;
  readonly #user: TransportUser;
  readonly #charge: MemoryCharge;
  #buffer: ReceiveBuffer;
  #start: number;
  #end: number;
  #home = MIN_BUFFER;
  #fills = 0;
  #filled = false;
  #reading = false;
  /** Bytes of the write that is under way that are not written. */
  #writing = 0;
  /** Bytes are there that were not looked at, because of a pause. */
  #unseen = false;
  #paused = false;
  #stopped = false;
  /** Reasons to take in nothing more for now. */
  #holds = 0;
  #reportsDrain = false;
  #inTurn = false;
  #wakes = false;
  #peerEnded = false;
  #ending = false;
  #cutting = false;
  #writeEnded = false;
  #closed = false;
  #bufferReleased = false;

  /**
   * Takes a socket over.
   *
   * @param socket one without a read or write under way
   * @param user what stands above
   * @param buffer the bytes that have arrived are in it
   * @param start the first of them
   * @param end the byte behind the last of them
   * @param charge of the connection
   */
  constructor(
    socket: Socket,
    user: TransportUser,
    buffer: ReceiveBuffer,
    start: number,
    end: number,
    charge: MemoryCharge,
  ) {
    this.#socket = socket;
    socket.user = this;
    this.#user = user;
    this.#charge = charge;
    this.output = new Output(new Held(charge));
    charge.add(buffer.size);
    this.#buffer = buffer;
    this.#start = start;
    this.#end = end;
    this.#unseen = start < end;
  }

  /**
   * Whether it is known that nothing comes from the peer: the transport waits for
   * it to send something, or was told not to read.
   */
  get isQuiet(): boolean {
    return (this.#reading || this.#stopped) && !this.#ending;
  }

  /** Whether the transport has ended. */
  get isClosed(): boolean {
    return this.#closed;
  }

  /** Whether bytes of the peer are being handled just now. */
  get inTurn(): boolean {
    return this.#inTurn;
  }

  /** Whether a handler is at work, so that nothing is read. */
  get isPaused(): boolean {
    return this.#paused;
  }

  /** Whether nothing more is to be taken in for now. */
  get isHeld(): boolean {
    return this.#holds > 0;
  }

  /** Takes in nothing more until {@linkcode Transport.release}; each call needs one. */
  hold(): void {
    this.#holds++;
  }

  /** Ends a {@linkcode Transport.hold}; what was left is looked at after the current event. */
  release(): void {
    if (--this.#holds > 0) return;
    this.#unseen = true;
    queueMicrotask(() => this.#goOn());
  }

  /** Starts reading, once the user is ready for it. */
  start(): void {
    this.#goOn();
  }

  /**
   * Stops looking at bytes, and soon reading them, until {@linkcode Transport.resume};
   * the buffer stays as it is meanwhile.
   */
  pause(): void {
    this.#paused = true;
  }

  /** Ends a pause. */
  resume(): void {
    this.#paused = false;
    this.#unseen = true;
    if (this.#closed) return this.#releaseBuffer();
    if (this.#writeEnded && !this.#reading) return this.#discard();
    this.#flush();
    this.#goOn();
  }

  /**
   * Stops looking at bytes, and soon reading them, until {@linkcode Transport.go};
   * who looks at some just now has to stop by itself.
   */
  stop(): void {
    this.#stopped = true;
  }

  /** Ends a stop; what was left is looked at after the current event. */
  go(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#unseen = true;
    queueMicrotask(() => this.#goOn());
  }

  /** Asks for a call of the user's `drained` when all output is written. */
  reportDrain(): void {
    this.#reportsDrain = true;
  }

  /** Has the output written: at the end of the turn or, outside of one, of the event. */
  wake(): void {
    if (this.#inTurn || this.#wakes || this.#writing > 0) return;
    this.#wakes = true;
    queueMicrotask(() => {
      this.#wakes = false;
      this.#flush();
      this.#goOn();
    });
  }

  /** Ends the connection once the output is written and the peer has ended too. */
  end(): void {
    this.#ending = true;
    this.wake();
    if (this.output.length === 0) this.#endWrites();
  }

  /** Ends the connection once the output is written, whatever the peer does. */
  cut(): void {
    this.#cutting = true;
    this.#ending = true;
    this.wake();
    queueMicrotask(() => this.#goOn());
  }

  /** Ends the connection at once; what is not written is lost. */
  destroy(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.output.clear();
    this.#socket.close();
    this.#releaseBuffer();
    this.#user.gone();
  }

  #read(): void {
    const { memory, offset, size, view } = this.#buffer;
    const at = this.#end;
    this.#reading = true;
    this.#socket.read(
      at === offset && size <= MAX_READ
        ? view
        : memory.bytes.subarray(at, Math.min(offset + size, at + MAX_READ)),
    );
  }

  // What follows is called by the socket.

  /**
   * Bytes have arrived.
   *
   * @param count how many
   */
  arrived(count: number): void {
    this.#reading = false;
    if (this.#closed) return this.#releaseBuffer();
    this.quietSweeps = 0;
    if (this.#ending) return yieldToOthers(() => this.#discard());
    this.#end += count;
    this.#filled = this.#end === this.#buffer.offset + this.#buffer.size;
    this.#turn();
  }

  /** The peer sends nothing more. */
  peerEnded(): void {
    this.#reading = false;
    if (this.#closed) return this.#releaseBuffer();
    this.#peerEnded = true;
    if (this.#writeEnded) this.destroy();
    else if (!this.#ending) this.#user.peerEnded();
  }

  /** The connection is broken, or closed. */
  readFailed(): void {
    this.#reading = false;
    if (this.#closed) this.#releaseBuffer();
    else this.destroy();
  }

  /**
   * Some of the write that is under way is written.
   *
   * @param count bytes
   */
  written(count: number): void {
    this.#writing -= count;
    if (this.#closed) return this.#releaseBuffer();
    this.output.wrote(count);
    if (this.#writing > 0) return;
    if (this.output.isEmpty) this.#drain();
    else if (this.output.hasSources) return this.#writeLater();
    else this.#flush();
    this.#goOn();
  }

  /** What is to be written takes time to make: between two pieces the others go first. */
  #writeLater(): void {
    yieldToOthers(() => {
      this.#flush();
      this.#goOn();
    });
  }

  /** The connection is broken, or closed. */
  writeFailed(): void {
    this.#writing = 0;
    if (this.#closed) this.#releaseBuffer();
    else this.destroy();
  }

  /** One input chunk, and all that it causes. */
  #turn(): void {
    this.#unseen = this.#stopped || this.isHeld;
    if (this.#unseen) return;
    const since = this.#writing === 0 ? sampledNow() : 0;
    this.#inTurn = true;
    this.#start = this.#user.received(
      this.#buffer.memory,
      this.#start,
      this.#end,
    );
    this.#inTurn = false;
    const answers = since !== 0 && !this.output.isEmpty;
    this.#flush();
    if (answers) this.#user.echoed(performance.now() - since);
    this.#goOn();
  }

  /** Does what is next, as soon as nothing is under way. */
  #goOn(): void {
    if (this.#closed || this.#writing > 0) return;
    if (this.#ending) {
      if (this.output.length === 0) this.#endWrites();
    } else if (
      !this.#reading && !this.#paused && !this.#stopped && !this.isHeld &&
      !this.#peerEnded
    ) {
      if (this.#unseen) return this.#turn();
      const isLong = this.#end - this.#start >= LONG_REST;
      if (isLong && isSliceOver()) return this.#readLater();
      this.#arrange();
      this.#read();
    }
  }

  /** Room for a long frame takes its time to make: the others go first. */
  #readLater(): void {
    this.pause();
    yieldToOthers(() => this.resume());
  }

  #flush(): void {
    if (this.#writing > 0 || this.#closed || this.output.isEmpty) return;
    while (this.#writing === 0 && !this.output.isEmpty) {
      const bytes = this.output.take(this.#buffer.memory.bytes);
      this.#writing = bytes.length;
      const count = this.#socket.write(bytes);
      this.#writing -= count;
      this.output.wrote(count);
    }
    if (this.#writing === 0) this.#drain();
  }

  #drain(): void {
    if (!this.#reportsDrain) return;
    this.#reportsDrain = false;
    this.#user.drained();
  }

  /** Says that nothing more will come, and waits for the peer to say so. */
  #endWrites(): void {
    if (this.#closed) return;
    if (this.#cutting) return this.destroy();
    if (this.#writeEnded) return;
    this.#writeEnded = true;
    if (this.#peerEnded) return this.destroy();
    this.#socket.endWrites();
    this.#discard();
  }

  /** Reads what nobody wants: between two reads the others go first. */
  #discard(): void {
    if (this.#closed || this.#reading || this.#paused) return;
    this.#start = this.#end = this.#buffer.offset;
    if (this.#buffer.size > MAX_HOME && this.#writing === 0) {
      this.#swap(MAX_HOME, 0);
    }
    this.#read();
  }

  /** Makes room for the next read: a buffer of the right size, what is left at its front. */
  #arrange(): void {
    const buffer = this.#buffer;
    const rest = this.#end - this.#start;
    if (this.#filled) this.#growHome();
    const { missing } = this.#user;
    if (rest === 0 && missing === 0) {
      if (buffer.size !== this.#home) this.#swap(this.#home, 0);
      this.#start = this.#end = this.#buffer.offset;
      return;
    }
    // Inside a frame there has to be a header's room in front of the payload,
    // even where no byte of it has arrived.
    const room = buffer.offset + buffer.size - this.#end;
    // While a quarter of the buffer is free, a copy is not worth it.
    if (room >= Math.min(missing, buffer.size / 4) && room >= MIN_ROOM) return;
    const needed = HEADROOM + rest + Math.max(missing, MIN_ROOM);
    const lent = buffer.size < LENT
      ? LENT
      : Math.min(buffer.size * 4, MAX_LENT);
    const size = Math.max(
      this.#filled ? lent : this.#home,
      Math.min(needed, 4 * (HEADROOM + rest + MIN_ROOM)),
    );
    if (size > buffer.size) this.#swap(size, HEADROOM);
    else this.#move(buffer, HEADROOM);
  }

  /** A connection whose reads fill its own buffer gets a larger one, to keep. */
  #growHome(): void {
    if (this.#buffer.size !== this.#home || this.#home >= MAX_HOME) return;
    if (++this.#fills <= FILLS) return;
    this.#home *= 2;
    this.#fills = 0;
  }

  #swap(size: number, headroom: number): void {
    const old = this.#buffer;
    const buffer = bufferPool.take(size);
    this.#charge.add(buffer.size - old.size);
    this.#move(buffer, headroom);
    this.#buffer = buffer;
    bufferPool.give(old);
  }

  /** Moves what is left to the front of a buffer. */
  #move(buffer: ReceiveBuffer, headroom: number): void {
    const from = this.#buffer.memory.bytes;
    const to = buffer.offset + headroom;
    if (buffer.memory.bytes === from && to === this.#start) return;
    if (buffer.memory.bytes === from) {
      from.copyWithin(to, this.#start, this.#end);
    } else {
      buffer.memory.bytes.set(from.subarray(this.#start, this.#end), to);
    }
    this.#end = to + this.#end - this.#start;
    this.#start = to;
  }

  /**
   * A buffer is free when neither a read or write of the runtime nor a handler's
   * promise refers to it any more.
   */
  #releaseBuffer(): void {
    if (this.#reading || this.#writing > 0 || this.#paused) return;
    if (this.#bufferReleased) return;
    this.#bufferReleased = true;
    bufferPool.give(this.#buffer);
  }
}
