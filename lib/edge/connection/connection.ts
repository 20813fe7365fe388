/**
 * A connection of the edge listener: gives the runtime's server-side `WebSocket`
 * the interface of {@linkcode Connection}.
 *
 * @module
 */

import { clearImmediate, setImmediate } from "node:timers";
import { getLogger } from "../../std/log.ts";
import {
  BY_CLIENT,
  closedByServer,
  type ConnectionEnd,
  timedOut,
  type TimeoutName,
} from "../../listener/connection_end.ts";
import { flush } from "../../listener/flush.ts";
import type { Service } from "../../listener/service.ts";
import { line } from "../../log/fields.ts";
import type { MemoryCharge, MemoryHolder } from "../../memory/account.ts";
import { ByteCollector } from "../../memory/byte_collector.ts";
import { BufferCharge } from "../../memory/buffer_charge.ts";
import { free } from "../../memory/resize.ts";
import {
  CLOSE_CODE,
  decodeClose,
  encodeClose,
} from "../../protocol/close_code.ts";
import {
  ConnectionClosedError,
  InvalidPayloadError,
  NotSupportedError,
} from "../../protocol/errors.ts";
import { checkFragmentOrder } from "../../protocol/fragment_order.ts";
import {
  checkSendOptions,
  opcodeToSend,
  payloadToSend,
} from "../../protocol/send_arguments.ts";
import {
  firstActivity,
  nextActivity,
  noteEnd,
  noteWrite,
} from "../../scheduling/activity.ts";
import { sampledNow } from "../../scheduling/sampled_clock.ts";
import { isSliceOver, nextSlice } from "../../scheduling/scheduler.ts";
import type {
  Capabilities,
  Connection,
  Frame,
  Opcode,
  PathParams,
  SendOptions,
  Traffic,
  WebSocketHandler,
} from "../../websocket.ts";
import { closeCode, closeFrame, isKeepAliveDrop } from "./close_event.ts";
import { DelayedClose } from "./delayed_close.ts";
import {
  byteLength,
  EdgeMessage,
  EdgePart,
  exceeds,
  heldBytes,
} from "./message.ts";
import { PendingFlushes } from "./pending_flushes.ts";
import { type ReadScheduler, SocketReader } from "./read_scheduler.ts";
import { UnwrittenData } from "./unwritten_data.ts";

const CAPABILITIES: Capabilities = Object.freeze({
  controlFrames: false,
  fragments: false,
  transport: false,
  compression: false,
});

/** Bytes above which the memory account is asked before a message is handled. */
const LONG_MESSAGE = 64 * 1024;

/**
 * Bytes from which on the memory of a message is freed at once, not by V8's collector: the
 * next message uses it again while it is in the processor's caches.
 */
const FREED_AT_ONCE = 1024;

/** The resource of the process that a silent client uses up: the reason to close it. */
export type EvictionReason = "memory" | "reads";

/** The log line, the reason of the CLOSE and the limit to report. */
const EVICTIONS = {
  memory: {
    log: "the runtime holds too much of messages that are not complete",
    text: "the server has too little memory",
    limit: "MEMORY_LIMIT",
  },
  reads: {
    log: "it sends no message while the runtime has too many frames to read",
    text: "the server has too much to read",
    limit: undefined,
  },
} as const;

/** Milliseconds between the CLOSE of an evicted connection and its end. */
const EVICTION_DELAY = 20;

/** Parts of a message between two checks of the time slice. */
const STRIDE = 64;

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder("utf-8", {
  fatal: true,
  ignoreBOM: true,
});

/** Acts on the TCP connection under a socket. */
export interface SocketControl {
  /**
   * Called when the runtime has been given a CLOSE.
   *
   * @param isFlushed whether everything before the CLOSE was written
   */
  closeStarted(isFlushed: boolean): void;
  /** Ends the TCP connection without a closing handshake. */
  cut(): void;
}

/** The result of a handshake, before its socket opens. */
export interface EdgeConnectionInit {
  /** The server's end, not open yet. */
  readonly socket: WebSocket;
  /** The listener's read scheduler. */
  readonly readScheduler: ReadScheduler;
  /** The matched route's path. */
  readonly path: string;
  /** Parameters of its pattern. */
  readonly params: PathParams;
  /** The matched route's handler. */
  readonly handler: WebSocketHandler;
  /** A snapshot of the request. */
  readonly request: Connection["request"];
  /** The client's address. */
  readonly remoteAddr: Deno.Addr;
  /** The name under which the client's address is counted. */
  readonly client: string;
  /** The negotiated subprotocol, or `""`. */
  readonly protocol: string;
  /** The handler's first state. */
  readonly state: unknown;
  /** Acts on the TCP connection under the socket. */
  readonly socketControl: SocketControl;
}

/** Bytes of memory that an idle connection takes. */
const IDLE_BYTES = 24 * 1024;

/** A connection of the edge listener. */
export class EdgeConnection implements Connection, MemoryHolder {
  /** Unique among the running instances. */
  readonly id: string;
  /** Always `edge`. */
  readonly listener = "edge";
  /** The route's path. */
  readonly path: string;
  /** Parameters of its pattern. */
  readonly params: PathParams;
  /** Milliseconds since the epoch. */
  readonly openedAt: number = Date.now();
  /** The number of its last message; numbers grow over all connections. */
  lastActivity: number = firstActivity();
  /** A snapshot of the handshake request. */
  readonly request: Connection["request"];
  /** The client's address. */
  readonly remoteAddr: Deno.Addr;
  /** The name under which the client's address is counted. */
  readonly client: string;
  /** The negotiated subprotocol, or `""`. */
  readonly protocol: string;
  /** Whole messages only. */
  readonly capabilities: Capabilities = CAPABILITIES;
  /** The handler's state. */
  state: unknown;

  readonly #service: Service;
  readonly #socket: WebSocket;
  readonly #handler: WebSocketHandler;
  readonly #maxPayload: number;
  readonly #sendBufferLimit: number;
  #isOpen = true;
  #delayedClose: DelayedClose | undefined;
  #eviction: ReturnType<typeof setImmediate> | undefined;
  #messagesReceived = 0;
  #bytesReceived = 0;
  #messagesSent = 0;
  #bytesSent = 0;
  /** Opcode of the message whose fragments are being sent. */
  #sending: Opcode | undefined;
  readonly #charge: MemoryCharge;
  /** The part of the charge for sent data that the runtime has not written. */
  readonly #heldByRuntime: BufferCharge;
  #fragments: ByteCollector | undefined;
  /** Messages that wait for a promise of the handler; `undefined` while none is pending. */
  #backlog: EdgeMessage[] | undefined;
  #backlogBytes = 0;
  /** Whether reading is held because the work queue is busy. */
  #awaitsWork = false;
  /** Bytes of a part; Infinity where the handler takes whole messages. */
  readonly #maxPart: number;
  /** The message that is being delivered in parts. */
  #divided: EdgeMessage | undefined;
  /** Offset of its first byte that is not delivered. */
  #dividedAt = 0;
  readonly #unwritten: UnwrittenData;
  /** Made by the first flush. */
  #flushes: PendingFlushes | undefined;
  /** Payload bytes that were written at the last sweep of the send timeout. */
  #sweptWritten = 0;
  /** Sweeps since then. */
  #stalledSweeps = 0;
  /** Whether the last measurement found more unwritten data than allowed. */
  #isTooMuch = false;
  #end: ConnectionEnd | undefined;
  readonly #reader: SocketReader;
  readonly #socketControl: SocketControl;

  /**
   * Wraps a socket that is about to open.
   *
   * @param service limits, sessions and the work queue
   * @param id the session's id
   * @param init the result of the handshake
   */
  constructor(service: Service, id: string, init: EdgeConnectionInit) {
    this.id = id;
    this.request = init.request;
    this.remoteAddr = init.remoteAddr;
    this.client = init.client;
    this.protocol = init.protocol;
    this.state = init.state;
    this.#service = service;
    this.#socket = init.socket;
    this.#handler = init.handler;
    this.path = init.path;
    this.params = init.params;
    this.#maxPayload = init.handler.maxPayload ?? service.limits.maxPayload;
    const { receive, maxPart = Infinity } = init.handler;
    this.#maxPart = receive === "part" ? maxPart : Infinity;
    this.#sendBufferLimit = service.limits.sendBufferLimit;
    this.#unwritten = new UnwrittenData(this.#sendBufferLimit);
    this.#reader = new SocketReader(init.readScheduler, init.socket);
    this.#socketControl = init.socketControl;
    this.#charge = service.memory.open(this, IDLE_BYTES);
    this.#heldByRuntime = new BufferCharge(this.#charge);
  }

  /** Bytes of sent data that the runtime held at the last measurement. */
  get unwritten(): number {
    return this.#unwritten.waiting;
  }

  /** The memory charge; its owner closes it when the connection has ended. */
  get memory(): MemoryCharge {
    return this.#charge;
  }

  /** Messages and bytes each way until now. */
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

  /** False as soon as a close was sent or received. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** The end of the connection, for the log. */
  get end(): ConnectionEnd {
    return this.#end ?? BY_CLIENT;
  }

  /**
   * Notes that the server ends the TCP connection.
   *
   * @param timeout the setting whose time is over, if one is
   */
  noteTimeout(timeout: TimeoutName | undefined): void {
    this.#end = timedOut(this.#end, timeout);
  }

  /** Calls the handler's `open`. */
  opened(): void {
    try {
      const opening = this.#handler.open?.(this);
      if (opening !== undefined) this.#waitFor(opening);
    } catch (error) {
      this.#fail(error);
    }
  }

  /**
   * Handles the data of a message event.
   *
   * @param data a string, or the bytes of a binary message
   */
  receive(data: string | ArrayBuffer): void {
    // Seen in Deno 2.9.6 at the end of a process that is out of memory.
    if (data === null) return;
    const length = typeof data === "string" ? data.length : data.byteLength;
    const isAhead = this.#reader.noteMessage(length);
    this.#accept(data);
    if (length >= FREED_AT_ONCE && typeof data !== "string" && !this.#isInUse) {
      free(data);
    }
    if (!isAhead && !this.#reader.hasUsedSlice(length)) return;
    this.measure();
    this.#reader.pause();
  }

  /** Whether the handler uses a message, or messages wait for it. */
  get #isInUse(): boolean {
    return this.#backlog !== undefined || this.#divided !== undefined;
  }

  #accept(data: string | ArrayBuffer): void {
    if (!this.#isOpen) return this.#delayedClose?.noteMessage();
    if (exceeds(data, this.#maxPayload)) {
      this.close(CLOSE_CODE.tooBig, `at most ${this.#maxPayload} bytes`);
      return;
    }
    const message = new EdgeMessage(
      data,
      typeof data === "string" ? "text" : "binary",
    );
    const { length } = message;
    this.lastActivity = nextActivity();
    this.#messagesReceived++;
    this.#bytesReceived += length;
    // The runtime keeps sent data until it is written, so the check comes first.
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
   * Handles the end of the connection.
   *
   * @param event the socket's close event
   */
  closed(event: CloseEvent): void {
    noteEnd();
    if (this.#isOpen && isKeepAliveDrop(event)) {
      this.#end = timedOut(this.#end, "IDLE_TIMEOUT");
    }
    this.#isOpen = false;
    this.#delayedClose?.stop();
    clearImmediate(this.#eviction);
    this.#backlog?.splice(0);
    this.#divided = undefined;
    this.#charge.add(-this.#backlogBytes);
    this.#backlogBytes = 0;
    this.#fragments?.clear();
    this.#flushes?.end(false);
    const { reason, wasClean } = event;
    const code = closeCode(event);
    try {
      if (wasClean && this.#handler.controlFrames) {
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

  /** Sends data, or a received frame unchanged; see {@linkcode Connection.send}. */
  send(data: string | Uint8Array | Frame, options?: SendOptions): void {
    if (!this.#isOpen) return;
    if (
      data instanceof EdgeMessage && options === undefined &&
      this.#sending === undefined && data.opcode !== "close"
    ) {
      if (this.#closeIfTooMuchUnwritten()) return;
      this.#count(data.length);
      this.#sendToRuntime(data.data);
      return;
    }
    if (options !== undefined) checkSendOptions(options);
    if (typeof data === "string" || data instanceof Uint8Array) {
      const opcode = options?.opcode ??
        (typeof data === "string" ? "text" : "binary");
      this.#sendData(data, opcode, options?.final ?? true);
    } else {
      const payload = payloadToSend(data);
      const opcode = options?.opcode ?? opcodeToSend(data);
      this.#sendData(payload, opcode, options?.final ?? data.final);
    }
  }

  /** Waits until the runtime has written; see {@linkcode Connection.flushed}. */
  flushed(): Promise<void> {
    return flush((settle) => {
      if (!this.#isOpen) return settle(false);
      this.#reader.restoreState();
      this.#flushes ??= new PendingFlushes(() => this.#bytesWritten);
      this.#flushes.add(this.#bytesSent, settle);
    });
  }

  /** Payload bytes that the runtime has written, as far as that is known. */
  get #bytesWritten(): number | undefined {
    const { readyState, bufferedAmount } = this.#socket;
    // For a closing socket the runtime's `bufferedAmount` is 0.
    return readyState === WebSocket.OPEN
      ? this.#bytesSent - bufferedAmount
      : undefined;
  }

  /** Throws {@linkcode NotSupportedError}: the runtime does not offer it. */
  ping(): void {
    throw notSupported("send PING");
  }

  /** Throws {@linkcode NotSupportedError}: the runtime does not offer it. */
  abort(): void {
    throw notSupported("abort a connection");
  }

  /** Throws {@linkcode NotSupportedError}: the runtime does not offer it. */
  pauseReading(): void {
    throw notSupported("pause reading");
  }

  /** Throws {@linkcode NotSupportedError}: the runtime does not offer it. */
  resumeReading(): void {
    throw notSupported("resume reading");
  }

  /** Starts the closing handshake; see {@linkcode Connection.close}. */
  close(code?: number, reason?: string): void {
    encodeClose(code, reason);
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#end = closedByServer(this.#end, code, reason);
    this.#reader.readToEnd();
    this.#delayedClose = new DelayedClose(
      this.#service,
      this.#socket,
      this.#reader,
      (isFlushed) => this.#closeSocket(code, reason, isFlushed),
    );
  }

  #closeSocket(
    code: number | undefined,
    reason: string | undefined,
    isFlushed: boolean,
  ): void {
    this.#flushes?.end(isFlushed);
    this.#socket.close(code, reason);
    this.#socketControl.closeStarted(isFlushed);
  }

  /** Runs work on the server's work queue; see {@linkcode Connection.queueWork}. */
  queueWork(work: () => void | Promise<void>): void {
    const { workQueue } = this.#service;
    workQueue.add(work, `${this.path} ${this.id}`);
    if (!workQueue.isBusy || this.#awaitsWork) return;
    this.#awaitsWork = true;
    this.#reader.hold();
    workQueue.whenNotBusy(() => {
      this.#awaitsWork = false;
      this.#reader.release();
    });
  }

  /** Counts memory that the handler holds; see {@linkcode Connection.charge}. */
  charge(bytes: number): void {
    if (!Number.isFinite(bytes)) throw new RangeError(`${bytes} bytes`);
    this.#charge.add(bytes);
  }

  /** Always false: the runtime holds sent data until the client disconnects. */
  get isReclaimable(): boolean {
    return false;
  }

  /**
   * Closes with 1001, and ends the TCP connection shortly after.
   *
   * @param reason what the runtime spends too much of
   */
  evict(reason: EvictionReason): void {
    const { log, text, limit } = EVICTIONS[reason];
    getLogger("httpd_ws").warn(
      ...line`Sock ${{ "session.id": this.id }} is closed: ${{
        "websocket.close.sent_reason": log,
      }}`,
    );
    if (limit !== undefined) this.#service.observer.limited(limit, "edge");
    this.#closeAtOnce(CLOSE_CODE.goingAway, text);
    this.#cutAt(performance.now() + EVICTION_DELAY);
  }

  /** Ends the TCP connection at once, whatever is unwritten. */
  destroy(): void {
    this.#isOpen = false;
    this.#delayedClose?.stop();
    this.#flushes?.end(false);
    this.#socketControl.cut();
  }

  /** Timers are late while the runtime has too much to read; immediates are not. */
  #cutAt(time: number): void {
    this.#eviction = setImmediate(() => {
      if (performance.now() < time) this.#cutAt(time);
      else this.#socketControl.cut();
    });
  }

  /**
   * One sweep of the send timeout.
   *
   * @param sweeps sweeps in one timeout
   */
  sweepOutput(sweeps: number): void {
    const written = this.#bytesWritten;
    if (!this.#isOpen || written === undefined) return;
    if (written === this.#bytesSent || written > this.#sweptWritten) {
      this.#sweptWritten = written;
      this.#stalledSweeps = 0;
    } else if (++this.#stalledSweeps >= sweeps) this.#stalled();
  }

  #stalled(): void {
    getLogger("httpd_ws").warn(
      ...line`Sock ${{
        "session.id": this.id,
      }} is closed: the client read nothing within SEND_TIMEOUT`,
    );
    this.#service.observer.limited("SEND_TIMEOUT", "edge");
    this.#closeAtOnce(CLOSE_CODE.policyViolation, "the client does not read");
    this.#end = timedOut(this.#end, "SEND_TIMEOUT");
  }

  /** Charges the data that the runtime has not written. */
  measure(): void {
    // For a closing socket the runtime's `bufferedAmount` is 0.
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    const unwritten = this.#unwritten;
    const isTooMuch = unwritten.exceeds(this.#socket.bufferedAmount);
    this.#heldByRuntime.set(unwritten.waiting);
    this.#isTooMuch = isTooMuch ||
      this.#service.memory.refuses(unwritten.waiting);
  }

  /** Stops reading until {@linkcode EdgeConnection.releaseReading}. */
  holdReading(): void {
    this.#reader.hold();
  }

  /** Continues reading. */
  releaseReading(): void {
    this.#reader.release();
  }

  /** Closes with 1013. */
  reclaim(): void {
    this.#reclaim(this.#charge.bytes);
  }

  #reclaim(bytes: number): void {
    if (!this.#isOpen) return;
    getLogger("httpd_ws").warn(
      ...line`Sock ${{ "session.id": this.id }} is closed: it holds ${{
        "memory.bytes": bytes,
      }} bytes, and MEMORY_LIMIT is near`,
    );
    this.#service.observer.limited("MEMORY_LIMIT", "edge");
    const { tryAgainLater } = CLOSE_CODE;
    const reason = "the server has too little memory";
    // The runtime would drop the CLOSE because of messages that are not read.
    if (this.#reader.isPaused) this.close(tryAgainLater, reason);
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
    this.#fragments ??= new ByteCollector(new BufferCharge(this.#charge));
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
    if (this.#closeIfTooMuchUnwritten()) return;
    if (opcode === "text") {
      this.#sendToRuntime(typeof data === "string" ? data : decode(data));
    } else {
      this.#sendToRuntime(toBytes(data));
    }
    this.#count(byteLength(data));
  }

  /** Sends data, and charges the unwritten data where that may be much. */
  #sendToRuntime(data: string | ArrayBuffer | Uint8Array<ArrayBuffer>): void {
    this.#socket.send(data);
    this.#unwritten.sent(data);
    if (this.#unwritten.isCheckDue) this.measure();
  }

  #count(bytes: number): void {
    noteWrite();
    this.#messagesSent++;
    this.#bytesSent += bytes;
  }

  /** Closes the connection where too much is unwritten; returns whether it did. */
  #closeIfTooMuchUnwritten(): boolean {
    this.#reader.restoreState();
    if (!this.#isTooMuch) return false;
    this.measure();
    if (!this.#isTooMuch) return false;
    this.#closeOverloaded("too much is waiting to be read");
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
    this.#deliverParts();
  }

  /** Delivers the rest of a message in parts, until the handler returns a promise. */
  #deliverParts(): void {
    for (
      let count = 1;
      this.#isOpen && this.#divided && this.#backlog === undefined;
      count++
    ) {
      if (count % STRIDE === 0 && isSliceOver()) {
        return this.#waitFor(nextSlice());
      }
      const part = new EdgePart(
        this.#divided,
        this.#dividedAt,
        this.#maxPart,
      );
      this.#dividedAt += part.payload.length;
      if (part.final) this.#divided = undefined;
      this.#handOver(part);
    }
  }

  #handOver(frame: Frame): void {
    try {
      const result = this.#handler.frame(this, frame);
      if (result !== undefined) this.#waitFor(result);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Collects messages in the backlog until a promise settles. */
  #waitFor(result: Promise<void>): void {
    this.#backlog ??= [];
    Promise.resolve(result)
      .catch((error) => this.#fail(error))
      .finally(() => this.#deliverBacklog());
  }

  #deliverBacklog(): void {
    const backlog = this.#backlog ?? [];
    this.#backlog = undefined;
    this.#deliverParts();
    while (this.#isOpen && this.#backlog === undefined) {
      const message = backlog.shift();
      if (message === undefined) return;
      this.#chargeBacklog(-heldBytes(message.data));
      this.#deliver(message);
      const isPending = this.#backlog !== undefined;
      if (backlog.length > 0 && !isPending && isSliceOver()) {
        this.#waitFor(nextSlice());
      }
    }
    if (this.#isOpen) this.#backlog = backlog;
  }

  /** Adds to the backlog. The runtime may continue to read, so the backlog has a limit. */
  #enqueue(backlog: EdgeMessage[], message: EdgeMessage): void {
    this.#chargeBacklog(heldBytes(message.data));
    if (this.#backlogBytes > this.#sendBufferLimit) {
      this.#closeOverloaded("too much is waiting to be handled");
    } else {
      backlog.push(message);
    }
  }

  #chargeBacklog(bytes: number): void {
    this.#backlogBytes += bytes;
    this.#charge.add(bytes);
  }

  #closeOverloaded(reason: string): void {
    if (!this.#isOpen) return;
    this.#service.observer.cutOff(this);
    this.#closeAtOnce(CLOSE_CODE.policyViolation, reason);
  }

  /** Does not wait for silence: the runtime would continue to read the client's flood. */
  #closeAtOnce(code: number, reason: string): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#end = closedByServer(this.#end, code, reason);
    this.#reader.readToEnd();
    this.#reader.restoreState();
    this.#closeSocket(code, reason, false);
  }

  #fail(error: unknown): void {
    this.#log(error);
    this.close(CLOSE_CODE.internalError, "the handler failed");
  }

  #log(error: unknown): void {
    if (error instanceof ConnectionClosedError && !this.#isOpen) return;
    getLogger("httpd_ws").error(
      ...line`Handler of ${{ "http.route": this.path }} failed on sock ${{
        "session.id": this.id,
      }}:`,
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
