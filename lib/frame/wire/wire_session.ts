/**
 * The session of a taken-over connection, for the admin API, the metrics and the limits.
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
import { line } from "../../log/fields.ts";
import { flush } from "../../listener/flush.ts";
import type { Service } from "../../listener/service.ts";
import type { MemoryCharge, MemoryHolder } from "../../memory/account.ts";
import { CLOSE_CODE, encodeClose } from "../../protocol/close_code.ts";
import {
  ConnectionClosedError,
  NotSupportedError,
} from "../../protocol/errors.ts";
import { firstActivity, nextActivity } from "../../scheduling/activity.ts";
import type { Deadlines } from "../../scheduling/deadlines.ts";
import { yieldToOthers } from "../../scheduling/scheduler.ts";
import type {
  Capabilities,
  CloseEventInfo,
  Connection,
  PathParams,
  Traffic,
} from "../../websocket.ts";
import type { Wire } from "../../wire.ts";
import { parseHead } from "../codec/request_head.ts";
import {
  WireConnection,
  type WireInit,
  type WireUser,
} from "./wire_connection.ts";

const CAPABILITIES: Capabilities = Object.freeze({
  controlFrames: false,
  fragments: false,
  transport: false,
  compression: false,
});

/** Bytes of memory that a taken-over connection takes without its buffers. */
const IDLE_BYTES = 8 * 1024;

/** Bytes of waiting output up to which a reclaimed connection gets a CLOSE. */
const MAX_RECLAIMED_OUTPUT = 64 * 1024;

/** The end of every taken-over connection: the server decodes no CLOSE. */
const ENDED: CloseEventInfo = Object.freeze({
  code: CLOSE_CODE.abnormal,
  reason: "",
  wasClean: false,
});

/** The handshake of a {@linkcode WireSession}. */
export interface WireSessionInit extends Omit<WireInit, "id"> {
  /** The matched route's path. */
  readonly path: string;
  /** Parameters of its pattern. */
  readonly params: PathParams;
  /** Scheme and authority of the request's URL. */
  readonly origin: string;
  /** The negotiated subprotocol, or `""`. */
  readonly protocol: string;
  /** The handler's first state. */
  readonly state: unknown;
  /** Time limits of connections that end. */
  readonly closings: Deadlines<{ destroy(timeout?: TimeoutName): void }>;
  /** The slot in the address limiter, if there is one. */
  readonly addressSlot: { release(): void } | undefined;
  /** Called once, when the socket is closed. */
  onClosed(
    session: WireSession,
    event: CloseEventInfo,
    end: ConnectionEnd,
  ): void;
}

/** A connection whose bytes a handler has taken over. */
export class WireSession implements Connection, MemoryHolder, WireUser {
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
  /** The client's address. */
  readonly remoteAddr: Deno.Addr;
  /** The handler's data. */
  state: unknown;

  readonly #service: Service;
  readonly #origin: string;
  readonly #closings: WireSessionInit["closings"];
  readonly #addressSlot: WireSessionInit["addressSlot"];
  readonly #onClosed: WireSessionInit["onClosed"];
  readonly #charge: MemoryCharge;
  readonly #wire: WireConnection;
  /** The end, for the log; `undefined` until a side closes. */
  #end: ConnectionEnd | undefined;
  readonly #traffic = {
    messagesReceived: 0,
    bytesReceived: 0,
    messagesSent: 0,
    bytesSent: 0,
  };

  /**
   * Takes a socket over from the handshake.
   *
   * @param service limits, sessions and the work queue
   * @param id the session's id
   * @param init the result of the handshake
   */
  constructor(service: Service, id: string, init: WireSessionInit) {
    this.id = id;
    this.path = init.path;
    this.params = init.params;
    this.protocol = init.protocol;
    this.remoteAddr = init.socket.remoteAddr;
    this.state = init.state;
    this.#service = service;
    this.#origin = init.origin;
    this.#closings = init.closings;
    this.#addressSlot = init.addressSlot;
    this.#onClosed = init.onClosed;
    this.#charge = service.memory.open(this, IDLE_BYTES + init.rest.length);
    this.#wire = new WireConnection(this, this.#charge, { ...init, id });
  }

  /** The bytes, for the handler. */
  get wire(): Wire {
    return this.#wire;
  }

  /** Always `frame`. */
  get listener(): "frame" {
    return "frame";
  }

  /** None: the handler writes the frames itself. */
  get capabilities(): Capabilities {
    return CAPABILITIES;
  }

  /** The handshake request; parsed at each read. */
  get request(): Connection["request"] {
    const parsed = parseHead(this.#wire.requestHead);
    if (!parsed.ok) throw new Error("the request head was valid before");
    const { target, headers } = parsed.head;
    return {
      url: new URL(`${this.#origin}${target}`),
      headers: new Headers([...headers]),
    };
  }

  /** The frames that the handler has counted. */
  get traffic(): Traffic {
    return this.#traffic;
  }

  /** Bytes that are not written. */
  get bufferedAmount(): number {
    return this.#wire.output.length;
  }

  /** False once the handler was asked to end, or has ended. */
  get isOpen(): boolean {
    return !this.#wire.isClosed && !this.#wire.closing.aborted;
  }

  /**
   * Not supported: only the handler knows between which bytes a frame may stand.
   *
   * @throws {NotSupportedError} always
   */
  send(): void {
    throw takenOver("send");
  }

  /** Waits until the bytes of the handler are written; see {@linkcode Connection.flushed}. */
  flushed(): Promise<void> {
    return flush((settle) => this.#wire.output.flush(settle));
  }

  /**
   * Not supported; see {@linkcode WireSession.send}.
   *
   * @throws {NotSupportedError} always
   */
  ping(): void {
    throw takenOver("ping");
  }

  /**
   * Asks the handler to end the connection. If it does not within the close timeout, the
   * socket is closed.
   *
   * @param code the close code
   * @param reason at most 123 bytes of UTF-8
   */
  close(code: number = CLOSE_CODE.normal, reason: string = ""): void {
    encodeClose(code, reason);
    if (!this.isOpen) return;
    this.#end = closedByServer(this.#end, code, reason);
    this.#closings.add(this);
    this.#wire.askToClose({ code, reason });
  }

  /**
   * Not supported; see {@linkcode WireSession.send}.
   *
   * @throws {NotSupportedError} always
   */
  abort(): void {
    throw takenOver("abort");
  }

  /**
   * Not supported; see {@linkcode WireSession.send}.
   *
   * @throws {NotSupportedError} always
   */
  pauseReading(): void {
    throw takenOver("pauseReading");
  }

  /**
   * Not supported; see {@linkcode WireSession.send}.
   *
   * @throws {NotSupportedError} always
   */
  resumeReading(): void {
    throw takenOver("resumeReading");
  }

  /**
   * Runs work on the server's work queue; see {@linkcode Connection.queueWork}.
   *
   * @param work is called once
   */
  queueWork(work: () => void | Promise<void>): void {
    this.#service.workQueue.add(work, `${this.path} ${this.id}`);
  }

  /**
   * Charges memory; see {@linkcode Connection.charge}.
   *
   * @param bytes more, or with a minus sign fewer
   */
  charge(bytes: number): void {
    this.#wire.charge(bytes);
  }

  /**
   * Calls the handler; when its promise settles, the connection is closed.
   *
   * @param takeOver the handler
   */
  async run(takeOver: (wire: Wire) => Promise<void>): Promise<void> {
    try {
      await takeOver(this.#wire);
    } catch (error) {
      if (!(error instanceof ConnectionClosedError && this.#wire.isClosed)) {
        getLogger("httpd_ws").error(
          ...line`Handler of ${{ "http.route": this.path }} failed on sock ${{
            "session.id": this.id,
          }}:`,
          error,
        );
      }
    }
    const { isClosed, input } = this.#wire;
    this.#end ??= isClosed || input.hasEnded
      ? BY_CLIENT
      : closedByServer(undefined);
    this.#wire.close();
  }

  // The listener calls the following methods.

  /**
   * Ends the connection at once.
   *
   * @param timeout the setting whose time is over, if one is
   */
  destroy(timeout?: TimeoutName): void {
    this.#end = timedOut(this.#end, timeout);
    this.#wire.destroy();
  }

  /** Does nothing: the idle timeout does not apply. */
  sweep(): void {}

  /**
   * One sweep of the send timeout.
   *
   * @param sweeps sweeps in one timeout
   */
  sweepOutput(sweeps: number): void {
    const { output } = this.#wire;
    if (!output.isWriting) output.stalledSweeps = 0;
    else if (++output.stalledSweeps > sweeps) this.#stalled();
  }

  #stalled(): void {
    this.#wire.output.stalledSweeps = 0;
    if (!this.isOpen) return this.destroy("SEND_TIMEOUT");
    getLogger("httpd_ws").warn(
      ...line`Sock ${{
        "session.id": this.id,
      }} is closed: the client read nothing within SEND_TIMEOUT`,
    );
    this.#service.observer.limited("SEND_TIMEOUT", "frame");
    this.close(CLOSE_CODE.policyViolation, "the client does not read");
    this.#end = timedOut(this.#end, "SEND_TIMEOUT");
  }

  // The memory account calls the following methods.

  /** Always true: {@linkcode WireSession.reclaim} closes the charge without the handler. */
  get isReclaimable(): boolean {
    return true;
  }

  /** Does nothing: all memory is charged when it is taken. */
  measure(): void {}

  /** Reads nothing for now; each call needs a `releaseReading`. */
  holdReading(): void {
    this.#wire.input.hold();
  }

  /** Ends a {@linkcode WireSession.holdReading}. */
  releaseReading(): void {
    this.#wire.input.release();
  }

  /**
   * Asks the handler to end with 1013, then closes the connection and the charge before
   * the handler ends; see {@linkcode Wire.closing}. If more than 64 KiB of output wait, or
   * the handler was asked before, the socket is closed at once.
   */
  reclaim(): void {
    const { bytes } = this.#charge;
    getLogger("httpd_ws").warn(
      ...line`Sock ${{ "session.id": this.id }} is closed: it holds ${{
        "memory.bytes": bytes,
      }} bytes, and MEMORY_LIMIT is near`,
    );
    this.#service.observer.limited("MEMORY_LIMIT", "frame");
    if (!this.isOpen || this.bufferedAmount > MAX_RECLAIMED_OUTPUT) {
      return this.destroy();
    }
    this.close(CLOSE_CODE.tryAgainLater, "the server has too little memory");
    // By then, the event has run, in which the handler writes its CLOSE.
    yieldToOthers(() => {
      this.#wire.close();
      this.#charge.close();
    });
  }

  // The wire calls the following methods.

  /** Bytes have arrived. */
  received(): void {
    this.lastActivity = nextActivity();
  }

  /** The handler ends the connection. */
  ending(): void {
    this.#closings.add(this);
  }

  /** The socket is closed. */
  ended(): void {
    this.#charge.close();
    this.#closings.delete(this);
    this.#addressSlot?.release();
    this.#onClosed(this, ENDED, this.#end ?? BY_CLIENT);
  }

  /**
   * Counts a frame.
   *
   * @param direction of the frame
   * @param bytes of its payload
   * @param endsMessage whether it ends a data message
   */
  count(
    direction: "received" | "sent",
    bytes: number,
    endsMessage: boolean,
  ): void {
    const messages = endsMessage ? 1 : 0;
    if (direction === "received") {
      this.#traffic.bytesReceived += bytes;
      this.#traffic.messagesReceived += messages;
    } else {
      this.#traffic.bytesSent += bytes;
      this.#traffic.messagesSent += messages;
    }
  }
}

function takenOver(method: string): NotSupportedError {
  return new NotSupportedError(
    `${method}(): a handler has taken the connection over`,
  );
}
