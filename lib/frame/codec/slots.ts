/**
 * Memory for receive buffers. Most of it is one arena: the memory of the
 * WebAssembly module that unmasks, cut into slots that connections borrow. A
 * slot costs no ArrayBuffer of its own, and what was never written to takes no
 * memory at all.
 *
 * @module
 */

import { free } from "../../memory/resize.ts";
import { memory as wasmMemory } from "./unmask.wasm";

/** One run of memory, seen as bytes and as 32-bit words; both begin at its offset 0. */
export interface Memory {
  /** The bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The same bytes, four at a time. */
  readonly words: Int32Array<ArrayBuffer>;
}

function memoryOf(buffer: ArrayBuffer): Memory {
  return { bytes: new Uint8Array(buffer), words: new Int32Array(buffer) };
}

/** The memory in which {@linkcode unmask} is fastest. */
export const ARENA: Memory = memoryOf(wasmMemory.buffer as ArrayBuffer);

/**
 * Allocates memory outside of the arena.
 *
 * @param size bytes
 */
export function allocate(size: number): Memory {
  return memoryOf(new ArrayBuffer((size + 3) & ~3));
}

/** A receive buffer on loan. */
export interface Slot {
  /** The memory that it is a part of. */
  readonly memory: Memory;
  /** Its first byte in that memory. */
  readonly offset: number;
  /** Its bytes. */
  readonly size: number;
  /** All of it. */
  readonly view: Uint8Array<ArrayBuffer>;
}

/** Bytes of the smallest slot. */
export const MIN_SLOT = 256;

/** Larger slots are memory of their own, which is given up after use. */
const MAX_ARENA_SLOT = 4 * 2 ** 20;

/**
 * Half of the arena is for slots up to this size: a slot that was lent once keeps its
 * size, so long messages cannot take all of it for good.
 */
const MAX_SMALL_SLOT = 64 * 1024;

/** Lends slots: powers of two, kept for the next borrower in lists by size. */
export class Slots {
  readonly #free: Slot[][] = [];
  #end: number;
  #next = 0;

  /**
   * Lends from the arena; there is one of it.
   *
   * @param limit bytes of the arena that may be lent
   */
  constructor(limit: number = ARENA.bytes.length) {
    this.#end = limit;
  }

  /**
   * Lends less of the arena: what was lent once stays resident.
   *
   * @param limit bytes of the arena that may be lent
   */
  bound(limit: number): void {
    this.#end = Math.min(this.#end, limit);
  }

  /**
   * Lends a slot: from the arena while it has room, else memory of its own.
   *
   * @param atLeast bytes
   */
  take(atLeast: number): Slot {
    const size = Math.max(MIN_SLOT, 2 ** Math.ceil(Math.log2(atLeast)));
    if (size > MAX_ARENA_SLOT) return ownSlot(atLeast);
    const free = this.#free[Math.log2(size)]?.pop();
    if (free !== undefined) return free;
    const end = size > MAX_SMALL_SLOT ? this.#end / 2 : this.#end;
    if (this.#next + size > end) return ownSlot(size);
    const offset = this.#next;
    this.#next += size;
    const view = ARENA.bytes.subarray(offset, offset + size);
    return { memory: ARENA, offset, size, view };
  }

  /**
   * Takes a slot back.
   *
   * @param slot one that nothing refers to any more
   */
  give(slot: Slot): void {
    if (slot.memory !== ARENA) return free(slot.memory.bytes.buffer);
    (this.#free[Math.log2(slot.size)] ??= []).push(slot);
  }
}

/** The slots of the arena. */
export const slots: Slots = new Slots();

function ownSlot(size: number): Slot {
  const memory = allocate(size);
  return { memory, offset: 0, size, view: memory.bytes };
}
