/**
 * A connection of the frame listener: joins the transport, the receiver and the
 * sender, and performs the closing handshake
 * ({@link https://www.rfc-editor.org/rfc/rfc6455#section-7 | RFC 6455 §7}).
 *
 * @module
 */

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
import { details, line } from "../../log/fields.ts";
import { debugEnabled } from "../../log/log.ts";
import type { MemoryCharge, MemoryHolder } from "../../memory/account.ts";
import {
  CLOSE_CODE,
  decodeClose,
  encodeClose,
} from "../../protocol/close_code.ts";
import { ConnectionClosedError } from "../../protocol/errors.ts";
import { firstActivity, nextActivity } from "../../scheduling/activity.ts";
import type { Deadlines } from "../../scheduling/deadlines.ts";
import type {
  Capabilities,
  CloseEventInfo,
  Connection,
  Frame,
  PathParams,
  SendOptions,
  Traffic,
  WebSocketHandler,
} from "../../websocket.ts";
import type { DeflateAgreement } from "../codec/deflate_offer.ts";
import type { Memory } from "../codec/memory.ts";
import { parseHead } from "../codec/request_head.ts";
import type { ReceiveBuffer } from "../transport/buffer_pool.ts";
import type { Socket } from "../transport/socket.ts";
import { Transport, type TransportUser } from "../transport/transport.ts";
import { view } from "./received_frame.ts";
import { Receiver, type ReceiverUser } from "./receiver.ts";
import { Sender, type SenderUser } from "./sender.ts";

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

/** Bytes of memory that an idle connection takes. */
const IDLE_BYTES = 8 * 1024;

/** Bytes of output up to which a reclaimed connection gets a CLOSE. */
const MAX_RECLAIMED_OUTPUT = 64 * 1024;

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const NOTHING = new Uint8Array(0);
const PING_OPTIONS: SendOptions = { opcode: "ping" };

/** The result of a handshake. */
export interface FrameConnectionInit {
  /** The accepted socket. */
  readonly socket: Socket;
  /** The matched route's path. */
  readonly path: string;
  /** Parameters of its pattern. */
  readonly params: PathParams;
  /** The handler of the connection. */
  readonly handler: WebSocketHandler;
  /** The request's head as text, and the scheme and authority of its URL. */
  readonly head: { readonly text: string; readonly origin: string };
  /** The negotiated subprotocol, or `""`. */
  readonly protocol: string;
  /** The agreement on compression, if any. */
  readonly compression: DeflateAgreement | undefined;
  /** The handler's first state. */
  readonly state: unknown;
  /** The 101 response, not sent yet. */
  readonly response: Uint8Array<ArrayBuffer>;
  /** Holds the bytes that arrived after the head. */
  readonly buffer: ReceiveBuffer;
  /** The first of them. */
  readonly start: number;
  /** The byte after the last of them. */
  readonly end: number;
  /** Time limits of the closing handshake. */
  readonly closings: Pick<Deadlines<FrameConnection>, "add" | "delete">;
  /** Time limits of the client's end of TCP after the closing handshake. */
  readonly finished: Pick<Deadlines<FrameConnection>, "add" | "delete">;
  /** The slot in the address limiter, if there is one. */
  readonly addressSlot: { release(): void } | undefined;
  /** Called once, when the transport is closed, with what the handler's `close` got. */
  onClosed(
    connection: FrameConnection,
    event: CloseEventInfo,
    end: ConnectionEnd,
  ): void;
}

/** A client on the frame listener. */
export class FrameConnection
  implements ReceiverUser, SenderUser, TransportUser, MemoryHolder {
  /** Unique among the running instances. */
  readonly id: string;
  /** The route's path. */
  readonly path: string;
  /** Parameters of its pattern. */
  readonly params: PathParams;
  /** Milliseconds since the epoch. */
  readonly openedAt: number = Date.now();
  /** Grows with every read, over all connections. */
  lastActivity: number = firstActivity();
  /** The negotiated subprotocol, or `""`. */
  readonly protocol: string;
  /** The handler's own. */
  state: unknown;

  readonly #service: Service;
  readonly #handler: WebSocketHandler;
  readonly #head: FrameConnectionInit["head"];
  readonly #closings: FrameConnectionInit["closings"];
  readonly #finished: FrameConnectionInit["finished"];
  readonly #addressSlot: FrameConnectionInit["addressSlot"];
  readonly #onClosed: FrameConnectionInit["onClosed"];
  readonly #transport: Transport;
  readonly #receiver: Receiver;
  readonly #sender: Sender;
  readonly #charge: MemoryCharge;

  #isOpen = true;
  #closeWasReceived = false;
  /** Both sides have sent a CLOSE, or the server's is in the output. */
  #isFinished = false;
  #closeWasReported = false;
  #wasClean = false;
  /** Code and reason of the close event. */
  #closeCode: number = CLOSE_CODE.abnormal;
  #closeReason = "";
  /** The end, for the log; `undefined` until a side closes. */
  #end: ConnectionEnd | undefined;

  /** Whether nothing is read until the work queue has less to do. */
  #awaitsWork = false;
  /** Sweeps of the keep-alive during promises of the handler. */
  #pausedSweeps = 0;

  /**
   * Takes a connection over from the handshake.
   *
   * @param service limits, sessions and the work queue
   * @param id the session's id
   * @param init the result of the handshake
   */
  constructor(service: Service, id: string, init: FrameConnectionInit) {
    const { handler, socket, buffer, compression } = init;
    const { limits } = service;
    const charge = service.memory.open(this, IDLE_BYTES);
    this.id = id;
    this.protocol = init.protocol;
    this.state = init.state;
    this.path = init.path;
    this.params = init.params;
    this.#service = service;
    this.#handler = handler;
    this.#head = init.head;
    this.#closings = init.closings;
    this.#finished = init.finished;
    this.#addressSlot = init.addressSlot;
    this.#onClosed = init.onClosed;
    this.#charge = charge;
    this.#transport = new Transport(
      socket,
      this,
      buffer,
      init.start,
      init.end,
      charge,
    );
    this.#transport.output.begin(init.response);
    this.#receiver = new Receiver(this, this.#transport, {
      handler,
      limits,
      compression,
      memory: buffer.memory,
      charge,
    });
    this.#sender = new Sender(this, this.#transport, this.#receiver, {
      sendBufferLimit: limits.sendBufferLimit,
      compression,
      compressionThreshold: handler.compressionThreshold,
      charge,
    });
  }

  /** Always `frame`. */
  get listener(): "frame" {
    return "frame";
  }

  /** The client's address. */
  get remoteAddr(): Deno.Addr {
    return this.#transport.remoteAddr;
  }

  /** Every frame, both ways; compression by agreement. */
  get capabilities(): Capabilities {
    return this.#sender.compresses ? COMPRESSED : CAPABILITIES;
  }

  /** The handshake request; parsed again at each read, as few handlers need it. */
  get request(): Connection["request"] {
    const { text, origin } = this.#head;
    const parsed = parseHead(text);
    if (!parsed.ok) throw new Error("the request head was valid before");
    const { target, headers } = parsed.head;
    return {
      url: new URL(`${origin}${target}`),
      headers: new Headers([...headers]),
    };
  }

  /** Messages and bytes in both directions. */
  get traffic(): Traffic {
    return {
      messagesReceived: this.#receiver.messages,
      bytesReceived: this.#receiver.bytes,
      messagesSent: this.#sender.messages,
      bytesSent: this.#sender.bytes,
    };
  }

  /** Bytes that are not written. */
  get bufferedAmount(): number {
    return this.#transport.output.length;
  }

  /** False once a CLOSE was sent or the transport has ended. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Calls the handler's `open`, and starts reading. */
  opened(): void {
    try {
      const opening = this.#handler.open?.(this);
      if (opening !== undefined) this.#receiver.waitFor(opening);
    } catch (error) {
      this.handlerFailed(error);
    }
    this.#transport.flushSoon();
    this.#transport.start();
  }

  /**
   * Sends data, or a received frame as it came; see {@linkcode Connection.send}.
   *
   * @param data the payload
   * @param options opcode, FIN and fragment size
   */
  send(data: string | Uint8Array | Frame, options?: SendOptions): void {
    if (this.#isOpen) this.#sender.send(data, options);
  }

  /** Waits until the output is written; see {@linkcode Connection.flushed}. */
  flushed(): Promise<void> {
    return flush((settle) => {
      if (this.#isOpen) this.#transport.output.flush(settle);
      else settle(false);
    });
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
   * Starts the closing handshake, or answers the client's; see
   * {@linkcode Connection.close}.
   *
   * @param code the close code
   * @param reason at most 123 bytes of UTF-8
   */
  close(code?: number, reason?: string): void {
    const payload = encodeClose(code, reason);
    if (this.#isOpen) this.sendClose(payload);
  }

  /**
   * Runs work on the server's work queue; see {@linkcode Connection.queueWork}.
   *
   * @param work is called once
   */
  queueWork(work: () => void | Promise<void>): void {
    const { workQueue } = this.#service;
    workQueue.add(work, `${this.path} ${this.id}`);
    if (!workQueue.isBusy || this.#awaitsWork) return;
    this.#awaitsWork = true;
    this.holdReading();
    workQueue.whenNotBusy(() => {
      this.#awaitsWork = false;
      this.releaseReading();
    });
  }

  /**
   * Charges memory that the handler holds for this client; see
   * {@linkcode Connection.charge}.
   *
   * @param bytes more, or with a minus sign fewer
   */
  charge(bytes: number): void {
    if (!Number.isFinite(bytes)) throw new RangeError(`${bytes} bytes`);
    this.#charge.add(bytes);
  }

  /**
   * Ends the connection without a CLOSE, after the output; see
   * {@linkcode Connection.abort}.
   */
  abort(): void {
    if (this.#transport.isClosed) return;
    this.#end = closedByServer(this.#end);
    this.#isOpen = false;
    this.#receiver.decoder.stop();
    this.#closings.add(this);
    this.#transport.abort();
  }

  /** Delivers no frame for now; see {@linkcode Connection.pauseReading}. */
  pauseReading(): void {
    if (!this.#isOpen) return;
    this.#receiver.decoder.stop();
    this.#transport.stop();
  }

  /** Ends a {@linkcode Connection.pauseReading}. */
  resumeReading(): void {
    if (this.#isOpen) this.#restart();
  }

  /**
   * Ends the connection at once.
   *
   * @param timeout the setting whose time is over, if one is
   */
  destroy(timeout?: TimeoutName): void {
    this.#end = timedOut(this.#end, timeout);
    this.#transport.destroy();
  }

  /**
   * One sweep of the keep-alive: sends a PING after half of the sweeps without a
   * byte, and ends the connection after all of them. A client that does not read is
   * not read from and so is not silent; `pauseReading` counts as silence.
   *
   * @param sweeps sweeps in one idle timeout
   */
  sweep(sweeps: number): void {
    const transport = this.#transport;
    if (!transport.isIdle) return this.#sweepPaused(sweeps);
    const idle = ++transport.idleSweeps;
    if (idle >= sweeps) this.destroy("IDLE_TIMEOUT");
    else if (idle === sweeps >> 1 && this.#isOpen) this.ping();
  }

  /**
   * A client is not read from during a promise of its handler, which may never
   * settle. A PING finds out whether the client is still connected: if it is not,
   * the write fails.
   */
  #sweepPaused(sweeps: number): void {
    if (!this.#transport.isPaused || !this.#isOpen) return;
    if (++this.#pausedSweeps % sweeps === 0) this.ping();
  }

  /**
   * One sweep of the send timeout. The CLOSE comes after the output, so the client gets
   * it only if it reads on within CLOSE_TIMEOUT.
   *
   * @param sweeps sweeps in one timeout
   */
  sweepOutput(sweeps: number): void {
    const transport = this.#transport;
    if (!transport.isWriting) transport.stalledSweeps = 0;
    else if (++transport.stalledSweeps > sweeps) this.#stalled();
  }

  #stalled(): void {
    this.#transport.stalledSweeps = 0;
    if (!this.#isOpen) return this.destroy("SEND_TIMEOUT");
    getLogger("httpd_ws").warn(
      ...line`Sock ${{
        "session.id": this.id,
      }} is closed: the client read nothing within SEND_TIMEOUT`,
    );
    this.#service.observer.limited("SEND_TIMEOUT", "frame");
    this.close(CLOSE_CODE.policyViolation, "the client does not read");
    this.#end = timedOut(this.#end, "SEND_TIMEOUT");
    this.#closings.add(this);
  }

  // The memory account calls the following methods.

  /** Always true: buffers, messages and output are the connection's own. */
  get isReclaimable(): boolean {
    return true;
  }

  /** Does nothing: all memory is charged when it is taken. */
  measure(): void {}

  /** Decodes nothing after the current frame for now; each call needs a `releaseReading`. */
  holdReading(): void {
    this.#receiver.decoder.stop();
    this.#transport.hold();
  }

  /** Ends a {@linkcode FrameConnection.holdReading}. */
  releaseReading(): void {
    this.#receiver.decoder.resume();
    this.#transport.release();
  }

  /** Closes with 1013; a client that has much to read is disconnected at once. */
  reclaim(): void {
    const bytes = this.#charge.bytes;
    getLogger("httpd_ws").warn(
      ...line`Sock ${{ "session.id": this.id }} is closed: it holds ${{
        "memory.bytes": bytes,
      }} bytes, and MEMORY_LIMIT is near`,
    );
    this.#service.observer.limited("MEMORY_LIMIT", "frame");
    this.#receiver.free();
    if (this.bufferedAmount > MAX_RECLAIMED_OUTPUT || !this.#isOpen) {
      return this.destroy();
    }
    this.#closings.add(this);
    this.#receiver.decoder.fail(
      CLOSE_CODE.tryAgainLater,
      "the server has too little memory",
    );
  }

  // The transport, the receiver and the sender call the following methods.

  /** Bytes that the current frame still needs. */
  get missing(): number {
    return this.#receiver.decoder.missing;
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
    if (this.#closeWasReceived) return end;
    this.lastActivity = nextActivity();
    return this.#receiver.received(memory, start, end);
  }

  /**
   * Fails the connection
   * ({@link https://www.rfc-editor.org/rfc/rfc6455#section-7.1.7 | RFC 6455 §7.1.7}).
   *
   * @param code the close code
   * @param reason the fault in a few words
   */
  fault(code: number, reason: string): void {
    this.#closeCode = code;
    this.#closeReason = reason;
    if (this.#isOpen) this.sendClose(encodeClose(code, reason));
    this.#reportClose(code, reason, false);
    this.#transport.end();
  }

  /** Answers a PING; the view shows it. */
  pingReceived(): void {
    if (debugEnabled) {
      getLogger("httpd_ws").debug(
        "Got a WS PING frame, Replying PONG",
        details({ "session.id": this.id }),
      );
    }
    this.#sender.pong();
  }

  /** A CLOSE of the client, which the view shows: an answer, or the first. */
  closeReceived(): void {
    const { bytes, start, end } = view;
    this.#closeWasReceived = true;
    this.#end ??= BY_CLIENT;
    if (end > start) {
      this.#closeCode = (bytes[start]! << 8) | bytes[start + 1]!;
      this.#closeReason = decoder.decode(bytes.subarray(start + 2, end));
    } else {
      this.#closeCode = CLOSE_CODE.noStatus;
    }
    const isAnswer = !this.#isOpen;
    const { controlFrames } = this.#handler;
    if (controlFrames === true) this.#closings.add(this);
    else if (!isAnswer) this.sendClose(bytes.subarray(start, end));
    if (controlFrames) this.#receiver.deliver();
    if (isAnswer) this.#finish();
  }

  /**
   * Closes the connection with 1011.
   *
   * @param error the error that the handler threw
   */
  handlerFailed(error: unknown): void {
    this.#logHandlerError(error);
    this.close(CLOSE_CODE.internalError, "the handler failed");
  }

  /**
   * Reports the time of an answer to the observer.
   *
   * @param milliseconds from the arrival of input to the hand-over of output
   */
  echoed(milliseconds: number): void {
    this.#service.observer.echoed(this, milliseconds / 1000);
  }

  /** The client ended its side without a CLOSE, or after the closing handshake. */
  inputEnded(): void {
    this.#isOpen = false;
    this.#transport.end();
  }

  /** The server's CLOSE is written: the client's time to answer, or to end TCP, begins. */
  drained(): void {
    if (!this.#isFinished) return this.#closings.add(this);
    this.#closings.delete(this);
    this.#finished.add(this);
    this.#reportClose(this.#closeCode, this.#closeReason, true);
  }

  /** Closes a client that reads too little with 1008. */
  overloaded(): void {
    this.#service.observer.cutOff(this);
    this.close(CLOSE_CODE.policyViolation, "too much is waiting to be read");
    this.#closings.add(this);
  }

  /**
   * Sends the server's CLOSE, the first or the answer.
   *
   * @param payload a valid payload
   */
  sendClose(payload: Uint8Array): void {
    this.#isOpen = false;
    if (this.#end === undefined) {
      const { code, reason } = decodeClose(payload);
      this.#end = closedByServer(undefined, code, reason);
    }
    this.#sender.close(payload);
    this.#transport.reportDrain();
    this.#restart();
    if (this.#closeWasReceived) this.#finish();
  }

  /** The transport is closed. */
  closed(): void {
    this.#isOpen = false;
    this.#sender.free();
    this.#receiver.free();
    this.#charge.close();
    this.#closings.delete(this);
    this.#finished.delete(this);
    this.#reportClose(this.#closeCode, this.#closeReason, false);
    this.#addressSlot?.release();
    this.#onClosed(this, {
      code: this.#closeCode,
      reason: this.#closeReason,
      wasClean: this.#wasClean,
    }, this.#end ?? BY_CLIENT);
  }

  #restart(): void {
    this.#receiver.decoder.resume();
    this.#transport.restart();
  }

  /**
   * Both sides have sent a CLOSE
   * ({@link https://www.rfc-editor.org/rfc/rfc6455#section-7.1.4 | RFC 6455 §7.1.4}):
   * the transport ends when the server's is written.
   */
  #finish(): void {
    this.#isFinished = true;
    this.#transport.reportDrain();
    this.#transport.end();
    if (this.bufferedAmount === 0) this.drained();
  }

  #reportClose(code: number, reason: string, wasClean: boolean): void {
    if (this.#closeWasReported) return;
    this.#closeWasReported = true;
    this.#wasClean = wasClean;
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
    if (error instanceof ConnectionClosedError && !this.#isOpen) return;
    getLogger("httpd_ws").error(
      ...line`Handler of ${{ "http.route": this.path }} failed on sock ${{
        "session.id": this.id,
      }}:`,
      error,
    );
  }
}
