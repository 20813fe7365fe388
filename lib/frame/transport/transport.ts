/**
 * The byte stream below a connection. It reads or writes, never both at a time, so it
 * does not read from a client that does not read.
 *
 * @module
 */

import type { MemoryCharge } from "../../memory/account.ts";
import { BufferCharge } from "../../memory/buffer_charge.ts";
import { noteWrite } from "../../scheduling/activity.ts";
import { sampledNow } from "../../scheduling/sampled_clock.ts";
import {
  currentSlice,
  isSliceOver,
  yieldToOthers,
} from "../../scheduling/scheduler.ts";
import type { Memory } from "../codec/memory.ts";
import type { ReceiveBuffer } from "./buffer_pool.ts";
import { Input } from "./input.ts";
import { Output } from "./output.ts";
import type { Socket, SocketUser } from "./socket.ts";

/** Gets the bytes and the events of a {@linkcode Transport}. */
export interface TransportUser {
  /**
   * Bytes have arrived, or are presented again after a pause.
   *
   * @param memory holds them; consumed bytes may be overwritten
   * @param start the first byte that was not consumed
   * @param end the byte after the last one
   * @returns the first byte that is not consumed now
   */
  received(memory: Memory, start: number, end: number): number;
  /** Bytes that are needed, at least, before more can be consumed. */
  readonly missing: number;
  /**
   * The input caused output, which is handed to the socket now; reported for a
   * sample of the inputs.
   *
   * @param milliseconds between the two
   */
  echoed(milliseconds: number): void;
  /** The client sends nothing more. */
  inputEnded(): void;
  /** All output is written; called where {@linkcode Transport.reportDrain} asked for it. */
  drained(): void;
  /** The transport is closed, by either side or by a failure; called once. */
  closed(): void;
}

/**
 * Bytes that are read from a client between two checks of the time slice. The runtime
 * completes up to 128 reads and writes at once, and messages may take long to handle.
 */
const CHECKED_BYTES = 32 * 1024;

/** Reads from and writes to one connection of the operating system. */
export class Transport implements SocketUser {
  /** The output; {@linkcode Transport.flushSoon} writes it. */
  readonly output: Output;
  /** Sweeps of the keep-alive since the last byte arrived. */
  idleSweeps = 0;
  /** Sweeps of the send timeout since the last byte was written. */
  stalledSweeps = 0;

  readonly #socket: Socket;
  readonly #user: TransportUser;
  readonly #input: Input;
  #isReading = false;
  /** Bytes of the current write that are not written. */
  #writing = 0;
  /** Bytes that were read since the last check of the time slice. */
  #unchecked = 0;
  /** The slice of that check. */
  #checkedSlice = 0;
  /** The next output is made after other work. */
  #isYielding = false;
  /** The input has bytes that were not presented, because of a pause. */
  #isUnhandled: boolean;
  #isPaused = false;
  #isStopped = false;
  /** Calls of `hold` without their `release`. */
  #holds = 0;
  #reportsDrain = false;
  #isReceiving = false;
  #isFlushScheduled = false;
  #inputEnded = false;
  #isEnding = false;
  #isAborting = false;
  #writesEnded = false;
  #isClosed = false;

  /**
   * Takes a socket over.
   *
   * @param socket has no read or write under way
   * @param user gets the bytes and the events
   * @param buffer holds the bytes that have arrived
   * @param start the first of them
   * @param end the byte after the last of them
   * @param charge the connection's share of the memory account
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
    this.output = new Output(new BufferCharge(charge));
    this.#input = new Input(buffer, start, end, charge);
    this.#isUnhandled = start < end;
  }

  /** The client's address. */
  get remoteAddr(): Deno.Addr {
    return this.#socket.remoteAddr;
  }

  /** Whether the transport waits for bytes of the client, or `stop` was called. */
  get isIdle(): boolean {
    return (this.#isReading || this.#isStopped) && !this.#isEnding;
  }

  /** Whether the transport is closed. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Whether bytes wait for the operating system. */
  get isWriting(): boolean {
    return this.#writing > 0 || this.#isYielding;
  }

  /** Whether the user handles bytes at this moment. */
  get isReceiving(): boolean {
    return this.#isReceiving;
  }

  /** Whether {@linkcode Transport.pause} was called without its `resume`. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /**
   * Presents and reads nothing more until {@linkcode Transport.release}; each call
   * needs one. For the memory account and the work queue.
   */
  hold(): void {
    this.#holds++;
  }

  /** Ends a {@linkcode Transport.hold}; the rest is presented after the current event. */
  release(): void {
    if (--this.#holds > 0) return;
    this.#isUnhandled = true;
    queueMicrotask(() => this.#proceed());
  }

  /** Starts reading; called once, when the user is ready. */
  start(): void {
    this.#proceed();
  }

  /**
   * Presents and reads nothing more until {@linkcode Transport.resume}, and does not
   * change the buffer meanwhile. For a handler's promise and for fair scheduling.
   */
  pause(): void {
    this.#isPaused = true;
  }

  /**
   * Ends a {@linkcode Transport.pause}.
   *
   * @param isUnhandled whether to present the input again
   */
  resume(isUnhandled = true): void {
    this.#isPaused = false;
    this.#isUnhandled = isUnhandled;
    if (this.#isClosed) return this.#releaseInput();
    if (this.#writesEnded && !this.#isReading) return this.#discard();
    this.#flush();
    this.#proceed();
  }

  /**
   * Presents and reads nothing more until {@linkcode Transport.restart}. For
   * `pauseReading`: the connection counts as idle. A user that is handling bytes has
   * to return early.
   */
  stop(): void {
    this.#isStopped = true;
  }

  /** Ends a {@linkcode Transport.stop}; the rest is presented after the current event. */
  restart(): void {
    if (!this.#isStopped) return;
    this.#isStopped = false;
    this.#isUnhandled = true;
    queueMicrotask(() => this.#proceed());
  }

  /** Asks for one call of the user's `drained`, when all output is written. */
  reportDrain(): void {
    this.#reportsDrain = true;
  }

  /** Writes the output when the current input is handled or, without one, after the event. */
  flushSoon(): void {
    if (this.#isReceiving || this.#isFlushScheduled || this.#writing > 0) {
      return;
    }
    this.#isFlushScheduled = true;
    queueMicrotask(() => {
      this.#isFlushScheduled = false;
      this.#flush();
      this.#proceed();
    });
  }

  /** Ends the connection when the output is written and the client has ended too. */
  end(): void {
    this.#isEnding = true;
    this.flushSoon();
    if (this.output.length === 0) this.#endWrites();
  }

  /** Ends the connection when the output is written, without waiting for the client. */
  abort(): void {
    this.#isAborting = true;
    this.#isEnding = true;
    this.flushSoon();
    queueMicrotask(() => this.#proceed());
  }

  /** Ends the connection at once; unwritten output is lost. */
  destroy(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.output.clear();
    this.#socket.close();
    this.#releaseInput();
    this.#user.closed();
  }

  #read(): void {
    this.#isReading = true;
    this.#socket.read(this.#input.room);
  }

  // The socket calls the following methods.

  /**
   * Handles the bytes of a read.
   *
   * @param count how many
   */
  arrived(count: number): void {
    this.#isReading = false;
    if (this.#isClosed) return this.#releaseInput();
    this.idleSweeps = 0;
    if (this.#isEnding) return yieldToOthers(() => this.#discard());
    this.#input.arrived(count);
    this.#unchecked += count;
    this.#receive();
  }

  /** The client sends nothing more. */
  readEnded(): void {
    this.#isReading = false;
    if (this.#isClosed) return this.#releaseInput();
    this.#inputEnded = true;
    if (this.#writesEnded) this.destroy();
    else if (!this.#isEnding) this.#user.inputEnded();
  }

  /** The connection is broken, or closed. */
  readFailed(): void {
    this.#isReading = false;
    if (this.#isClosed) this.#releaseInput();
    else this.destroy();
  }

  /**
   * A part of the current write is written.
   *
   * @param count bytes
   */
  written(count: number): void {
    this.#writing -= count;
    this.stalledSweeps = 0;
    if (this.#isClosed) return this.#releaseInput();
    this.output.wrote(count);
    if (this.#writing > 0) return;
    if (this.output.isEmpty) this.#drain();
    else if (this.output.hasSources) return this.#flushLater();
    else this.#flush();
    this.#proceed();
  }

  /** Yields before output that takes time to make. */
  #flushLater(): void {
    this.#isYielding = true;
    yieldToOthers(() => {
      this.#isYielding = false;
      this.#flush();
      this.#proceed();
    });
  }

  /** The connection is broken, or closed. */
  writeFailed(): void {
    this.#writing = 0;
    if (this.#isClosed) this.#releaseInput();
    else this.destroy();
  }

  /** Presents the input, and writes all output that it causes. */
  #receive(): void {
    this.#isUnhandled = this.#isStopped || this.#holds > 0;
    if (this.#isUnhandled) return;
    const since = this.#writing === 0 ? sampledNow() : 0;
    const input = this.#input;
    this.#isReceiving = true;
    input.start = this.#user.received(input.memory, input.start, input.end);
    this.#isReceiving = false;
    const hasOutput = since !== 0 && !this.output.isEmpty;
    this.#flush();
    if (hasOutput) this.#user.echoed(performance.now() - since);
    this.#proceed();
  }

  /** Starts the next step when no operation is under way. */
  #proceed(): void {
    if (this.#isClosed || this.isWriting) return;
    if (this.#isEnding) {
      if (this.output.length === 0) this.#endWrites();
    } else if (
      !this.#isReading && !this.#isPaused && !this.#isStopped &&
      this.#holds === 0 && !this.#inputEnded
    ) {
      if (this.#isUnhandled) return this.#receive();
      if (this.#unchecked >= CHECKED_BYTES && this.#hasUsedSlice()) {
        return this.#readLater();
      }
      this.#input.arrange(this.#user.missing);
      this.#read();
    }
  }

  /** Whether the slice is over, and this connection has had a part of it. */
  #hasUsedSlice(): boolean {
    this.#unchecked = 0;
    const before = this.#checkedSlice;
    const isOver = isSliceOver();
    this.#checkedSlice = currentSlice();
    return isOver && this.#checkedSlice === before;
  }

  /** Reads on after the work of other connections. */
  #readLater(): void {
    this.pause();
    // The bytes that have arrived were presented, unless a hold has begun meanwhile.
    yieldToOthers(() => this.resume(this.#isUnhandled));
  }

  #flush(): void {
    if (this.isWriting || this.#isClosed || this.output.isEmpty) return;
    while (this.#writing === 0 && !this.output.isEmpty) {
      const bytes = this.output.take(this.#input.memory.bytes);
      this.#writing = bytes.length;
      noteWrite();
      const count = this.#socket.write(bytes);
      this.#writing -= count;
      this.output.wrote(count);
      if (this.#writing === 0 && this.output.hasSources) {
        return this.#flushLater();
      }
    }
    if (this.#writing === 0) this.#drain();
  }

  #drain(): void {
    if (!this.#reportsDrain) return;
    this.#reportsDrain = false;
    this.#user.drained();
  }

  /** Half-closes the connection, and reads until the client ends too. */
  #endWrites(): void {
    if (this.#isClosed) return;
    if (this.#isAborting) return this.destroy();
    if (this.#writesEnded) return;
    this.#writesEnded = true;
    if (this.#inputEnded) return this.destroy();
    this.#socket.endWrites();
    this.#discard();
  }

  /** Reads bytes and drops them; `arrived` yields between two of these reads. */
  #discard(): void {
    if (this.#isClosed || this.#isReading || this.#isPaused) return;
    this.#input.discard(this.#writing === 0);
    this.#read();
  }

  /** Gives the buffer back when no read, write or handler's promise refers to it. */
  #releaseInput(): void {
    if (this.#isReading || this.#writing > 0 || this.#isPaused) return;
    this.#input.release();
  }
}
