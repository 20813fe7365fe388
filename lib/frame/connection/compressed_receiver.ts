/**
 * Compressed messages, from pieces of compressed data to the handler
 * ({@link https://www.rfc-editor.org/rfc/rfc7692#section-6.2 | RFC 7692 §6.2}).
 *
 * The handler gets whole messages, frames or parts. The inflated length of a frame
 * is not known before its end, so each part is delivered as a separate frame.
 *
 * @module
 */

import type { MemoryCharge } from "../../memory/account.ts";
import type { WebSocketHandler } from "../../websocket.ts";
import type { DeflateAgreement } from "../codec/deflate_offer.ts";
import type { DeflatedSink } from "../codec/sink.ts";
import { type InflateFault, MessageInflater } from "./message_inflater.ts";
import { freeLong } from "./received_frame.ts";
import type { Receiver } from "./receiver.ts";

/** Bytes of output that are written before more is inflated. */
const MAX_DEFLATED_OUTPUT = 64 * 1024;

/** Options of {@linkcode CompressedReceiver}. */
export interface CompressedReceiverOptions {
  /** The form of delivery. */
  readonly receive: WebSocketHandler["receive"];
  /** Maximum bytes of a part; Infinity: no maximum. */
  readonly maxPart: number;
  /** Bytes of a message or frame. */
  readonly maxPayload: number;
  /** The agreement on compression. */
  readonly agreement: DeflateAgreement;
  /** The connection's share of the memory account. */
  readonly charge: MemoryCharge;
}

/** A piece of a compressed message that is not inflated to its end. */
interface PendingPiece {
  readonly end: number;
  readonly endsFrame: boolean;
  readonly endsMessage: boolean;
}

/** Inflated bytes that are delivered in parts. */
interface PendingParts {
  readonly opcode: number;
  /** Whether the message ends with the last part. */
  readonly final: boolean;
  readonly length: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The first byte that was not delivered. */
  at: number;
}

/** Inflates and delivers the compressed messages of one connection. */
export class CompressedReceiver implements DeflatedSink {
  readonly #receiver: Receiver;
  readonly #receive: WebSocketHandler["receive"];
  readonly #maxPart: number;
  /** Bytes from which on a part is delivered before the message ends. */
  readonly #minPart: number;
  readonly #inflater: MessageInflater;
  #parts: PendingParts | undefined;
  #piece: PendingPiece | undefined;

  /**
   * Makes a receiver that holds no memory yet.
   *
   * @param receiver takes the inflated messages
   * @param options form of delivery, limits and the agreement
   */
  constructor(receiver: Receiver, options: CompressedReceiverOptions) {
    const { receive, maxPart, maxPayload, agreement, charge } = options;
    this.#receiver = receiver;
    this.#receive = receive;
    this.#maxPart = maxPart;
    this.#minPart = maxPart === Infinity ? 1 : maxPart;
    this.#inflater = new MessageInflater(
      {
        maxWindowBits: agreement.clientMaxWindowBits,
        noContextTakeover: agreement.clientNoContextTakeover,
      },
      receive === "part" ? Infinity : maxPayload,
      charge,
    );
  }

  /**
   * Inflates and delivers a piece of a compressed message.
   *
   * @param opcode the frame's opcode
   * @param start the piece's first byte
   * @param end the byte after it
   * @param endsFrame whether the frame ends with it
   * @param endsMessage whether the message ends with it
   * @returns whether to go on with the next piece
   */
  deflated(
    opcode: number,
    start: number,
    end: number,
    endsFrame: boolean,
    endsMessage: boolean,
  ): boolean {
    if (!this.#receiver.isOpen) return true;
    const before = this.#inflater.length;
    const { bytes } = this.#receiver.memory;
    const fault = this.#inflater.push(opcode, bytes, start, end, endsMessage);
    return this.#inflated(fault, before, end, endsFrame, endsMessage);
  }

  /** Inflates and delivers the rest of the last time slice; returns whether that is done. */
  finish(): boolean {
    if (this.#parts !== undefined && this.#receiver.isOpen) {
      if (!this.#deliverParts(this.#parts)) return false;
    }
    return this.#piece === undefined || this.#finishPiece(this.#piece);
  }

  /** Frees all memory; nothing is received any more. */
  free(): void {
    this.#inflater.free();
    this.#inflater.take();
    this.#parts = undefined;
    this.#piece = undefined;
  }

  #finishPiece({ end, endsFrame, endsMessage }: PendingPiece): boolean {
    this.#piece = undefined;
    if (!this.#receiver.isOpen) return true;
    const before = this.#inflater.length;
    const { bytes } = this.#receiver.memory;
    const fault = this.#inflater.resume(bytes, end, endsMessage);
    return this.#inflated(fault, before, end, endsFrame, endsMessage);
  }

  /** Handles the result of the inflater; returns whether to go on with the next piece. */
  #inflated(
    fault: InflateFault | "more" | undefined,
    before: number,
    end: number,
    endsFrame: boolean,
    endsMessage: boolean,
  ): boolean {
    const receiver = this.#receiver;
    const inflater = this.#inflater;
    receiver.bytes += inflater.length - before;
    if (fault === "more") {
      this.#piece = { end, endsFrame, endsMessage };
      if (!this.#isDue(false, false)) inflater.keep();
      else if (!this.#deliver(false)) return false;
      receiver.yieldSlice();
      return false;
    }
    if (fault !== undefined) {
      return receiver.decoder.fail(fault.code, fault.reason);
    }
    if (endsMessage) receiver.messages++;
    if (this.#isDue(endsFrame, endsMessage)) {
      if (!this.#deliver(endsMessage)) return false;
    } else {
      inflater.keep();
    }
    if (receiver.outputLength < MAX_DEFLATED_OUTPUT) return true;
    // Little compressed data can cause much output, which is written first.
    receiver.yieldSlice();
    return false;
  }

  /** Whether the inflated bytes are to be delivered. */
  #isDue(endsFrame: boolean, endsMessage: boolean): boolean {
    switch (this.#receive) {
      case "part":
        return endsMessage || this.#inflater.length >= this.#minPart;
      case "frame":
        return endsFrame;
      default:
        return endsMessage;
    }
  }

  #deliver(final: boolean): boolean {
    const { code, length } = this.#inflater;
    const bytes = this.#inflater.take();
    if (this.#maxPart !== Infinity) {
      return this.#deliverDivided(code, final, length, bytes);
    }
    const goesOn = this.#receiver
      .deliverInflated(bytes, code, final, 0, length, length, 0);
    if (goesOn) freeLong(bytes);
    else MessageInflater.detach(bytes);
    return goesOn;
  }

  /** Delivers parts of the full size, and at the message's end a shorter one. */
  #deliverDivided(
    opcode: number,
    final: boolean,
    available: number,
    bytes: Uint8Array<ArrayBuffer>,
  ): boolean {
    const rest = final ? 0 : available % this.#maxPart;
    const length = available - rest;
    if (rest > 0) this.#inflater.putBack(bytes.subarray(length, available));
    return this.#deliverParts({ opcode, final, length, bytes, at: 0 });
  }

  /** Delivers parts until the handler, a stop or the time slice ends that. */
  #deliverParts(parts: PendingParts): boolean {
    const receiver = this.#receiver;
    const { opcode, final, length, bytes } = parts;
    const { decoder } = receiver;
    let count = 0;
    let goesOn: boolean;
    do {
      const start = parts.at;
      const end = parts.at = Math.min(start + this.#maxPart, length);
      const left = length - end;
      const isLast = final && left === 0;
      this.#parts = left > 0 ? parts : undefined;
      goesOn = receiver
        .deliverInflated(bytes, opcode, isLast, start, end, length, left) &&
        !decoder.isStopped &&
        (++count % decoder.stride !== 0 || receiver.hasTime());
    } while (goesOn && this.#parts !== undefined && receiver.isOpen);
    if (!goesOn) MessageInflater.detach(bytes);
    return goesOn;
  }
}
