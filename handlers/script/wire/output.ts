/**
 * The output of a taken-over connection: units of bytes, each written whole or in
 * segments.
 *
 * @module
 */

import { concat } from "../../../lib/client/concat.ts";
import { ConnectionClosedError } from "../../../lib/protocol/errors.ts";
import { ARRAY_BYTES } from "../../../lib/memory/array_bytes.ts";
import { free } from "../../../lib/memory/resize.ts";
import { wait } from "../../../lib/scheduling/wait.ts";
import type { Wire } from "../../../lib/wire.ts";
import type { Delivery } from "../engine/endpoint.ts";

/** Milliseconds between the segments of a unit that is split, so that each is a packet. */
const SPLIT_PAUSE = 50;

/** Options of {@linkcode PlanOutput}. */
export interface OutputOptions {
  /** The connection. */
  readonly wire: Wire;
  /** Aborted when the connection ends. */
  readonly endSignal: AbortSignal;
  /** Returns how the next unit is cut. */
  readonly delivery: () => Delivery;
}

/** Bytes of units that are whole and leave in one write. */
const MAX_WRITE = 65_536;

/** Bytes of memory per unit in addition to its content. */
const UNIT_BYTES = 128 + ARRAY_BYTES;

/** Some bytes, and how they are cut. */
interface Unit {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly delivery: Delivery;
  /** The memory that is charged for it, in bytes. */
  readonly charged: number;
}

/** Writes units one after the other. */
export class PlanOutput {
  readonly #options: OutputOptions;
  readonly #queue: Unit[] = [];
  /** Number of units at the start of the queue that are written. */
  #written = 0;
  #draining: Promise<void> | undefined;
  #held: Uint8Array<ArrayBuffer>[] | undefined;
  #queued = 0;
  #hasEnded = false;

  /**
   * Makes an output without bytes.
   *
   * @param options connection and delivery
   */
  constructor(options: OutputOptions) {
    this.#options = options;
  }

  /** Bytes of memory of the units that the operating system has not taken. */
  get queued(): number {
    return this.#queued;
  }

  /** Whether the output was ended. */
  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** Whether units are collected until `release`. */
  get isHeld(): boolean {
    return this.#held !== undefined;
  }

  /**
   * Writes a unit; nothing after the end of the output.
   *
   * @param bytes a whole buffer, which is the output's from now on
   */
  write(bytes: Uint8Array<ArrayBuffer>): void {
    const isIgnored = this.#hasEnded || this.#options.endSignal.aborted;
    if (isIgnored || bytes.length === 0) return;
    const charged = bytes.length + UNIT_BYTES;
    this.#change(charged);
    if (this.#held !== undefined) this.#held.push(bytes);
    else this.#enqueue(bytes, charged);
  }

  /** Collects units until {@linkcode PlanOutput.release}. */
  hold(): void {
    this.#held = [];
  }

  /** Writes the collected units as one. */
  release(): void {
    const held = this.#held;
    this.#held = undefined;
    if (held === undefined || held.length === 0) return;
    const bytes = concat(held);
    this.#enqueue(bytes, bytes.length + held.length * UNIT_BYTES);
  }

  /**
   * Waits until all units are written.
   *
   * @throws {ConnectionClosedError} the connection has ended before
   */
  async idle(): Promise<void> {
    await this.#draining;
    if (this.#options.endSignal.aborted) {
      throw new ConnectionClosedError("the connection has ended");
    }
  }

  /** Ends the output with FIN after all units. */
  async end(): Promise<void> {
    this.#hasEnded = true;
    await this.idle();
    await this.#options.wire.closeWrite();
  }

  #enqueue(bytes: Uint8Array<ArrayBuffer>, charged: number): void {
    this.#queue.push({ bytes, delivery: this.#options.delivery(), charged });
    this.#draining ??= this.#drain();
  }

  async #drain(): Promise<void> {
    // Units of one event leave together.
    await Promise.resolve();
    for (let unit; (unit = this.#next()) !== undefined;) {
      // The read reports why the connection has ended.
      await this.#deliver(unit).catch(() => {});
      this.#change(-unit.charged);
      // V8 collects large buffers late.
      if (unit.bytes.length >= MAX_WRITE) free(unit.bytes.buffer);
    }
    this.#draining = undefined;
  }

  /** Removes the next unit from the queue, together with others that are whole. */
  #next(): Unit | undefined {
    const queue = this.#queue;
    if (this.#written * 2 > queue.length) {
      queue.splice(0, this.#written);
      this.#written = 0;
    }
    const first = queue[this.#written];
    if (first === undefined) return undefined;
    this.#written++;
    if (first.delivery.kind !== "whole") return first;
    const together = [first.bytes];
    let { length } = first.bytes;
    let { charged } = first;
    for (let next; (next = queue[this.#written]) !== undefined;) {
      length += next.bytes.length;
      if (next.delivery.kind !== "whole" || length > MAX_WRITE) break;
      together.push(next.bytes);
      charged += next.charged;
      this.#written++;
    }
    const bytes = together.length === 1 ? first.bytes : concat(together);
    return { bytes, delivery: first.delivery, charged };
  }

  async #deliver({ bytes, delivery }: Unit): Promise<void> {
    const { wire, endSignal } = this.#options;
    switch (delivery.kind) {
      case "whole":
        return await wire.write(bytes);
      case "split":
        await wire.write(bytes.subarray(0, delivery.at));
        if (bytes.length <= delivery.at) return;
        if (!await wait(SPLIT_PAUSE, [endSignal])) return;
        return await wire.write(bytes.subarray(delivery.at));
      case "drip":
        for (let at = 0; at < bytes.length; at += delivery.bytes) {
          if (at > 0 && !await wait(delivery.ms, [endSignal])) return;
          await wire.write(bytes.subarray(at, at + delivery.bytes));
        }
    }
  }

  #change(bytes: number): void {
    this.#queued += bytes;
    this.#options.wire.charge(bytes);
  }
}
