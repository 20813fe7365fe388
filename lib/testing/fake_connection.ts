/**
 * A connection without a socket, which records the calls of a handler.
 *
 * @module
 */

import { wrongArgument } from "../errors/argument.ts";
import { flush, type SettleFlush } from "../listener/flush.ts";
import { ByteCollector } from "../memory/byte_collector.ts";
import { encodeClose } from "../protocol/close_code.ts";
import {
  checkSendOptions,
  opcodeToSend,
  payloadToSend,
} from "../protocol/send_arguments.ts";
import { nextActivity } from "../scheduling/activity.ts";
import type {
  Capabilities,
  Connection,
  Frame,
  ListenerName,
  Opcode,
  PathParams,
  SendOptions,
} from "../websocket.ts";
import {
  EdgeOutput,
  FrameOutput,
  notSupported,
  type Output,
} from "./output.ts";
import type { Sent } from "./sent.ts";

/**
 * Options of {@linkcode FakeConnection}.
 *
 * @example
 * ```ts
 * import { NotSupportedError } from "@ws-echo/server";
 * import {
 *   FakeConnection,
 *   type FakeConnectionOptions,
 * } from "@ws-echo/server/testing";
 * import { assertEquals, assertThrows } from "@std/assert";
 *
 * const options: FakeConnectionOptions<number> = {
 *   listener: "edge",
 *   url: "http://localhost/rooms/red",
 *   state: 1,
 * };
 * const connection = new FakeConnection(options);
 * assertEquals([connection.path, connection.state], ["/rooms/red", 1]);
 * assertThrows(() => connection.ping(), NotSupportedError);
 * ```
 */
export interface FakeConnectionOptions<State = unknown> {
  /**
   * The listener whose rules apply.
   * @default "frame"
   */
  readonly listener?: ListenerName;
  /**
   * Id of the session.
   * @default `fake-1`, `fake-2`, …
   */
  readonly id?: string;
  /**
   * The route's path.
   * @default the path of the URL
   */
  readonly path?: string;
  /**
   * Parameters of the route's pattern.
   * @default none
   */
  readonly params?: PathParams;
  /**
   * URL of the handshake request.
   * @default `http://localhost/`
   */
  readonly url?: string | URL;
  /** Header fields of the handshake request. */
  readonly headers?: HeadersInit;
  /**
   * Address of the transport's remote end.
   * @default 127.0.0.1:50000
   */
  readonly remoteAddr?: Deno.Addr;
  /**
   * The negotiated subprotocol.
   * @default ""
   */
  readonly protocol?: string;
  /**
   * Whether permessage-deflate is negotiated. Recorded payloads are not compressed.
   * @default false
   */
  readonly compression?: boolean;
  /** The handler's data for the connection. */
  readonly state?: State;
}

/** Is notified of calls that change what the client sees next. */
export interface ConnectionEvents {
  /** Reading continues. */
  resumed(): void;
  /** The connection is aborted. */
  aborted(): void;
  /** The first CLOSE is sent. */
  closeSent(): void;
}

/** The remote address of a fake connection, unless it is set. */
export const REMOTE_ADDR: Deno.NetAddr = Object.freeze({
  transport: "tcp",
  hostname: "127.0.0.1",
  port: 50000,
});

let serial = 0;

/**
 * A connection that records the calls of a handler, with the errors of the real ones.
 *
 * @example
 * ```ts
 * import { FakeConnection, FakeFrame, sent } from "@ws-echo/server/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const connection = new FakeConnection({ listener: "edge" });
 * connection.send(new FakeFrame("text", "hello"));
 * assertEquals(connection.sent, [sent("text", "hello")]);
 * ```
 */
export class FakeConnection<State = unknown> implements Connection<State> {
  /** Id of the session. */
  readonly id: string;
  /** The listener whose rules apply. */
  readonly listener: ListenerName;
  /** The route's path. */
  readonly path: string;
  /** Parameters of the route's pattern. */
  readonly params: PathParams;
  /** Time of the construction, in milliseconds since the epoch. */
  readonly openedAt: number = Date.now();
  /** Number of the client's last activity. */
  lastActivity: number = nextActivity();
  /** Counts of data messages and their bytes. */
  readonly traffic = {
    messagesReceived: 0,
    bytesReceived: 0,
    messagesSent: 0,
    bytesSent: 0,
  };
  /** The handshake request. */
  readonly request: Connection["request"];
  /** Address of the transport's remote end. */
  readonly remoteAddr: Deno.Addr;
  /** The negotiated subprotocol, or `""`. */
  readonly protocol: string;
  /** The features of the listener. */
  readonly capabilities: Capabilities;
  /** The handler's data. */
  state: State;

  /** All frames that were sent, in order. On the edge listener, fragments are assembled. */
  readonly sent: Sent[] = [];
  /** Whether `abort` was called. */
  isAborted = false;
  /** Whether reading is paused. */
  isPaused = false;
  /** Sum of all `charge` calls, in bytes. */
  charged = 0;

  readonly #output: Output;
  readonly #events: ConnectionEvents | undefined;
  readonly #work: (() => void | Promise<void>)[] = [];
  #isOpen = true;
  #bufferedAmount = 0;
  /** Flushes that wait for the client to read. */
  readonly #flushes: SettleFlush[] = [];

  /**
   * Makes an open connection.
   *
   * @param options of the connection
   * @param events is notified of calls
   */
  constructor(
    options: FakeConnectionOptions<State> = {},
    events?: ConnectionEvents,
  ) {
    const { listener = "frame", compression = false } = options;
    const isFrame = listener === "frame";
    const url = new URL(options.url ?? "http://localhost/");
    this.listener = listener;
    this.id = options.id ?? `fake-${++serial}`;
    this.path = options.path ?? url.pathname;
    this.params = options.params ?? {};
    this.request = { url, headers: new Headers(options.headers) };
    this.remoteAddr = options.remoteAddr ?? REMOTE_ADDR;
    this.protocol = options.protocol ?? "";
    this.capabilities = {
      controlFrames: isFrame,
      fragments: isFrame,
      transport: isFrame,
      compression: isFrame && compression,
    };
    this.state = options.state as State;
    this.#output = isFrame ? new FrameOutput() : new EdgeOutput();
    this.#events = events;
  }

  /** Whether the connection can send. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /**
   * Set it to let the handler see a client that does not read: flushes wait until it is
   * 0 again.
   */
  get bufferedAmount(): number {
    return this.#bufferedAmount;
  }

  set bufferedAmount(bytes: number) {
    this.#bufferedAmount = bytes;
    if (bytes === 0) this.#settleFlushes(true);
  }

  /** Number of works that wait for {@linkcode FakeConnection.runWork}. */
  get queuedWork(): number {
    return this.#work.length;
  }

  /** The data messages that were sent completely; a text message is a string. */
  get messages(): (string | Uint8Array<ArrayBuffer>)[] {
    return messagesOf(this.sent);
  }

  /** Records frames; see {@linkcode Connection.send}. */
  send(data: string | Uint8Array | Frame, options: SendOptions = {}): void {
    if (!this.#isOpen) return;
    checkSendOptions(options);
    const { fragmentSize = 0 } = options;
    const size = fragmentSize > 0 ? fragmentSize : Infinity;
    if (typeof data === "string" || data instanceof Uint8Array) {
      const opcode = options.opcode ??
        (typeof data === "string" ? "text" : "binary");
      this.#send(opcode, data, options.final ?? true, size);
    } else {
      const payload = payloadToSend(data);
      const opcode = options.opcode ?? opcodeToSend(data);
      this.#send(opcode, payload, options.final ?? data.final, size);
    }
  }

  /**
   * Waits until {@linkcode FakeConnection.bufferedAmount} is 0; see
   * {@linkcode Connection.flushed}.
   */
  flushed(): Promise<void> {
    return flush((settle) => {
      if (this.#isOpen && this.#bufferedAmount > 0) this.#flushes.push(settle);
      else settle(this.#isOpen);
    });
  }

  /** Records a PING; see {@linkcode Connection.ping}. */
  ping(payload: Uint8Array = new Uint8Array(0)): void {
    this.#requireTransport("send PING");
    this.send(payload, { opcode: "ping" });
  }

  /** Records a CLOSE; see {@linkcode Connection.close}. */
  close(code?: number, reason?: string): void {
    const payload = encodeClose(code, reason);
    this.send(payload, { opcode: "close" });
  }

  /** Ends the connection; see {@linkcode Connection.abort}. */
  abort(): void {
    this.#requireTransport("abort a connection");
    if (this.isAborted) return;
    this.isAborted = true;
    this.#isOpen = false;
    this.#settleFlushes(false);
    this.#events?.aborted();
  }

  /** Pauses reading; see {@linkcode Connection.pauseReading}. */
  pauseReading(): void {
    this.#requireTransport("pause reading");
    if (this.#isOpen) this.isPaused = true;
  }

  /** Resumes reading; see {@linkcode Connection.resumeReading}. */
  resumeReading(): void {
    this.#requireTransport("resume reading");
    this.#resume();
  }

  /** Records work, which {@linkcode FakeConnection.runWork} runs. */
  queueWork(work: () => void | Promise<void>): void {
    if (typeof work !== "function") {
      throw wrongArgument("work", "a function", work);
    }
    this.#work.push(work);
  }

  /** Adds to {@linkcode FakeConnection.charged}. */
  charge(bytes: number): void {
    if (!Number.isFinite(bytes)) throw new RangeError(`${bytes} bytes`);
    this.charged += bytes;
  }

  /**
   * Runs the queued work in order, but not the work that it queues.
   *
   * @throws the error of the first work that fails; a server would log it
   */
  async runWork(): Promise<void> {
    for (const work of this.#work.splice(0)) await work();
  }

  /** Ends the connection: nothing can be sent any more. */
  end(): void {
    this.#isOpen = false;
    this.isPaused = false;
    this.#settleFlushes(false);
  }

  #settleFlushes(isWritten: boolean): void {
    for (const settle of this.#flushes.splice(0)) settle(isWritten);
  }

  #send(
    opcode: Opcode,
    data: string | Uint8Array,
    final: boolean,
    fragmentSize: number,
  ): void {
    for (
      const frame of this.#output.encode(opcode, data, final, fragmentSize)
    ) {
      this.sent.push(frame);
      if (frame.opcode === "close") this.#closeSent();
      else if (frame.opcode !== "ping" && frame.opcode !== "pong") {
        this.traffic.bytesSent += frame.payload.length;
        if (frame.final) this.traffic.messagesSent++;
      }
    }
  }

  /** A close ends a pause: the client's answer is read. */
  #closeSent(): void {
    this.#isOpen = false;
    this.#resume();
    this.#events?.closeSent();
  }

  #resume(): void {
    if (!this.isPaused) return;
    this.isPaused = false;
    this.#events?.resumed();
  }

  #requireTransport(what: string): void {
    if (!this.capabilities.transport) throw notSupported(what);
  }
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Assembles messages; control frames may be between their fragments. */
function messagesOf(
  frames: readonly Sent[],
): (string | Uint8Array<ArrayBuffer>)[] {
  const messages: (string | Uint8Array<ArrayBuffer>)[] = [];
  const fragments = new ByteCollector();
  let first: Opcode | undefined;
  for (const { opcode, final, payload } of frames) {
    if (opcode === "close" || opcode === "ping" || opcode === "pong") continue;
    first ??= opcode;
    fragments.append(payload);
    if (!final) continue;
    const message = fragments.take().slice();
    messages.push(first === "text" ? decoder.decode(message) : message);
    first = undefined;
  }
  return messages;
}
