/**
 * Messages of the runtime's WebSocket with the interface of {@linkcode Frame}.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { ARRAY_BYTES } from "../../memory/array_bytes.ts";
import type { Frame, Opcode } from "../../websocket.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** A whole message. A text is encoded when its bytes are first read. */
export class EdgeMessage implements Frame {
  /** `text`, `binary` or `close`. */
  readonly opcode: Opcode;
  /** The data of the runtime's message event. */
  readonly data: string | ArrayBuffer;
  #payload: Uint8Array<ArrayBuffer> | undefined;
  #length = -1;

  /**
   * Wraps a message event's data.
   *
   * @param data of the runtime's message event
   * @param opcode of the message
   */
  constructor(data: string | ArrayBuffer, opcode: Opcode) {
    this.data = data;
    this.opcode = opcode;
  }

  /** Always true: the runtime delivers whole messages only. */
  get final(): boolean {
    return true;
  }

  /** Always 0. */
  get offset(): number {
    return 0;
  }

  /** Always 0. */
  get left(): number {
    return 0;
  }

  /** The message's bytes. */
  get payload(): Uint8Array<ArrayBuffer> {
    return this.#payload ??= typeof this.data === "string"
      ? encoder.encode(this.data)
      : new Uint8Array(this.data);
  }

  /** Bytes of the message. */
  get length(): number {
    if (this.#length < 0) this.#length = byteLength(this.data);
    return this.#length;
  }

  /** The message as text. */
  text(): string {
    return typeof this.data === "string"
      ? this.data
      : decoder.decode(this.data);
  }

  /**
   * Whether the message begins with a text.
   *
   * @param prefix ASCII characters
   */
  startsWith(prefix: string): boolean {
    const { data } = this;
    if (typeof data !== "string") {
      return decoder.decode(data.slice(0, prefix.length)) === prefix;
    }
    // Fast path: most messages differ in their first character.
    return data.charCodeAt(0) === prefix.charCodeAt(0)
      ? data.startsWith(prefix)
      : prefix === "";
  }
}

/** A part of a message, for a handler with `receive: "part"`. */
export class EdgePart implements Frame {
  /** The message's opcode. */
  readonly opcode: Opcode;
  /** The part's bytes. */
  readonly payload: Uint8Array<ArrayBuffer>;
  /** Bytes of the whole message. */
  readonly length: number;
  /** Bytes of the message in front of the part. */
  readonly offset: number;
  /** Bytes of the message that are still to come. */
  readonly left: number;

  /**
   * Takes a part out of a message.
   *
   * @param message the whole message
   * @param start offset of the part's first byte
   * @param size maximum bytes of the part
   */
  constructor(message: EdgeMessage, start: number, size: number) {
    const { opcode, payload } = message;
    this.opcode = opcode;
    this.payload = payload.subarray(start, start + size);
    this.length = payload.length;
    this.offset = start;
    this.left = this.length - start - this.payload.length;
  }

  /** Whether this is the last part. */
  get final(): boolean {
    return this.left === 0;
  }

  /** The part as text. */
  text(): string {
    return decoder.decode(this.payload);
  }

  /**
   * Whether the part begins with a text.
   *
   * @param prefix ASCII characters
   */
  startsWith(prefix: string): boolean {
    return decoder.decode(this.payload.subarray(0, prefix.length)) === prefix;
  }
}

/**
 * Whether a message is longer than a limit. Counts the bytes of a text only where
 * its length does not decide (a UTF-16 unit is 1 to 3 bytes of UTF-8).
 *
 * @param data of the runtime's message event
 * @param limit bytes
 */
export function exceeds(data: string | ArrayBuffer, limit: number): boolean {
  if (typeof data !== "string") return data.byteLength > limit;
  if (data.length * 3 <= limit) return false;
  return data.length > limit || byteLength(data) > limit;
}

/**
 * Bytes of a payload; a text is not encoded for that.
 *
 * @param data a text, or bytes
 */
export function byteLength(data: string | Uint8Array | ArrayBuffer): number {
  return typeof data === "string" ? Buffer.byteLength(data) : data.byteLength;
}

/** Bytes of memory that a waiting message takes in addition to its data. */
const OVERHEAD = 256;

/**
 * Bytes of memory that a waiting message holds, roughly; above 0 for an empty one.
 *
 * @param data of the runtime's message event
 */
export function heldBytes(data: string | ArrayBuffer): number {
  return OVERHEAD +
    (typeof data === "string"
      ? data.length * 2
      : data.byteLength + ARRAY_BYTES);
}
