/**
 * A connection of the edge listener: the runtime's server-side `WebSocket` in
 * the shape of {@linkcode Connection}.
 *
 * @module
 */

import { getLogger } from "@std/log";
import { ByteCollector } from "../byte_collector.ts";
import { CLOSE_CODE, decodeClose, encodeClose } from "../close_code.ts";
import { InvalidPayloadError, NotSupportedError } from "../errors.ts";
import { checkFragmentOrder, opcodeToSend } from "../fragment_order.ts";
import { hear } from "../hearing.ts";
import type { MemoryCharge, MemoryHolder } from "../memory/account.ts";
import { Held } from "../memory/held.ts";
import { free } from "../memory/resize.ts";
import { isSliceOver, othersFirst } from "../scheduling/scheduler.ts";
import { sampledNow } from "../sampled_clock.ts";
import type { Service } from "../service.ts";
import type {
  Capabilities,
  Connection,
  Frame,
  Opcode,
  SendOptions,
  Traffic,
  WebSocketHandler,
} from "../websocket.ts";
import {
  byteLength,
  EdgeMessage,
  EdgePiece,
  exceeds,
  weight,
} from "./message.ts";
import { Reading, type ReadingTurns } from "./reading.ts";
import { Unwritten } from "./unwritten.ts";

const CAPABILITIES: Capabilities = Object.freeze({
  controlFrames: false,
  fragments: false,
  transport: false,
  compression: false,
});

/** Bytes of a message below which memory is not asked for. */
const LONG_MESSAGE = 64 * 1024;

/** What a silent client can make the runtime spend too much of. */
export type Eviction = "memory" | "reads";

/** What the log, the client and the metrics are told. */
const EVICTIONS = {
  memory: {
    log: "the runtime holds too much of messages that are not complete",
    text: "the server has too little memory",
    limit: "MEMORY_LIMIT",
  },
  reads: {
    log: "it is silent while the runtime reads frames that are no messages",
    text: "the server has too much to read",
    limit: undefined,
  },
} as const;

/** Milliseconds that a CLOSE has to be written before the connection ends. */
const EVICTION = 20;

/** Pieces of a message between two looks at the clock. */
const STRIDE = 64;

/** Milliseconds without a message that a CLOSE waits for, … */
const QUIET_TURN = 5;

/** The same where everybody is closed at once, and many are heard of. */
const BUSY_TURN = 25;

/** … and how many times it does so at most. */
const QUIET_TURNS = 50;

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder("utf-8", {
  fatal: true,
  ignoreBOM: true,
});

/** What is known of a connection before its socket opens. */
export interface EdgeConnectionInit {
  /** The server's end, not open yet. */
  readonly socket: WebSocket;
  /** In which the listener's peers are read from. */
  readonly turns: ReadingTurns;
  /** The matched route's path. */
  readonly path: string;
  /** The matched route's handler. */
  readonly handler: WebSocketHandler;
  /** A snapshot of the request. */
  readonly request: Connection["request"];
  /** The peer's address. */
  readonly remoteAddr: Deno.Addr;
  /** The negotiated subprotocol, or `""`. */
  readonly protocol: string;
  /** The handler's first state. */
  readonly state: unknown;
  /**
   * Called when a CLOSE is handed to the runtime.
   *
   * @param isFlushed whether everything before it was written
   */
  closing?(isFlushed: boolean): void;
  /** Ends the TCP connection, whatever the client does. */
  cut?(): void;
}

/** Bytes of memory that a connection takes in addition to what it holds for a while. */
const IDLE_BYTES = 24 * 1024;

/** A peer on the edge listener. */
export class EdgeConnection implements Connection, MemoryHolder {
  /** Unique among the running instances. */
  readonly id: string;
  /** Always `edge`. */
  readonly listener = "edge";
  /** The route's path. */
  readonly path: string;
  /** Milliseconds since the epoch. */
  readonly openedAt: number = Date.now();
  /** Grows with every message, over all connections. */
  lastHeard: number = hear();
  /** A snapshot of the handshake request. */
  readonly request: Connection["request"];
  /** The peer's address. */
  readonly remoteAddr: Deno.Addr;
  /** The negotiated subprotocol, or `""`. */
  readonly protocol: string;
  /** Whole messages only. */
  readonly capabilities: Capabilities = CAPABILITIES;
  /** The handler's own. */
  state: unknown;

  readonly #service: Service;
  readonly #socket: WebSocket;
  readonly #handler: WebSocketHandler;
  readonly #maxPayload: number;
  readonly #sendBufferLimit: number;
  #isOpen = true;
  /** Messages behind a close. */
  #ignored = 0;
  /** Waits for the moment to write the CLOSE. */
  #closing: ReturnType<typeof setTimeout> | undefined;
  #messagesReceived = 0;
  #bytesReceived = 0;
  #messagesSent = 0;
  #bytesSent = 0;
  /** Opcode of the message whose fragments are being sent. */
  #sending: Opcode | undefined;
  readonly #charge: MemoryCharge;
  /** What the runtime holds for it. */
  readonly #heldByRuntime: Held;
  #fragments: ByteCollector | undefined;
  /** Messages that wait for the promise of a handler; `undefined` while none is pending. */
  #backlog: EdgeMessage[] | undefined;
  #backlogWeight = 0;
  /** Whether the work queue has so much to do that nothing more is read. */
  #awaitsWork = false;
  /** Bytes of a piece, where the handler takes messages in pieces. */
  readonly #maxPart: number;
  /** The message that is being delivered in pieces, … */
  #divided: EdgeMessage | undefined;
  /** … and its first byte that was not delivered. */
  #dividedAt = 0;
  readonly #unwritten: Unwritten;
  /** Whether more than the limit waited at the last look. */
  #isTooMuch = false;
  readonly #reading: Reading;
  readonly #closeStarted: ((isFlushed: boolean) => void) | undefined;
  readonly #cut: (() => void) | undefined;

  /**
   * Wraps a socket that is about to open.
   *
   * @param service limits, sessions and the work queue
   * @param id the session's id
   * @param init the socket and what the handshake found
   */
  constructor(service: Service, id: string, init: EdgeConnectionInit) {
    this.id = id;
    this.request = init.request;
    this.remoteAddr = init.remoteAddr;
    this.protocol = init.protocol;
    this.state = init.state;
    this.#service = service;
    this.#socket = init.socket;
    this.#handler = init.handler;
    this.path = init.path;
    this.#maxPayload = init.handler.maxPayload ?? service.limits.maxPayload;
    const { receive, maxPart = Infinity } = init.handler;
    this.#maxPart = receive === "part" ? maxPart : Infinity;
    this.#sendBufferLimit = service.limits.sendBufferLimit;
    this.#unwritten = new Unwritten(this.#sendBufferLimit);
    this.#reading = new Reading(init.turns, init.socket);
    this.#closeStarted = init.closing;
    this.#cut = init.cut;
    this.#charge = service.memory.open(this, IDLE_BYTES);
    this.#heldByRuntime = new Held(this.#charge);
  }

  /** Bytes of memory that the runtime held for it at the last look. */
  get unwritten(): number {
    return this.#unwritten.waiting;
  }

  /** The memory that is held for it; closed once the runtime has let go of its socket. */
  get memory(): MemoryCharge {
    return this.#charge;
  }

  /** What has gone over the connection until now. */
  get traffic(): Traffic {
    return {
      messagesReceived: this.#messagesReceived,
      bytesReceived: this.#bytesReceived,
      messagesSent: this.#messagesSent,
      bytesSent: this.#bytesSent,
    };
  }

  /** Bytes that the runtime has not written yet. */
  get bufferedAmount(): number {
    return this.#socket.bufferedAmount;
  }

  /** False from the moment a close was sent or received. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Tells the handler that the connection is open. */
  opened(): void {
    try {
      const opening = this.#handler.open?.(this);
      if (opening !== undefined) this.#hold(opening);
    } catch (error) {
      this.#fail(error);
    }
  }

  /**
   * Takes a message event's data in.
   *
   * @param data a string, or the bytes of a binary message
   */
  receive(data: string | ArrayBuffer): void {
    const length = typeof data === "string" ? data.length : data.byteLength;
    const isAhead = this.#reading.heard(length);
    this.#take(data);
    if (length > LONG_MESSAGE && typeof data !== "string" && !this.#isAtWork) {
      free(data);
    }
    if (!isAhead) return;
    this.measure();
    this.#reading.pause();
  }

  /** Whether a handler may still use a message, or is to get it. */
  get #isAtWork(): boolean {
    return this.#backlog !== undefined || this.#divided !== undefined;
  }

  #take(data: string | ArrayBuffer): void {
    if (!this.#isOpen) return void this.#ignored++;
    if (exceeds(data, this.#maxPayload)) {
      this.close(CLOSE_CODE.tooBig, `at most ${this.#maxPayload} bytes`);
      return;
    }
    const message = new EdgeMessage(
      data,
      typeof data === "string" ? "text" : "binary",
    );
    const { length } = message;
    this.lastHeard = hear();
    this.#messagesReceived++;
    this.#bytesReceived += length;
    // What is sent for it could not be taken back from the runtime.
    if (length > LONG_MESSAGE && this.#service.memory.refuses(length)) {
      return this.#reclaim(length);
    }
    const since = sampledNow();
    if (this.#backlog !== undefined) {
      return this.#enqueue(this.#backlog, message);
    }
    if (since === 0) this.#deliver(message);
    else this.#deliverTimed(message, since);
  }

  /**
   * Takes the end of the connection in.
   *
   * @param event the socket's close event
   */
  closed(event: CloseEvent): void {
    this.#isOpen = false;
    clearTimeout(this.#closing);
    this.#backlog?.splice(0);
    this.#divided = undefined;
    this.#charge.add(-this.#backlogWeight);
    this.#backlogWeight = 0;
    this.#fragments?.clear();
    const { reason, wasClean } = event;
    const code = closeCode(event);
    try {
      if (wasClean && this.#handler.controlFrames === true) {
        this.#handOver(closeFrame(code, reason));
      }
      const closing = this.#handler.close?.(this, { code, reason, wasClean });
      if (closing !== undefined) {
        Promise.resolve(closing).catch((error) => this.#log(error));
      }
    } catch (error) {
      this.#log(error);
    }
  }

  /** Sends data, or a received frame as it came; see {@linkcode Connection.send}. */
  send(data: string | Uint8Array | Frame, options?: SendOptions): void {
    if (!this.#isOpen) return;
    if (
      data instanceof EdgeMessage && options === undefined &&
      this.#sending === undefined && data.opcode !== "close"
    ) {
      if (this.#isChoked()) return;
      this.#count(data.length);
      this.#hand(data.data);
    } else if (typeof data === "string" || data instanceof Uint8Array) {
      const opcode = options?.opcode ??
        (typeof data === "string" ? "text" : "binary");
      this.#sendData(data, opcode, options?.final ?? true);
    } else {
      const opcode = options?.opcode ?? opcodeToSend(data);
      this.#sendData(data.payload, opcode, options?.final ?? data.final);
    }
  }

  /** Not to be had from the runtime. */
  ping(): void {
    throw notSupported("send PING");
  }

  /** Not to be had from the runtime. */
  abort(): void {
    throw notSupported("cut a connection");
  }

  /** Not to be had from the runtime. */
  pauseReading(): void {
    throw notSupported("stop reading");
  }

  /** Not to be had from the runtime. */
  resumeReading(): void {
    throw notSupported("stop reading");
  }

  /** Starts the closing handshake; see {@linkcode Connection.close}. */
  close(code?: number, reason?: string): void {
    encodeClose(code, reason);
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#reading.end();
    this.#closeInQuiet(code, reason, QUIET_TURNS);
  }

  /**
   * Where a message arrives before the runtime has written the CLOSE, it drops the
   * connection with the CLOSE unsent. So messages go first, and are ignored, and
   * so does what is to be written; but not for ever.
   */
  #closeInQuiet(
    code: number | undefined,
    reason: string | undefined,
    turns: number,
  ): void {
    const ignored = this.#ignored;
    this.#closing = setTimeout(() => {
      const isQuiet = this.#ignored === ignored &&
        !this.#reading.isPaused &&
        this.#socket.bufferedAmount === 0;
      if (isQuiet || turns === 0) this.#closeSocket(code, reason, isQuiet);
      else this.#closeInQuiet(code, reason, turns - 1);
    }, this.#service.draining ? BUSY_TURN : QUIET_TURN);
  }

  #closeSocket(
    code: number | undefined,
    reason: string | undefined,
    isFlushed: boolean,
  ): void {
    this.#socket.close(code, reason);
    this.#closeStarted?.(isFlushed);
  }

  /** Runs work on the server's work queue; see {@linkcode Connection.queueWork}. */
  queueWork(work: () => void | Promise<void>): void {
    const { workQueue } = this.#service;
    workQueue.add(work, `${this.path} ${this.id}`);
    if (!workQueue.isBusy || this.#awaitsWork) return;
    this.#awaitsWork = true;
    this.#reading.hold();
    workQueue.calmed(() => {
      this.#awaitsWork = false;
      this.#reading.release();
    });
  }

  /** Counts memory that the handler holds; see {@linkcode Connection.charge}. */
  charge(bytes: number): void {
    this.#charge.add(bytes);
  }

  /** The runtime holds what was sent until the client leaves, whatever is done. */
  get isReclaimable(): boolean {
    return false;
  }

  /**
   * Closes with 1001, and ends the connection a moment later.
   *
   * @param reason what the client makes the runtime spend too much of
   */
  evict(reason: Eviction): void {
    const { log, text, limit } = EVICTIONS[reason];
    getLogger("httpd_ws").warn(`Sock ${this.id} is closed: ${log}`);
    if (limit !== undefined) this.#service.observer.limited(limit, "edge");
    this.#closeAtOnce(CLOSE_CODE.goingAway, text);
    this.#closing = setTimeout(() => this.#cut?.(), EVICTION);
  }

  /** Asks the runtime what waits to be written, and charges it. */
  measure(): void {
    // Of a socket that is closing the runtime says that nothing waits.
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    const unwritten = this.#unwritten;
    const isTooMuch = unwritten.exceeds(this.#socket.bufferedAmount);
    this.#heldByRuntime.set(unwritten.waiting);
    this.#isTooMuch = isTooMuch ||
      this.#service.memory.refuses(unwritten.waiting);
  }

  /** Reads nothing more for now. */
  holdBack(): void {
    this.#reading.hold();
  }

  /** Reads again. */
  goOn(): void {
    this.#reading.release();
  }

  /** Closes with 1013. */
  reclaim(): void {
    this.#reclaim(this.#charge.bytes);
  }

  #reclaim(bytes: number): void {
    if (!this.#isOpen) return;
    getLogger("httpd_ws").warn(
      `Sock ${this.id} is closed: it holds ${bytes} bytes, and MEMORY_LIMIT is near`,
    );
    this.#service.observer.limited("MEMORY_LIMIT", "edge");
    const { tryAgainLater } = CLOSE_CODE;
    const reason = "the server has too little memory";
    // A message that was not read would have the runtime drop the CLOSE.
    if (this.#reading.isPaused) this.close(tryAgainLater, reason);
    else this.#closeAtOnce(tryAgainLater, reason);
  }

  #sendData(data: string | Uint8Array, opcode: Opcode, final: boolean): void {
    if (opcode === "text" || opcode === "binary") {
      checkFragmentOrder(this.#sending !== undefined, false);
      if (final) this.#write(data, opcode);
      else this.#startMessage(data, opcode);
    } else if (opcode === "continuation") {
      checkFragmentOrder(this.#sending !== undefined, true);
      this.#continueMessage(data, final);
    } else if (opcode === "close") {
      const { code, reason } = decodeClose(toBytes(data));
      this.close(code, reason);
    } else {
      throw notSupported(`send ${opcode.toUpperCase()}`);
    }
  }

  #startMessage(data: string | Uint8Array, opcode: Opcode): void {
    this.#sending = opcode;
    this.#fragments ??= new ByteCollector(new Held(this.#charge));
    this.#fragments.append(toBytes(data));
  }

  #continueMessage(data: string | Uint8Array, final: boolean): void {
    const fragments = this.#fragments!;
    fragments.append(toBytes(data));
    if (!final) return;
    const opcode = this.#sending!;
    this.#sending = undefined;
    this.#write(fragments.take(), opcode);
  }

  #write(data: string | Uint8Array, opcode: Opcode): void {
    if (this.#isChoked()) return;
    if (opcode === "text") {
      this.#hand(typeof data === "string" ? data : decode(data));
    } else {
      this.#hand(toBytes(data));
    }
    this.#count(byteLength(data));
  }

  /** What is sent by then is charged at once where it is much. */
  #hand(data: string | ArrayBuffer | Uint8Array<ArrayBuffer>): void {
    this.#socket.send(data);
    this.#unwritten.sent(data);
    if (this.#unwritten.isUncertain) this.measure();
  }

  #count(bytes: number): void {
    this.#messagesSent++;
    this.#bytesSent += bytes;
  }

  /** Closes a peer that lets too much wait; returns whether it did. */
  #isChoked(): boolean {
    this.#reading.show();
    if (!this.#isTooMuch) return false;
    this.measure();
    if (!this.#isTooMuch) return false;
    this.#cutOff("too much is waiting to be read");
    return true;
  }

  #deliverTimed(message: EdgeMessage, since: number): void {
    const before = this.#messagesSent;
    this.#deliver(message);
    if (this.#messagesSent === before) return;
    const seconds = (performance.now() - since) / 1000;
    this.#service.observer.echoed(this, seconds);
  }

  #deliver(message: EdgeMessage): void {
    if (message.length <= this.#maxPart) return this.#handOver(message);
    this.#divided = message;
    this.#dividedAt = 0;
    this.#deliverPieces();
  }

  /** Delivers the rest of a message in pieces, as far as the handler goes on. */
  #deliverPieces(): void {
    for (
      let count = 1;
      this.#isOpen && this.#divided && this.#backlog === undefined;
      count++
    ) {
      if (count % STRIDE === 0 && isSliceOver()) {
        return this.#hold(othersFirst());
      }
      const piece = new EdgePiece(
        this.#divided,
        this.#dividedAt,
        this.#maxPart,
      );
      this.#dividedAt += piece.payload.length;
      if (piece.final) this.#divided = undefined;
      this.#handOver(piece);
    }
  }

  #handOver(frame: Frame): void {
    try {
      const result = this.#handler.frame(this, frame);
      if (result !== undefined) this.#hold(result);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Lets messages wait until the handler's promise settles. */
  #hold(result: Promise<void>): void {
    this.#backlog ??= [];
    Promise.resolve(result)
      .catch((error) => this.#fail(error))
      .finally(() => this.#goOn());
  }

  #goOn(): void {
    const backlog = this.#backlog ?? [];
    this.#backlog = undefined;
    this.#deliverPieces();
    while (this.#isOpen && this.#backlog === undefined) {
      const message = backlog.shift();
      if (message === undefined) return;
      this.#weigh(-weight(message.data));
      this.#deliver(message);
      const isPending = this.#backlog !== undefined;
      if (backlog.length > 0 && !isPending && isSliceOver()) {
        this.#hold(othersFirst());
      }
    }
    if (this.#isOpen) this.#backlog = backlog;
  }

  /** The runtime cannot be told to stop reading, so what waits is bounded instead. */
  #enqueue(backlog: EdgeMessage[], message: EdgeMessage): void {
    this.#weigh(weight(message.data));
    if (this.#backlogWeight > this.#sendBufferLimit) {
      this.#cutOff("too much is waiting to be handled");
    } else {
      backlog.push(message);
    }
  }

  #weigh(bytes: number): void {
    this.#backlogWeight += bytes;
    this.#charge.add(bytes);
  }

  #cutOff(reason: string): void {
    if (!this.#isOpen) return;
    this.#service.observer.cutOff(this);
    this.#closeAtOnce(CLOSE_CODE.policyViolation, reason);
  }

  /** Not in quiet: the runtime would go on reading what such a client floods. */
  #closeAtOnce(code: number, reason: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#reading.end();
    this.#reading.show();
    this.#closeSocket(code, reason, false);
  }

  #fail(error: unknown): void {
    this.#log(error);
    this.close(CLOSE_CODE.internalError, "the handler failed");
  }

  #log(error: unknown): void {
    getLogger("httpd_ws").error(
      `Handler of ${this.path} failed on sock ${this.id}:`,
      error,
    );
  }
}

function notSupported(what: string): NotSupportedError {
  return new NotSupportedError(
    `the edge listener cannot ${what}: use the frame listener`,
  );
}

function toBytes(data: string | Uint8Array): Uint8Array<ArrayBuffer> {
  return typeof data === "string"
    ? encoder.encode(data)
    : data as Uint8Array<ArrayBuffer>;
}

function decode(bytes: Uint8Array): string {
  try {
    return strictDecoder.decode(bytes);
  } catch {
    throw new InvalidPayloadError("the bytes of a text are not UTF-8");
  }
}

/**
 * How a connection ended: the runtime says 0 where RFC 6455 §7.1.5 says 1006.
 *
 * @param event the socket's close event
 */
export function closeCode(event: CloseEvent): number {
  return event.code === 0 ? CLOSE_CODE.abnormal : event.code;
}

/**
 * The CLOSE frame that the runtime took off the wire and answered, as it was:
 * the runtime lets a reason pass that is longer than one that may be sent.
 */
function closeFrame(code: number, reason: string): EdgeMessage {
  if (code === CLOSE_CODE.noStatus) {
    return new EdgeMessage(new ArrayBuffer(0), "close");
  }
  const payload = encoder.encode(`..${reason}`);
  payload[0] = code >> 8;
  payload[1] = code & 0xff;
  return new EdgeMessage(payload.buffer, "close");
}
