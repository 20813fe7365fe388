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
import { checkFragmentOrder } from "../fragment_order.ts";
import { hear } from "../hearing.ts";
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
import { byteLength, EdgeMessage, exceeds, weight } from "./message.ts";
import { Reading, type ReadingTurns } from "./reading.ts";
import { Unwritten } from "./unwritten.ts";

const CAPABILITIES: Capabilities = Object.freeze({
  controlFrames: false,
  fragments: false,
  transport: false,
  compression: false,
});

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
}

/** A peer on the edge listener. */
export class EdgeConnection implements Connection {
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
  readonly #fragments = new ByteCollector();
  /** Messages that wait for the promise of a handler; `undefined` while none is pending. */
  #backlog: EdgeMessage[] | undefined;
  #backlogWeight = 0;
  readonly #unwritten: Unwritten;
  readonly #reading: Reading;
  readonly #closeStarted: ((isFlushed: boolean) => void) | undefined;

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
    this.#sendBufferLimit = service.limits.sendBufferLimit;
    this.#unwritten = new Unwritten(this.#sendBufferLimit);
    this.#reading = new Reading(init.turns, init.socket);
    this.#closeStarted = init.closing;
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
      this.#handler.open?.(this);
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
    const isAhead = this.#reading.heard();
    this.#take(data);
    if (isAhead) this.#reading.pause();
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
    this.lastHeard = hear();
    this.#messagesReceived++;
    this.#bytesReceived += message.length;
    const since = sampledNow();
    if (this.#backlog !== undefined) this.#enqueue(this.#backlog, message);
    else if (since === 0) this.#deliver(message);
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
    this.#fragments.clear();
    const { reason, wasClean } = event;
    const code = closeCode(event);
    try {
      if (wasClean && this.#handler.controlFrames === true) {
        this.#deliver(closeFrame(code, reason));
      }
      this.#handler.close?.(this, { code, reason, wasClean });
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
      if (this.#isChoked(data.data)) return;
      this.#count(data.length);
      this.#socket.send(data.data);
    } else if (typeof data === "string" || data instanceof Uint8Array) {
      const opcode = options?.opcode ??
        (typeof data === "string" ? "text" : "binary");
      this.#sendData(data, opcode, options?.final ?? true);
    } else {
      const opcode = options?.opcode ?? data.opcode;
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
    this.#service.workQueue.add(work, `${this.path} ${this.id}`);
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
    this.#fragments.append(toBytes(data));
  }

  #continueMessage(data: string | Uint8Array, final: boolean): void {
    this.#fragments.append(toBytes(data));
    if (!final) return;
    const opcode = this.#sending!;
    this.#sending = undefined;
    this.#write(this.#fragments.take(), opcode);
  }

  #write(data: string | Uint8Array, opcode: Opcode): void {
    if (this.#isChoked(data)) return;
    if (opcode === "text") {
      this.#socket.send(typeof data === "string" ? data : decode(data));
    } else {
      this.#socket.send(toBytes(data));
    }
    this.#count(byteLength(data));
  }

  #count(bytes: number): void {
    this.#messagesSent++;
    this.#bytesSent += bytes;
  }

  /** Closes a peer that lets too much wait; returns whether it did. */
  #isChoked(next: string | Uint8Array | ArrayBuffer): boolean {
    const unwritten = this.#unwritten;
    this.#reading.show();
    // Asking the runtime is a call that most messages are spared.
    if (
      unwritten.isUncertain && unwritten.exceeds(this.#socket.bufferedAmount)
    ) {
      this.#cutOff("too much is waiting to be read");
      return true;
    }
    unwritten.sent(next);
    return false;
  }

  #deliverTimed(message: EdgeMessage, since: number): void {
    const before = this.#messagesSent;
    this.#deliver(message);
    if (this.#messagesSent === before) return;
    const seconds = (performance.now() - since) / 1000;
    this.#service.observer.echoed(this, seconds);
  }

  #deliver(frame: EdgeMessage): void {
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
    while (this.#isOpen && this.#backlog === undefined) {
      const message = backlog.shift();
      if (message === undefined) return;
      this.#backlogWeight -= weight(message.data);
      this.#deliver(message);
    }
    if (this.#isOpen) this.#backlog = backlog;
  }

  /** The runtime cannot be told to stop reading, so what waits is bounded instead. */
  #enqueue(backlog: EdgeMessage[], message: EdgeMessage): void {
    this.#backlogWeight += weight(message.data);
    if (this.#backlogWeight > this.#sendBufferLimit) {
      this.#cutOff("too much is waiting to be handled");
    } else {
      backlog.push(message);
    }
  }

  #cutOff(reason: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#service.observer.cutOff(this);
    this.#reading.show();
    // Not in quiet: the runtime would go on reading what such a peer floods.
    this.#closeSocket(CLOSE_CODE.policyViolation, reason, false);
  }

  #fail(error: unknown): void {
    this.#log(error);
    this.close(CLOSE_CODE.internalError, "the handler failed");
  }

  #log(error: unknown): void {
    getLogger("httpd_ws").error(`Handler of ${this.path} failed:`, error);
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
