/**
 * A message that is kept until a step takes it.
 *
 * @module
 */

import type { Frame, Opcode } from "../../../lib/websocket.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A whole message in memory of its own. */
export class HeldMessage implements Frame {
  /** `text` or `binary`. */
  readonly opcode: Opcode;
  /** The payload. */
  readonly payload: Uint8Array<ArrayBuffer>;
  /** Always true. */
  readonly final = true;
  /** Always 0. */
  readonly offset = 0;
  /** Always 0. */
  readonly left = 0;

  /**
   * Makes a message.
   *
   * @param opcode `text` or `binary`
   * @param payload in memory of its own
   */
  constructor(opcode: Opcode, payload: Uint8Array<ArrayBuffer>) {
    this.opcode = opcode;
    this.payload = payload;
  }

  /** Bytes of the payload. */
  get length(): number {
    return this.payload.length;
  }

  /** The payload as text. */
  text(): string {
    return decoder.decode(this.payload);
  }

  /**
   * Whether the payload begins with a text.
   *
   * @param prefix ASCII characters
   */
  startsWith(prefix: string): boolean {
    if (this.length < prefix.length) return false;
    for (let i = 0; i < prefix.length; i++) {
      if (this.payload[i] !== prefix.charCodeAt(i)) return false;
    }
    return true;
  }
}
