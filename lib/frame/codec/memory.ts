/**
 * The memory in which payloads are unmasked: bytes, and the same bytes as
 * 32-bit words.
 *
 * @module
 */

import { memory as wasmMemory } from "./unmask.wasm";

/** One range of memory as bytes and as 32-bit words; both begin at its offset 0. */
export interface Memory {
  /** The bytes. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The same bytes, four at a time. */
  readonly words: Int32Array<ArrayBuffer>;
}

/** The memory of the WebAssembly module, in which {@linkcode unmask} is fastest. */
export const ARENA: Memory = memoryOf(wasmMemory.buffer as ArrayBuffer);

/**
 * Allocates memory outside of the arena.
 *
 * @param size bytes; rounded up to whole words
 */
export function allocate(size: number): Memory {
  return memoryOf(new ArrayBuffer((size + 3) & ~3));
}

function memoryOf(buffer: ArrayBuffer): Memory {
  return { bytes: new Uint8Array(buffer), words: new Int32Array(buffer) };
}
