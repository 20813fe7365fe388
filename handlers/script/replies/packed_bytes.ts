/**
 * Bytes that wait, in little memory.
 *
 * @module
 */

import { Buffer } from "node:buffer";

/** Up to this length, the memory of an array is mostly its objects. */
const SMALL = 4096;

/**
 * A copy of bytes. Few bytes are a string with a character for each, which takes some 80
 * bytes in addition to them, an array 440.
 */
export class PackedBytes {
  readonly #bytes: string | Uint8Array;

  /**
   * Copies bytes.
   *
   * @param bytes any number
   */
  constructor(bytes: Uint8Array) {
    this.#bytes = bytes.length > SMALL
      ? bytes.slice()
      : viewOf(bytes).toString("latin1");
  }

  /** The bytes. */
  unpack(): Uint8Array {
    return typeof this.#bytes === "string"
      ? Buffer.from(this.#bytes, "latin1")
      : this.#bytes;
  }
}

function viewOf({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, length);
}
