/**
 * Follows the messages of the client across its frames: whether texts are UTF-8 (RFC
 * 6455 §8.1), and the bytes of compressed messages (RFC 7692) for the verdict.
 *
 * @module
 */

import { CONTROL } from "../../../lib/frame/codec/header.ts";
import { Utf8Validator } from "../../../lib/frame/codec/utf8.ts";
import type { FrameHeader } from "./frame_parser.ts";

/** Bytes of compressed messages that are kept of a connection. */
const MAX_COMPRESSED = 64 * 1024;

const TEXT = 1;
const RSV1 = 4;

/** A compressed message of the client. */
export interface CompressedMessage {
  /** Number of the entry of its first frame. */
  readonly n: number;
  /** Whether its opcode is TEXT. */
  readonly isText: boolean;
  /** Payloads of its frames. */
  readonly chunks: Uint8Array[];
}

/** Follows the messages of one direction. */
export class MessageTracker {
  /** Complete data messages. */
  messages = 0;
  /** The compressed messages from the first one on, without a gap. */
  readonly compressed: CompressedMessage[] = [];
  /** Whether compressed messages were left out after {@linkcode compressed}. */
  isCompressedCut = false;
  /** Bytes in {@linkcode compressed}. */
  kept = 0;

  readonly #keep: (bytes: number) => boolean;
  #validator: Utf8Validator | undefined;
  #message: CompressedMessage | undefined;
  #isControl = false;
  #isFinal = false;
  #isValid = true;

  /**
   * Makes a tracker at the start of a connection.
   *
   * @param keep whether a number of bytes more may be kept
   */
  constructor(keep: (bytes: number) => boolean) {
    this.#keep = keep;
  }

  /**
   * A frame starts.
   *
   * @param header of the frame
   * @param n number of its entry
   */
  started(header: FrameHeader, n: number): void {
    this.#isControl = header.opcode >= CONTROL;
    this.#isFinal = header.final;
    if (this.#isControl || header.opcode === 0) return;
    const isCompressed = (header.rsv & RSV1) !== 0;
    const isText = header.opcode === TEXT;
    this.#validator = isText && !isCompressed ? new Utf8Validator() : undefined;
    this.#isValid = true;
    this.#message = isCompressed ? { n, isText, chunks: [] } : undefined;
  }

  /**
   * Takes bytes of a payload.
   *
   * @param bytes unmasked
   * @returns false where the text stops being UTF-8
   */
  payload(bytes: Uint8Array): boolean {
    if (this.#isControl) return true;
    if (this.#message !== undefined) this.#collect(bytes);
    if (this.#validator === undefined || !this.#isValid) return true;
    this.#isValid = this.#validator.push(bytes, 0, bytes.length);
    return this.#isValid;
  }

  /**
   * A frame ends.
   *
   * @returns false where a text ends inside a code point
   */
  ended(): boolean {
    if (this.#isControl || !this.#isFinal) return true;
    this.messages++;
    if (this.#message !== undefined && !this.isCompressedCut) {
      this.compressed.push(this.#message);
    }
    const isCut = this.#isValid && this.#validator?.isComplete === false;
    this.#message = undefined;
    this.#validator = undefined;
    return !isCut;
  }

  #collect(bytes: Uint8Array): void {
    if (this.isCompressedCut) return;
    const size = this.kept + bytes.length;
    if (size > MAX_COMPRESSED || !this.#keep(bytes.length)) {
      this.isCompressedCut = true;
      return;
    }
    this.kept = size;
    this.#message!.chunks.push(bytes.slice());
  }
}
