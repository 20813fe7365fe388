/**
 * What arrives on a connection, from bytes to the handler: whole messages,
 * frames or parts of them, as the handler asked for it.
 *
 * @module
 */

import { ByteCollector } from "../../memory/byte_collector.ts";
import type { MemoryCharge } from "../../memory/account.ts";
import { Held } from "../../memory/held.ts";
import { free } from "../../memory/resize.ts";
import { isSliceOver, yieldToOthers } from "../../scheduling/scheduler.ts";
import type { Limits } from "../../listener/service.ts";
import {
  type Connection,
  OPCODE_NUMBER,
  type WebSocketHandler,
} from "../../websocket.ts";
import {
  Decoder,
  type DeflatedSink,
  type FrameSink,
} from "../codec/decoder.ts";
import { type InflateFault, MessageInflater } from "./deflate.ts";
import type { DeflateAgreement } from "../codec/deflate_offer.ts";
import { CONTROL } from "../codec/header.ts";
import type { Memory } from "../codec/memory.ts";
import { leaveView, view } from "./received_frame.ts";
import type { Transport } from "../transport/transport.ts";

const { continuation: CONTINUATION, close: CLOSE, ping: PING } = OPCODE_NUMBER;

/** Bytes of a message that is not left to the collection of garbage. */
const LONG_MESSAGE = 4 * 2 ** 20;

/** Frames until the clock is looked at. */
const MAX_STRIDE = 128;

/** The same of a connection of which nothing is known. */
const FIRST_STRIDE = 16;

/** Looks in a slice that are too few, and enough. */
const FEW_LOOKS = 4;
const MANY_LOOKS = 16;

/** Bytes of output that are written before more is inflated. */
const MAX_DEFLATED_OUTPUT = 64 * 1024;

/** The connection that the handler knows, and what the protocol wants of it. */
export interface ReceiverUser extends Connection {
  /** Answers a PING that the handler does not ask for; the view shows it. */
  pinged(): void;
  /** The peer's CLOSE has come; the view shows it. */
  peerCloses(): void;
  /**
   * The peer broke a rule; nothing is decoded any more.
   *
   * @param code the close code that fits
   * @param reason a few words
   */
  fault(code: number, reason: string): void;
  /**
   * The handler has thrown, or its promise was rejected.
   *
   * @param error with what
   */
  handlerFailed(error: unknown): void;
}

/** What {@linkcode Receiver} goes by. */
export interface ReceiverOptions {
  /** Gets what arrives. */
  readonly handler: WebSocketHandler;
  /** Limits of every connection. */
  readonly limits: Limits;
  /** What was agreed on for compression, if anything. */
  readonly compression: DeflateAgreement | undefined;
  /** Where the first bytes are. */
  readonly memory: Memory;
  /** Of the connection. */
  readonly charge: MemoryCharge;
}

/** A piece of a compressed message that is not inflated to its end. */
interface DeflatedRest {
  readonly end: number;
  readonly endsFrame: boolean;
  readonly endsMessage: boolean;
}

/** What was inflated in one step, on its way to a handler that gets pieces. */
interface InflatedPieces {
  readonly code: number;
  /** Whether the message ends with it. */
  readonly final: boolean;
  readonly length: number;
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The first byte that was not delivered. */
  at: number;
}

/** Takes in what arrives on one connection. */
export class Receiver implements FrameSink, DeflatedSink {
  /** Splits bytes into frames. */
  readonly decoder: Decoder;
  /** Holds the bytes that are looked at. */
  memory: Memory;
  /** Data messages that have arrived. */
  messages = 0;
  /** Bytes of their payload, decompressed. */
  bytes = 0;

  readonly #user: ReceiverUser;
  readonly #handler: WebSocketHandler;
  readonly #transport: Transport;
  readonly #inflater: MessageInflater | undefined;
  /** Whether the handler gets whole messages: a text among them is UTF-8. */
  readonly wholeMessages: boolean;
  /** Fragments of the message that is arriving, where messages are delivered whole. */
  #fragments: ByteCollector | undefined;
  #fragmentsCode = 0;
  readonly #charge: MemoryCharge;
  /** Bytes of a piece; Infinity: as many as there are. */
  readonly #maxPiece: number;
  /** Bytes that make a piece of an inflated message, unless they end it. */
  readonly #least: number;
  /** What was inflated and is not delivered yet. */
  #rest: InflatedPieces | undefined;
  #deflatedRest: DeflatedRest | undefined;
  #awaitsOutput = false;
  /** Looks at the clock in this slice. */
  #looks = 0;

  /**
   * Starts with nothing taken in.
   *
   * @param user the connection
   * @param transport is paused while the handler is at work
   * @param options handler and limits
   */
  constructor(
    user: ReceiverUser,
    transport: Transport,
    { handler, limits, compression, memory, charge }: ReceiverOptions,
  ) {
    this.#charge = charge;
    this.#user = user;
    this.#transport = transport;
    this.#handler = handler;
    this.memory = memory;
    this.wholeMessages = (handler.receive ?? "message") === "message";
    const maxPayload = handler.maxPayload ?? limits.maxPayload;
    const pieces = handler.receive === "part";
    this.#maxPiece = pieces ? handler.maxPart ?? Infinity : Infinity;
    this.#least = this.#maxPiece === Infinity ? 1 : this.#maxPiece;
    this.decoder = new Decoder(this, {
      maxPayload,
      limit: handler.receive === "frame" ? "frame" : "message",
      pieces,
      maxPiece: this.#maxPiece,
      // A handler that takes frames as they come has nobody put them together.
      maxFragments: this.wholeMessages ? limits.maxFragments : Infinity,
      deflated: compression && this,
    });
    this.decoder.stride = FIRST_STRIDE;
    this.#inflater = compression && new MessageInflater(
      {
        maxWindowBits: compression.clientMaxWindowBits,
        noContextTakeover: compression.clientNoContextTakeover,
      },
      pieces ? Infinity : maxPayload,
      charge,
    );
  }

  /**
   * Decodes what has arrived.
   *
   * @param memory holds it
   * @param start the first byte
   * @param end the byte behind the last
   * @returns the first byte that was not consumed
   */
  received(memory: Memory, start: number, end: number): number {
    this.memory = memory;
    this.decoder.floor = -1;
    this.#looks = 0;
    this.#awaitsOutput = false;
    this.decoder.beginTurn();
    const rest = this.#finishInflated()
      ? this.decoder.decode(memory, start, end)
      : start;
    if (this.#transport.isPaused) return rest;
    if (this.#awaitsOutput) this.#yieldSlice();
    else if (this.#looks > 0) this.#lookLessOften();
    return rest;
  }

  /** Delivers what was left of the last turn; returns whether all of it is handled. */
  #finishInflated(): boolean {
    if (this.#rest !== undefined && this.#user.isOpen) {
      if (!this.#deliverPieces(this.#rest)) return false;
    }
    return this.#deflatedRest === undefined || this.#inflateRest();
  }

  /** So much output waits that the rest of what has arrived waits for it. */
  waitForOutput(): void {
    this.#awaitsOutput = true;
    this.decoder.endTurn();
  }

  /** Gives back all that is held; nothing is received any more. */
  free(): void {
    this.#inflater?.free();
    this.#inflater?.take();
    this.#fragments?.clear();
    this.#rest = undefined;
    this.#deflatedRest = undefined;
  }

  // What follows is called by the decoder.

  /**
   * Takes a frame in, or a piece of one.
   *
   * @param opcode the frame's
   * @param final whether FIN is set and nothing is left
   * @param start the payload's first byte
   * @param end the byte behind it
   * @param length bytes of the whole payload
   * @param left bytes that are still to come
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
      this.#look(opcode, true, start, end, length, 0);
      return this.#control(opcode);
    }
    if (!this.#user.isOpen) return true;
    this.bytes += end - start;
    if (final) this.messages++;
    if (this.wholeMessages && (!final || opcode === CONTINUATION)) {
      return this.#collect(opcode, final, start, end);
    }
    this.#look(opcode, final, start, end, length, left);
    return this.deliver();
  }

  /**
   * Takes a piece of a compressed message in. The handler gets what it inflates
   * to: whole messages, frames or, as nobody knows the length of a frame before
   * its end, pieces that are frames of their own.
   *
   * @param opcode the frame's
   * @param start the piece's first byte
   * @param end the byte behind it
   * @param endsFrame whether it is the frame's last
   * @param endsMessage whether it is the message's last
   * @returns whether to go on with the next piece
   */
  deflated(
    opcode: number,
    start: number,
    end: number,
    endsFrame: boolean,
    endsMessage: boolean,
  ): boolean {
    if (!this.#user.isOpen) return true;
    const inflater = this.#inflater!;
    const before = inflater.length;
    const { bytes } = this.memory;
    const fault = inflater.push(opcode, bytes, start, end, endsMessage);
    return this.#inflated(fault, before, end, endsFrame, endsMessage);
  }

  /** Goes on with a piece; returns whether all of it is inflated and handled. */
  #inflateRest(): boolean {
    const { end, endsFrame, endsMessage } = this.#deflatedRest!;
    this.#deflatedRest = undefined;
    if (!this.#user.isOpen) return true;
    const inflater = this.#inflater!;
    const before = inflater.length;
    const fault = inflater.goOn(this.memory.bytes, end, endsMessage);
    return this.#inflated(fault, before, end, endsFrame, endsMessage);
  }

  /** Handles what was inflated of a piece; returns whether to go on with the next one. */
  #inflated(
    fault: InflateFault | "more" | undefined,
    before: number,
    end: number,
    endsFrame: boolean,
    endsMessage: boolean,
  ): boolean {
    const inflater = this.#inflater!;
    this.bytes += inflater.length - before;
    if (fault === "more") {
      this.#deflatedRest = { end, endsFrame, endsMessage };
      if (!this.#isDue(false, false)) inflater.keep();
      else if (!this.#deliverInflated(false)) return false;
      this.#yieldSlice();
      return false;
    }
    if (fault !== undefined) {
      return this.decoder.fail(fault.code, fault.reason);
    }
    if (endsMessage) this.messages++;
    if (this.#isDue(endsFrame, endsMessage)) {
      if (!this.#deliverInflated(endsMessage)) return false;
    } else {
      inflater.keep();
    }
    if (this.#transport.output.length < MAX_DEFLATED_OUTPUT) return true;
    // Little compressed data may be much to answer: the rest waits for its output.
    this.#yieldSlice();
    return false;
  }

  /**
   * Whether there is time for more; otherwise the others go first. A handler that
   * takes long is asked more often, so that it ends in time.
   */
  hasTime(): boolean {
    this.#looks++;
    if (!isSliceOver()) return true;
    if (this.#looks < FEW_LOOKS) {
      this.decoder.stride = this.decoder.stride >> 2 || 1;
    } else if (this.#looks > MANY_LOOKS) this.#lookLessOften();
    this.#yieldSlice();
    return false;
  }

  #lookLessOften(): void {
    this.decoder.stride = Math.min(2 * this.decoder.stride, MAX_STRIDE);
  }

  /**
   * The peer broke a rule.
   *
   * @param code the close code that fits
   * @param reason a few words
   */
  fault(code: number, reason: string): void {
    this.#user.fault(code, reason);
  }

  /** Hands the view to the handler; returns whether to go on with the next frame. */
  deliver(): boolean {
    try {
      const result = this.#handler.frame(this.#user, view);
      if (result === undefined) return true;
      this.#hold(result);
      return false;
    } catch (error) {
      this.#user.handlerFailed(error);
      return true;
    }
  }

  /** Reads no further until the handler's promise settles; it keeps the view. */
  #hold(result: Promise<void>): void {
    leaveView();
    this.waitFor(result);
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

  #control(opcode: number): boolean {
    if (opcode === CLOSE) {
      this.#user.peerCloses();
      return false;
    }
    if (!this.#user.isOpen) return true;
    if (this.#handler.controlFrames === true) return this.deliver();
    if (opcode === PING) this.#user.pinged();
    return true;
  }

  #look(
    code: number,
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
    view.code = code;
    view.final = final;
    view.length = length;
    view.left = left;
  }

  /** Puts fragments together. */
  #collect(
    opcode: number,
    final: boolean,
    start: number,
    end: number,
  ): boolean {
    this.#fragments ??= new ByteCollector(new Held(this.#charge));
    if (opcode !== CONTINUATION) this.#fragmentsCode = opcode;
    this.#fragments.append(this.memory.bytes.subarray(start, end));
    if (!final) return true;
    const message = this.#fragments.take();
    this.#fragments = undefined;
    const { length } = message;
    this.#look(this.#fragmentsCode, true, 0, length, length, 0);
    ownView(message);
    const goesOn = this.deliver();
    if (goesOn) giveUp(message);
    return goesOn;
  }

  /** Whether the handler is to get what has been inflated. */
  #isDue(endsFrame: boolean, endsMessage: boolean): boolean {
    switch (this.#handler.receive) {
      case "part":
        return endsMessage || this.#inflater!.length >= this.#least;
      case "frame":
        return endsFrame;
      default:
        return endsMessage;
    }
  }

  #deliverInflated(final: boolean): boolean {
    const { code, length } = this.#inflater!;
    const bytes = this.#inflater!.take();
    if (this.#maxPiece !== Infinity) {
      return this.#deliverDivided(code, final, length, bytes);
    }
    this.#look(code, final, 0, length, length, 0);
    ownView(bytes);
    const goesOn = this.deliver();
    if (goesOn) giveUp(bytes);
    else MessageInflater.leave(bytes);
    return goesOn;
  }

  /** Delivers whole pieces, and behind the last of them what ends the message. */
  #deliverDivided(
    code: number,
    final: boolean,
    available: number,
    bytes: Uint8Array<ArrayBuffer>,
  ): boolean {
    const rest = final ? 0 : available % this.#maxPiece;
    const length = available - rest;
    if (rest > 0) this.#inflater!.putBack(bytes.subarray(length, available));
    return this.#deliverPieces({ code, final, length, bytes, at: 0 });
  }

  /** Delivers what was inflated piece by piece, as far as the handler goes on. */
  #deliverPieces(inflated: InflatedPieces): boolean {
    const { code, final, length, bytes } = inflated;
    let count = 0;
    let goesOn: boolean;
    do {
      const start = inflated.at;
      const end = inflated.at = Math.min(start + this.#maxPiece, length);
      const left = length - end;
      this.#look(code, final && left === 0, start, end, length, left);
      ownView(bytes);
      this.#rest = left > 0 ? inflated : undefined;
      goesOn = this.deliver() && !this.decoder.isStopped &&
        (++count % this.decoder.stride !== 0 || this.hasTime());
    } while (goesOn && this.#rest !== undefined && this.#user.isOpen);
    if (!goesOn) MessageInflater.leave(bytes);
    return goesOn;
  }

  /** Goes on after the other connections. */
  #yieldSlice(): void {
    this.#transport.pause();
    yieldToOthers(() => this.#transport.resume());
  }
}

/** The view shows memory that no connection reads into. */
function ownView(bytes: Uint8Array<ArrayBuffer>): void {
  view.bytes = bytes;
  view.isOwn = true;
  view.isTaken = false;
}

/** Frees the memory of a long message that its handler is done with. */
function giveUp(message: Uint8Array<ArrayBuffer>): void {
  const { buffer } = message;
  if (buffer.byteLength >= LONG_MESSAGE && !view.isTaken) free(buffer);
}
