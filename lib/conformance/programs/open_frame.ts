/**
 * A frame whose payload is sent in parts, with time between them.
 *
 * @module
 */

import { maskingKey } from "../../client/frame.ts";
import { MAX_HEADER, writeHeader } from "../../frame/codec/header.ts";

const MASK = 0x80;

/** A frame that is not complete. */
export class OpenFrame {
  /** The header. */
  readonly header: Uint8Array<ArrayBuffer>;
  readonly #key: Uint8Array | undefined;
  #offset = 0;

  /**
   * Makes a frame without FIN.
   *
   * @param opcode of the frame
   * @param length of its payload
   * @param masked whether it is masked
   */
  constructor(opcode: number, length: number, masked: boolean) {
    const bytes = new Uint8Array(MAX_HEADER);
    const end = writeHeader(bytes, 0, opcode, length);
    if (masked) {
      this.#key = maskingKey().slice();
      bytes[1]! |= MASK;
      bytes.set(this.#key, end);
    }
    this.header = bytes.subarray(0, end + (this.#key?.length ?? 0));
  }

  /**
   * Encodes the next part of the payload.
   *
   * @param payload the part; not changed
   */
  part(payload: Uint8Array): Uint8Array<ArrayBuffer> {
    const key = this.#key;
    const start = this.#offset;
    this.#offset += payload.length;
    return new Uint8Array(payload).map((byte, i) =>
      key === undefined ? byte : byte ^ key[(start + i) & 3]!
    );
  }
}
