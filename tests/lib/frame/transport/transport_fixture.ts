/**
 * A transport on a connection without a network.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { FIN } from "../../../../lib/frame/codec/header.ts";
import type { Memory } from "../../../../lib/frame/codec/memory.ts";
import {
  bufferPool,
  MIN_BUFFER,
  type ReceiveBuffer,
} from "../../../../lib/frame/transport/buffer_pool.ts";
import { ConnSocket } from "../../../../lib/frame/transport/socket.ts";
import {
  Transport,
  type TransportUser,
} from "../../../../lib/frame/transport/transport.ts";
import { MemoryAccount } from "../../../../lib/memory/account.ts";
import { type Bytes, FakeConn, quiet } from "../fake_conn.ts";

/** The first byte of a BINARY frame's header. */
export const BINARY = FIN | 2;

/** Bytes that do not repeat at a power of two. */
export function pattern(length: number, from = 0): Bytes {
  return Uint8Array.from({ length }, (_, i) => ((from + i) * 167) >> 3);
}

export function bytesOf(text: string): Bytes {
  return new TextEncoder().encode(text);
}

export function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

type Received = TransportUser["received"];

interface Options {
  /** Handles bytes; by default it consumes them. */
  readonly received?: Received;
  /** The first buffer. */
  readonly buffer?: ReceiveBuffer;
  /** The bytes behind the head. */
  readonly behindHead?: string;
}

/** A transport on a fake connection, and a record of its events. */
export class Fixture implements TransportUser, Disposable {
  readonly conn = new FakeConn();
  readonly memory = new MemoryAccount(2 ** 30);
  readonly transport: Transport;
  /** The bytes of every input. */
  readonly inputs: Bytes[] = [];
  missing = 0;
  inputEnds = 0;
  /** The bytes that were written at each `drained`. */
  readonly drains: string[] = [];
  closedCalls = 0;
  #consume: Received;

  constructor(options: Options = {}) {
    const { buffer = bufferPool.take(MIN_BUFFER), behindHead = "" } = options;
    this.#consume = options.received ?? ((_memory, _start, end) => end);
    const start = buffer.offset + 100;
    const bytes = bytesOf(behindHead);
    buffer.memory.bytes.set(bytes, start);
    const end = start + bytes.length;
    this.transport = new Transport(
      new ConnSocket(this.conn),
      this,
      buffer,
      start,
      end,
      this.memory.open(undefined),
    );
  }

  /** The inputs as text. */
  get texts(): string[] {
    return this.inputs.map(textOf);
  }

  /** The written bytes as text. */
  get written(): string {
    return textOf(this.conn.written);
  }

  /** Queues bytes without a header. */
  append(text: string): void {
    this.transport.output.appendRaw(bytesOf(text));
  }

  /** Starts, and waits until nothing happens any more. */
  async start(): Promise<void> {
    this.transport.start();
    await quiet();
  }

  /** Bytes arrive; waits until nothing happens any more. */
  async arrive(bytes: string | Bytes): Promise<void> {
    this.conn.arrive(typeof bytes === "string" ? bytesOf(bytes) : bytes);
    await quiet();
  }

  received(memory: Memory, start: number, end: number): number {
    this.inputs.push(memory.bytes.slice(start, end));
    return this.#consume(memory, start, end);
  }

  echoed(): void {}

  inputEnded(): void {
    this.inputEnds++;
  }

  drained(): void {
    this.drains.push(this.written);
  }

  closed(): void {
    this.closedCalls++;
  }

  [Symbol.dispose](): void {
    this.transport.destroy();
    assertEquals(this.conn.faults, []);
    assertEquals(this.closedCalls, 1);
    assertEquals(this.conn.closes, 1);
  }
}

/** Echoes each input as one frame, from where it lies. */
export function echo(fixture: () => Fixture): Received {
  return (memory, start, end) => {
    const { output } = fixture().transport;
    assert(output.extendRun(memory.bytes, BINARY, start, end));
    return end;
  };
}

/** Whether a buffer was given back: it is the next one of its size. */
export function isFree(buffer: ReceiveBuffer): boolean {
  const next = bufferPool.take(buffer.size);
  bufferPool.give(next);
  return next === buffer;
}
