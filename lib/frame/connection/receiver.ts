/**
 * The input of a connection, from bytes to the handler: whole messages, frames or
 * parts of them, as the handler's `receive` option says.
 *
 * @module
 */

import type { Limits } from "../../listener/service.ts";
import type { MemoryCharge } from "../../memory/account.ts";
import { ByteCollector } from "../../memory/byte_collector.ts";
import { BufferCharge } from "../../memory/buffer_charge.ts";
import { isSliceOver, yieldToOthers } from "../../scheduling/scheduler.ts";
import {
  type Connection,
  OPCODE_NUMBER,
  type WebSocketHandler,
} from "../../websocket.ts";
import { Decoder } from "../codec/decoder.ts";
import type { DeflateAgreement } from "../codec/deflate_offer.ts";
import { CONTROL } from "../codec/header.ts";
import type { Memory } from "../codec/memory.ts";
import type { FrameSink } from "../codec/sink.ts";
import type { Transport } from "../transport/transport.ts";
import { CompressedReceiver } from "./compressed_receiver.ts";
import { detachView, freeLong, showOwn, view } from "./received_frame.ts";

const { continuation: CONTINUATION, close: CLOSE, ping: PING } = OPCODE_NUMBER;

/** Frames between two checks of the clock, at most. */
const MAX_STRIDE = 128;

/** Frames between two checks of the clock on a new connection. */
const FIRST_STRIDE = 16;

/** Checks in one slice below which the clock is checked more often. */
const FEW_CHECKS = 4;

/** Checks in one slice above which the clock is checked less often. */
const MANY_CHECKS = 16;

/** The connection that the handler gets, and the events of the protocol. */
export interface ReceiverUser extends Connection {
  /** A PING has arrived that the server answers; the view shows it. */
  pingReceived(): void;
  /** A CLOSE has arrived; the view shows it. */
  closeReceived(): void;
  /**
   * The client broke a rule; nothing is decoded any more.
   *
   * @param code the close code
   * @param reason the rule in a few words
   */
  fault(code: number, reason: string): void;
  /**
   * The handler has thrown, or its promise was rejected.
   *
   * @param error the error
   */
  handlerFailed(error: unknown): void;
}

/** Options of {@linkcode Receiver}. */
export interface ReceiverOptions {
  /** The handler that gets the frames. */
  readonly handler: WebSocketHandler;
  /** Limits of every connection. */
  readonly limits: Limits;
  /** The agreement on compression, if any. */
  readonly compression: DeflateAgreement | undefined;
  /** Holds the first bytes. */
  readonly memory: Memory;
  /** The connection's share of the memory account. */
  readonly charge: MemoryCharge;
}

/** Receives the frames of one connection. */
export class Receiver implements FrameSink {
  /** Splits bytes into frames. */
  readonly decoder: Decoder;
  /** Whether the handler gets whole messages; each text is valid UTF-8 then. */
  readonly wholeMessages: boolean;
  /** Holds the bytes that are decoded. */
  memory: Memory;
  /** Complete data messages. */
  messages = 0;
  /** Bytes of their payload, inflated. */
  bytes = 0;

  readonly #user: ReceiverUser;
  readonly #handler: WebSocketHandler;
  readonly #transport: Transport;
  readonly #charge: MemoryCharge;
  readonly #compressed: CompressedReceiver | undefined;
  /** Fragments of the current message, where messages are delivered whole. */
  #fragments: ByteCollector | undefined;
  #fragmentsCode = 0;
  #awaitsOutput = false;
  /** Checks of the clock in the current slice. */
  #clockChecks = 0;

  /**
   * Makes a receiver.
   *
   * @param user the connection
   * @param transport is paused while the handler's promise is pending
   * @param options handler, limits and compression
   */
  constructor(
    user: ReceiverUser,
    transport: Transport,
    { handler, limits, compression, memory, charge }: ReceiverOptions,
  ) {
    const { receive = "message" } = handler;
    const maxPayload = handler.maxPayload ?? limits.maxPayload;
    const maxPart = receive === "part" ? handler.maxPart ?? Infinity : Infinity;
    this.#charge = charge;
    this.#user = user;
    this.#transport = transport;
    this.#handler = handler;
    this.memory = memory;
    this.wholeMessages = receive === "message";
    this.#compressed = compression && new CompressedReceiver(this, {
      receive,
      maxPart,
      maxPayload,
      agreement: compression,
      charge,
    });
    this.decoder = new Decoder(this, {
      maxPayload,
      limit: receive === "frame" ? "frame" : "message",
      pieces: receive === "part",
      maxPiece: maxPart,
      // Fragments that are delivered one by one take no memory.
      maxFragments: this.wholeMessages ? limits.maxFragments : Infinity,
      deflated: this.#compressed,
    });
    this.decoder.stride = FIRST_STRIDE;
  }

  /** Whether the connection is open. */
  get isOpen(): boolean {
    return this.#user.isOpen;
  }

  /** Bytes of output that are not written. */
  get outputLength(): number {
    return this.#transport.output.length;
  }

  /**
   * Decodes bytes.
   *
   * @param memory holds them
   * @param start the first byte
   * @param end the byte after the last
   * @returns the first byte that was not consumed
   */
  received(memory: Memory, start: number, end: number): number {
    this.memory = memory;
    this.decoder.floor = -1;
    this.#clockChecks = 0;
    this.#awaitsOutput = false;
    this.decoder.beginInput();
    const rest = this.#compressed === undefined || this.#compressed.finish()
      ? this.decoder.decode(memory, start, end)
      : start;
    if (this.#transport.isPaused) return rest;
    if (this.#awaitsOutput) this.yieldSlice();
    else if (this.#clockChecks > 0) this.#checkLessOften();
    return rest;
  }

  /** Stops decoding until the output that waits is written. */
  waitForOutput(): void {
    this.#awaitsOutput = true;
    this.decoder.endInput();
  }

  /** Frees all memory; nothing is received any more. */
  free(): void {
    this.#compressed?.free();
    this.#fragments?.clear();
  }

  /**
   * Reads no further until a promise of the handler settles.
   *
   * @param result a rejection closes the connection
   */
  waitFor(result: Promise<void>): void {
    this.#transport.pause();
    Promise.resolve(result)
      .catch((error) => this.#user.handlerFailed(error))
      .finally(() => this.#transport.resume());
  }

  /** Gives the view to the handler; returns whether to go on with the next frame. */
  deliver(): boolean {
    try {
      const result = this.#handler.frame(this.#user, view);
      if (result === undefined) return true;
      detachView();
      this.waitFor(result);
      return false;
    } catch (error) {
      this.#user.handlerFailed(error);
      return true;
    }
  }

  // The decoder calls the following methods.

  /**
   * Handles a frame, or a part of one.
   *
   * @param opcode the frame's opcode
   * @param final whether FIN is set and nothing of the frame is left
   * @param start the payload's first byte
   * @param end the byte after it
   * @param length bytes of the whole payload
   * @param left bytes of it that are still to come
   * @returns whether to go on with the next frame
   */
  frame(
    opcode: number,
    final: boolean,
    start: number,
    end: number,
    length: number,
    left: number,
  ): boolean {
    if (opcode >= CONTROL) {
      this.#show(opcode, true, start, end, length, 0);
      return this.#control(opcode);
    }
    if (!this.#user.isOpen) return true;
    this.bytes += end - start;
    if (final) this.messages++;
    if (this.wholeMessages && (!final || opcode === CONTINUATION)) {
      return this.#collect(opcode, final, start, end);
    }
    this.#show(opcode, final, start, end, length, left);
    return this.deliver();
  }

  /**
   * Whether the slice has time left; else the connection yields. The slower the
   * handler, the more often the clock is checked.
   */
  hasTime(): boolean {
    this.#clockChecks++;
    if (!isSliceOver()) return true;
    if (this.#clockChecks < FEW_CHECKS) {
      this.decoder.stride = this.decoder.stride >> 2 || 1;
    } else if (this.#clockChecks > MANY_CHECKS) this.#checkLessOften();
    this.yieldSlice();
    return false;
  }

  /**
   * The client broke a rule.
   *
   * @param code the close code
   * @param reason the rule in a few words
   */
  fault(code: number, reason: string): void {
    this.#user.fault(code, reason);
  }

  // The receiver of compressed messages calls the following methods.

  /**
   * Delivers inflated bytes as a frame or a part; returns whether to go on.
   *
   * @param bytes holds them
   * @param opcode the opcode
   * @param final whether the message ends with them
   * @param start the first byte
   * @param end the byte after the last
   * @param length bytes of the whole
   * @param left bytes of the whole that follow
   */
  deliverInflated(
    bytes: Uint8Array<ArrayBuffer>,
    opcode: number,
    final: boolean,
    start: number,
    end: number,
    length: number,
    left: number,
  ): boolean {
    this.#show(opcode, final, start, end, length, left);
    showOwn(bytes);
    return this.deliver();
  }

  /** Pauses the transport until the other connections had their slice. */
  yieldSlice(): void {
    this.#transport.pause();
    yieldToOthers(() => this.#transport.resume());
  }

  #checkLessOften(): void {
    this.decoder.stride = Math.min(2 * this.decoder.stride, MAX_STRIDE);
  }

  #control(opcode: number): boolean {
    if (opcode === CLOSE) {
      this.#user.closeReceived();
      return false;
    }
    if (!this.#user.isOpen) return true;
    const { controlFrames } = this.#handler;
    if (controlFrames !== true && opcode === PING) this.#user.pingReceived();
    return controlFrames ? this.deliver() : true;
  }

  #show(
    opcode: number,
    final: boolean,
    start: number,
    end: number,
    length: number,
    left: number,
  ): void {
    view.bytes = this.memory.bytes;
    view.isOwn = false;
    view.start = start;
    view.end = end;
    view.code = opcode;
    view.final = final;
    view.length = length;
    view.left = left;
  }

  /** Joins the fragments of a message, and delivers it. */
  #collect(
    opcode: number,
    final: boolean,
    start: number,
    end: number,
  ): boolean {
    this.#fragments ??= new ByteCollector(new BufferCharge(this.#charge));
    if (opcode !== CONTINUATION) this.#fragmentsCode = opcode;
    this.#fragments.append(this.memory.bytes.subarray(start, end));
    if (!final) return true;
    const message = this.#fragments.take();
    this.#fragments = undefined;
    const { length } = message;
    this.#show(this.#fragmentsCode, true, 0, length, length, 0);
    showOwn(message);
    const goesOn = this.deliver();
    if (goesOn) freeLong(message);
    return goesOn;
  }
}
