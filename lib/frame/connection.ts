/**
 * A connection of the frame listener: what the handler sends goes out as
 * frames, and the closing handshake (RFC 6455 §7) is kept whoever starts it.
 *
 * @module
 */

import { getLogger } from "@std/log";
import { CLOSE_CODE, encodeClose } from "../protocol/close_code.ts";
import type { Deadlines } from "../scheduling/deadlines.ts";
import { opcodeToSend } from "../protocol/fragment_order.ts";
import { firstActivity, nextActivity } from "../scheduling/activity.ts";
import { debugEnabled } from "../log/log.ts";
import type { Service } from "../listener/service.ts";
import {
  type Capabilities,
  type Connection,
  type Frame,
  OPCODE_NUMBER,
  type SendOptions,
  type Traffic,
  type WebSocketHandler,
} from "../websocket.ts";
import type { MemoryCharge, MemoryHolder } from "../memory/account.ts";
import { MessageDeflater, MessageInflater } from "./deflate.ts";
import { COMPRESSED_FRAGMENT, Fragments, MAX_AT_ONCE } from "./fragments.ts";
import type { DeflateAgreement } from "./codec/deflate_offer.ts";
import { controlPayload, Encoder } from "./codec/encoder.ts";
import { CONTROL, FIN } from "./codec/header.ts";
import type { Memory, Slot } from "./codec/slots.ts";
import { MAX_CHUNK } from "./transport/output.ts";
import { view } from "./codec/received_frame.ts";
import { Receiver, type ReceiverUser } from "./receiver.ts";
import { parseHead } from "./codec/request_head.ts";
import type { Socket } from "./transport/socket.ts";
import { Transport, type TransportUser } from "./transport/transport.ts";

const CAPABILITIES: Capabilities = Object.freeze({
  controlFrames: true,
  fragments: true,
  transport: true,
  compression: false,
});

const COMPRESSED: Capabilities = Object.freeze({
  ...CAPABILITIES,
  compression: true,
});

const { close: CLOSE, pong: PONG, continuation: CONTINUATION } = OPCODE_NUMBER;

/** Bytes of memory that a connection takes in addition to what it holds for a while. */
const IDLE_BYTES = 8 * 1024;

/** Bytes of output that a CLOSE may wait behind where memory has to be given back. */
const MAX_RECLAIMED_OUTPUT = 64 * 1024;

/** Bytes of output from which on what has arrived waits until they are written. */
const MAX_TURN_OUTPUT = 256 * 1024;

/** Bytes of a message from which on compressing it is worth the while. */
const COMPRESSION_THRESHOLD = 1024;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const NOTHING = new Uint8Array(0);
const PING_OPTIONS: SendOptions = { opcode: "ping" };

/** What is known of a connection when its handshake is done. */
export interface FrameConnectionInit {
  /** What was accepted. */
  readonly socket: Socket;
  /** The matched route's path. */
  readonly path: string;
  /** The matched route's handler. */
  readonly handler: WebSocketHandler;
  /** The request's head as text, and the scheme and authority of its URL. */
  readonly head: { readonly text: string; readonly origin: string };
  /** The negotiated subprotocol, or `""`. */
  readonly protocol: string;
  /** What was agreed on for compression, if anything. */
  readonly compression: DeflateAgreement | undefined;
  /** The handler's first state. */
  readonly state: unknown;
  /** The 101 response, not sent yet. */
  readonly response: Uint8Array<ArrayBuffer>;
  /** Holds the bytes that arrived behind the head. */
  readonly slot: Slot;
  /** The first of them. */
  readonly start: number;
  /** The byte behind the last of them. */
  readonly end: number;
  /** Time limits of the closing handshake. */
  readonly closes: Deadlines<FrameConnection>;
  /** Behind the address limiter, where there is one: given back when the transport is closed. */
  readonly place: { release(): void } | undefined;
  /** Called once, when the transport is closed, with how the connection ended. */
  gone(connection: FrameConnection, code: number): void;
}

/** A peer on the frame listener. */
export class FrameConnection
  implements ReceiverUser, TransportUser, MemoryHolder {
  /** Unique among the running instances. */
  readonly id: string;
  /** The route's path. */
  readonly path: string;
  /** Milliseconds since the epoch. */
  readonly openedAt: number = Date.now();
  /** Grows with every read, over all connections. */
  lastActivity: number = firstActivity();
  /** The negotiated subprotocol, or `""`. */
  readonly protocol: string;
  /** The peer's address. */
  readonly remoteAddr: Deno.Addr;
  /** The handler's own. */
  state: unknown;

  readonly #service: Service;
  readonly #handler: WebSocketHandler;
  readonly #head: FrameConnectionInit["head"];
  readonly #closes: FrameConnectionInit["closes"];
  readonly #place: FrameConnectionInit["place"];
  readonly #gone: FrameConnectionInit["gone"];
  readonly #transport: Transport;
  readonly #receiver: Receiver;
  readonly #charge: MemoryCharge;
  /** Compresses what is sent, where that was agreed on. */
  readonly #deflater: MessageDeflater | undefined;
  readonly #encoder: Encoder;

  #messagesSent = 0;
  #bytesSent = 0;

  #isOpen = true;
  #peerClosed = false;
  /** Both sides have sent CLOSE, or ours is in the output. */
  #finished = false;
  #closeReported = false;
  /** What the close event is going to say, unless something else is known. */
  #closeCode: number = CLOSE_CODE.abnormal;
  #closeReason = "";

  /** Whether the work queue has so much to do that nothing more is read. */
  #awaitsWork = false;
  /** Sweeps of the keep-alive that found the handler at work. */
  #heldSweeps = 0;

  /**
   * Takes a connection over from the handshake.
   *
   * @param service limits, sessions and the work queue
   * @param id the session's id
   * @param init the transport and what the handshake found
   */
  constructor(service: Service, id: string, init: FrameConnectionInit) {
    const { handler, socket, slot } = init;
    this.id = id;
    this.protocol = init.protocol;
    this.remoteAddr = socket.remoteAddr;
    this.state = init.state;
    this.#service = service;
    this.path = init.path;
    this.#handler = handler;
    this.#head = init.head;
    this.#closes = init.closes;
    this.#place = init.place;
    this.#gone = init.gone;
    this.#charge = service.memory.open(this, IDLE_BYTES);
    this.#transport = new Transport(
      socket,
      this,
      slot,
      init.start,
      init.end,
      this.#charge,
    );
    this.#transport.output.begin(init.response);
    const { compression } = init;
    this.#receiver = new Receiver(this, this.#transport, {
      handler,
      limits: service.limits,
      compression,
      memory: slot.memory,
      charge: this.#charge,
    });
    this.#deflater = compression && new MessageDeflater({
      maxWindowBits: compression.serverMaxWindowBits,
      noContextTakeover: compression.serverNoContextTakeover,
    }, this.#charge);
    this.#encoder = new Encoder(
      compression !== undefined,
      handler.compressionThreshold ?? COMPRESSION_THRESHOLD,
    );
  }

  /** Always `frame`. */
  get listener(): "frame" {
    return "frame";
  }

  /** Every frame, both ways; compression as it was agreed on. */
  get capabilities(): Capabilities {
    return this.#deflater === undefined ? CAPABILITIES : COMPRESSED;
  }

  /** The handshake request, read anew from its text: few handlers ask for it twice. */
  get request(): Connection["request"] {
    const { text, origin } = this.#head;
    const verdict = parseHead(text);
    if (!verdict.ok) throw new Error("the request head was read before");
    const { target, headers } = verdict.head;
    return {
      url: new URL(`${origin}${target}`),
      headers: new Headers([...headers]),
    };
  }

  /** What has gone over the connection until now. */
  get traffic(): Traffic {
    return {
      messagesReceived: this.#receiver.messages,
      bytesReceived: this.#receiver.bytes,
      messagesSent: this.#messagesSent,
      bytesSent: this.#bytesSent,
    };
  }

  /** Bytes that were not written yet. */
  get bufferedAmount(): number {
    return this.#transport.output.length;
  }

  /** False from the moment that CLOSE was sent or the transport ended. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Tells the handler that the connection is open, and starts reading. */
  opened(): void {
    try {
      const opening = this.#handler.open?.(this);
      if (opening !== undefined) this.#receiver.waitFor(opening);
    } catch (error) {
      this.handlerFailed(error);
    }
    this.#transport.wake();
    this.#transport.start();
  }

  /**
   * Sends data, or a received frame as it came; see {@linkcode Connection.send}.
   *
   * @param data the payload
   * @param options opcode and FIN
   */
  send(data: string | Uint8Array | Frame, options?: SendOptions): void {
    if (!this.#isOpen) return;
    if (data === view && options === undefined) return this.#sendView();
    const fragmentSize = options?.fragmentSize ?? 0;
    if (typeof data === "string" || data instanceof Uint8Array) {
      const opcode = options?.opcode ??
        (typeof data === "string" ? "text" : "binary");
      const code = OPCODE_NUMBER[opcode];
      this.#sendFrame(code, data, options?.final ?? true, fragmentSize);
    } else {
      const code = OPCODE_NUMBER[options?.opcode ?? opcodeToSend(data)];
      const final = options?.final ?? data.final;
      this.#sendFrame(code, data.payload, final, fragmentSize, data === view);
    }
  }

  /**
   * Sends a PING.
   *
   * @param payload at most 125 bytes
   */
  ping(payload: Uint8Array = NOTHING): void {
    this.send(payload, PING_OPTIONS);
  }

  /**
   * Starts the closing handshake, or answers the peer's; see {@linkcode Connection.close}.
   *
   * @param code the close code
   * @param reason at most 123 bytes of UTF-8
   */
  close(code?: number, reason?: string): void {
    const payload = encodeClose(code, reason);
    if (this.#isOpen) this.#sendClose(payload);
  }

  /**
   * Runs work on the server's work queue; see {@linkcode Connection.queueWork}.
   *
   * @param work what to run
   */
  queueWork(work: () => void | Promise<void>): void {
    const { workQueue } = this.#service;
    workQueue.add(work, `${this.path} ${this.id}`);
    if (!workQueue.isBusy || this.#awaitsWork) return;
    this.#awaitsWork = true;
    this.holdBack();
    workQueue.calmed(() => {
      this.#awaitsWork = false;
      this.goOn();
    });
  }

  /**
   * Counts memory that the handler holds for this client; see
   * {@linkcode Connection.charge}.
   *
   * @param bytes more, or with a minus sign fewer
   */
  charge(bytes: number): void {
    this.#charge.add(bytes);
  }

  /**
   * Ends the connection without a CLOSE, behind what was sent before; see
   * {@linkcode Connection.abort}.
   */
  abort(): void {
    if (this.#transport.isClosed) return;
    this.#isOpen = false;
    this.#receiver.decoder.stop();
    this.#closes.add(this);
    this.#transport.cut();
  }

  /** Delivers nothing more for now; see {@linkcode Connection.pauseReading}. */
  pauseReading(): void {
    if (!this.#isOpen) return;
    this.#receiver.decoder.stop();
    this.#transport.stop();
  }

  /** Ends a {@linkcode Connection.pauseReading}. */
  resumeReading(): void {
    if (this.#isOpen) this.#readOn();
  }

  /** Ends the connection at once. */
  destroy(): void {
    this.#transport.destroy();
  }

  /**
   * One sweep of the keep-alive: PING after half of the sweeps without a byte,
   * the end after all of them. A peer that does not read, and so is not read from,
   * is not silent; one that the handler does not read from is taken for it.
   *
   * @param sweeps that make up the idle timeout
   */
  sweep(sweeps: number): void {
    const transport = this.#transport;
    if (!transport.isQuiet) return this.#sweepHeld(sweeps);
    const quiet = ++transport.quietSweeps;
    if (quiet >= sweeps) transport.destroy();
    else if (quiet === sweeps >> 1 && this.#isOpen) this.ping();
  }

  /**
   * A peer is not read from while its handler is at work, which may be for ever.
   * Whether the peer is still there, a PING finds out: writing fails if it is not.
   */
  #sweepHeld(sweeps: number): void {
    if (!this.#transport.isPaused || !this.#isOpen) return;
    if (++this.#heldSweeps % sweeps === 0) this.ping();
  }

  // What follows is called by the memory account.

  /** Its receive buffers, messages and output are its own. */
  get isReclaimable(): boolean {
    return true;
  }

  /** All that it holds is charged already. */
  measure(): void {}

  /** Takes in nothing behind the current frame for now; each call needs a `goOn`. */
  holdBack(): void {
    this.#receiver.decoder.stop();
    this.#transport.hold();
  }

  /** Takes in more again. */
  goOn(): void {
    this.#receiver.decoder.go();
    this.#transport.release();
  }

  /** Closes with 1013; a client that has much to read is disconnected at once. */
  reclaim(): void {
    const bytes = this.#charge.bytes;
    getLogger("httpd_ws").warn(
      `Sock ${this.id} is closed: it holds ${bytes} bytes, and MEMORY_LIMIT is near`,
    );
    this.#service.observer.limited("MEMORY_LIMIT", "frame");
    this.#receiver.free();
    if (this.bufferedAmount > MAX_RECLAIMED_OUTPUT || !this.#isOpen) {
      return this.#transport.destroy();
    }
    this.#closes.add(this);
    this.#receiver.decoder.fail(
      CLOSE_CODE.tryAgainLater,
      "the server has too little memory",
    );
  }

  // What follows is called by the transport and the receiver.

  /** Bytes that the current frame still needs. */
  get missing(): number {
    return this.#receiver.decoder.missing;
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
    if (this.#peerClosed) return end;
    this.lastActivity = nextActivity();
    return this.#receiver.received(memory, start, end);
  }

  /**
   * Fails the connection (RFC 6455 §7.1.7).
   *
   * @param code the close code
   * @param reason a few words
   */
  fault(code: number, reason: string): void {
    getLogger("httpd_ws").info(`Fault of sock ${this.id}: ${reason}`);
    this.#closeCode = code;
    this.#closeReason = reason;
    if (this.#isOpen) this.#sendClose(encodeClose(code, reason));
    this.#reportClose(code, reason, false);
    this.#transport.end();
  }

  /** Answers a PING that the handler does not ask for; the view shows it. */
  pinged(): void {
    if (debugEnabled) {
      getLogger("httpd_ws").debug("Got a WS PING frame, Replying PONG");
    }
    this.#emitView(FIN | PONG);
  }

  /** The peer's CLOSE, which the view shows: an answer to one of ours, or the first. */
  peerCloses(): void {
    const { bytes, start, end } = view;
    this.#peerClosed = true;
    if (end > start) {
      this.#closeCode = (bytes[start]! << 8) | bytes[start + 1]!;
      this.#closeReason = decoder.decode(bytes.subarray(start + 2, end));
    } else {
      this.#closeCode = CLOSE_CODE.noStatus;
    }
    const answered = !this.#isOpen;
    if (this.#handler.controlFrames === true) {
      this.#closes.add(this);
      this.#receiver.deliver();
    } else if (!answered) {
      this.#sendClose(bytes.subarray(start, end));
    }
    if (answered) this.#finish();
  }

  /**
   * Ends the connection, as far as the peer reads, for a fault of the handler's.
   *
   * @param error what it threw
   */
  handlerFailed(error: unknown): void {
    this.#logHandlerError(error);
    this.close(CLOSE_CODE.internalError, "the handler failed");
  }

  /**
   * Tells the observer how long an answer took.
   *
   * @param milliseconds from the arrival of input to the hand-over of output
   */
  echoed(milliseconds: number): void {
    this.#service.observer.echoed(this, milliseconds / 1000);
  }

  /** The peer ended its side without a CLOSE, or after the closing handshake. */
  peerEnded(): void {
    this.#isOpen = false;
    this.#transport.end();
  }

  /** Our CLOSE is written; from now on the peer has its time. */
  drained(): void {
    this.#closes.add(this);
    if (this.#finished) {
      this.#reportClose(this.#closeCode, this.#closeReason, true);
    }
  }

  /** The transport is closed. */
  gone(): void {
    this.#isOpen = false;
    this.#deflater?.free();
    this.#receiver.free();
    this.#charge.close();
    this.#closes.delete(this);
    this.#reportClose(this.#closeCode, this.#closeReason, false);
    this.#place?.release();
    this.#gone(this, this.#closeCode);
  }

  #readOn(): void {
    this.#receiver.decoder.go();
    this.#transport.go();
  }

  /** Sends our CLOSE, the first or the answer. */
  #sendClose(payload: Uint8Array): void {
    this.#isOpen = false;
    this.#append(FIN | CLOSE, payload);
    this.#transport.reportDrain();
    this.#readOn();
    if (this.#peerClosed) this.#finish();
  }

  /**
   * Both sides have a CLOSE (RFC 6455 §7.1.4): the transport may end when ours is
   * written, as slowly as the peer reads.
   */
  #finish(): void {
    this.#finished = true;
    this.#transport.reportDrain();
    this.#transport.end();
    if (this.bufferedAmount === 0) this.drained();
  }

  #reportClose(code: number, reason: string, wasClean: boolean): void {
    if (this.#closeReported) return;
    this.#closeReported = true;
    getLogger("httpd_ws").info(
      `Connection of sock ${this.id} closed with ${code}`,
    );
    try {
      const closing = this.#handler.close?.(this, { code, reason, wasClean });
      if (closing !== undefined) {
        Promise.resolve(closing).catch((error) => this.#logHandlerError(error));
      }
    } catch (error) {
      this.#logHandlerError(error);
    }
  }

  #logHandlerError(error: unknown): void {
    getLogger("httpd_ws").error(
      `Handler of ${this.path} failed on sock ${this.id}:`,
      error,
    );
  }

  /** Sends the view on: without a copy where it may leave as it is. */
  #sendView(): void {
    const { code, final, length, start, end } = view;
    const isWhole = length === end - start && code < CONTROL;
    if (isWhole && this.#encoder.passes(code, final, length)) {
      if (this.#emitView(FIN | code)) this.#count(true, length);
    } else {
      const isLaterPiece = length - view.left > end - start;
      const opcode = isLaterPiece ? CONTINUATION : code;
      this.#sendFrame(opcode, view.payload, final, 0, true);
    }
  }

  /** Whether the view's bytes can be the output's own: those of a read cannot. */
  #takesView(): boolean {
    const { bytes, start, end, isOwn } = view;
    if (!isOwn || end - start < MAX_CHUNK) return false;
    MessageInflater.leave(bytes);
    return view.isTaken = true;
  }

  /** Has the view leave as one frame, unless its peer is cut off instead. */
  #emitView(first: number): boolean {
    const { bytes, start, end } = view;
    const { output, inTurn } = this.#transport;
    if (
      inTurn && bytes === this.#receiver.memory.bytes &&
      output.extendRun(bytes, first, start, end)
    ) {
      // What leaves from where it arrived is no more than was read.
      this.#receiver.decoder.floor = end;
      return true;
    }
    if (this.#isChoked()) return false;
    this.#append(first, view.payload, this.#takesView());
    return true;
  }

  #sendFrame(
    code: number,
    data: string | Uint8Array,
    final: boolean,
    fragmentSize: number,
    isView = false,
  ): void {
    if (code === CLOSE) {
      this.#sendClose(controlPayload(code, data, final));
    } else if (!this.#isChoked()) {
      if (code >= CONTROL) {
        this.#append(FIN | code, controlPayload(code, data, final));
      } else {
        this.#sendData(code, data, final, fragmentSize, isView);
      }
    }
  }

  #sendData(
    code: number,
    data: string | Uint8Array,
    final: boolean,
    fragmentSize: number,
    isView: boolean,
  ): void {
    const isText = typeof data === "string";
    const isChecked = isText || isView && this.#receiver.wholeMessages;
    const payload = this.#encoder.encode(code, data, final, isChecked);
    this.#count(final, this.#encoder.length);
    const { first, isDeflated } = this.#encoder;
    const { length } = payload;
    const size = fragmentSize > 0 ? fragmentSize : Infinity;
    const isLong = length > size || isDeflated && length > MAX_AT_ONCE;
    const isLater = isLong || isDeflated && this.#transport.output.hasSources;
    if (isDeflated && !isLater) {
      return this.#append(first, this.#deflater!.deflate(payload, final));
    }
    const isOwned = isText || isView && this.#takesView();
    if (!isLater) this.#append(first, payload, isOwned);
    else {
      const own = isOwned ? payload : payload.slice();
      this.#appendFragments(first, own, size);
    }
  }

  #count(final: boolean, bytes: number): void {
    if (final) this.#messagesSent++;
    this.#bytesSent += bytes;
  }

  /** Closes a peer that lets too much wait; returns whether it did. */
  #isChoked(): boolean {
    if (this.#transport.output.length <= this.#service.limits.sendBufferLimit) {
      return false;
    }
    this.#service.observer.cutOff(this);
    this.close(CLOSE_CODE.policyViolation, "too much is waiting to be read");
    this.#closes.add(this);
    return true;
  }

  /** They are made later. What is compressed behind them has to be, too. */
  #appendFragments(first: number, payload: Uint8Array, size: number): void {
    const deflater = this.#encoder.isDeflated ? this.#deflater : undefined;
    const bytes = deflater ? Math.min(size, COMPRESSED_FRAGMENT) : size;
    this.#spillRun();
    this.#transport.output.appendSource(
      new Fragments(first, payload, bytes, deflater),
    );
    this.#queued();
  }

  #append(first: number, payload: Uint8Array, isOwned = false): void {
    const { output } = this.#transport;
    this.#spillRun();
    if (isOwned) output.appendOwned(first, payload);
    else output.append(first, payload);
    this.#queued();
  }

  /** Has the output written; what it answers is decoded no further before that. */
  #queued(): void {
    const { output, inTurn } = this.#transport;
    if (!inTurn) this.#transport.wake();
    else if (output.length > MAX_TURN_OUTPUT) this.#receiver.waitForOutput();
  }

  /** What is queued leaves behind the run, and is written with it. */
  #spillRun(): void {
    const { output, inTurn } = this.#transport;
    if (inTurn) output.spillRun(this.#receiver.memory.bytes);
  }
}
