/**
 * A client without a socket, which sends frames to a handler.
 *
 * @module
 */

import {
  CLOSE_CODE,
  decodeClose,
  encodeClose,
} from "../protocol/close_code.ts";
import { controlPayload } from "../frame/codec/encoder.ts";
import { nextActivity } from "../scheduling/activity.ts";
import {
  type CloseEventInfo,
  OPCODE_NUMBER,
  type WebSocketHandler,
} from "../websocket.ts";
import {
  FakeConnection,
  type FakeConnectionOptions,
} from "./fake_connection.ts";
import { FakeFrame } from "./fake_frame.ts";
import { type DataOpcode, Input, type Received } from "./input.ts";
import { type Sent, sent } from "./sent.ts";

/**
 * Options of {@linkcode FakeClient.receive}.
 *
 * @example
 * ```ts
 * import { openHandler, type ReceiveOptions } from "@ws-echo/server/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const rest: ReceiveOptions = { opcode: "continuation", final: true };
 * const client = await openHandler({
 *   frame: (connection, frame) => connection.send(frame),
 * });
 * await client.receive("Hel", { final: false });
 * await client.receive("lo", rest);
 * assertEquals(client.messages, ["Hello"]);
 * ```
 */
export interface ReceiveOptions {
  /**
   * The opcode.
   * @default `text` for a string, `binary` for bytes
   */
  readonly opcode?: DataOpcode;
  /**
   * The FIN bit.
   * @default true
   */
  readonly final?: boolean;
}

/** A frame that waits, or an answer of the server. */
interface Event {
  /** Returns a promise while the next event has to wait. */
  run(): void | Promise<void>;
  readonly done: PromiseWithResolvers<void>;
}

/**
 * The client's side of a handler's connection. {@linkcode openHandler} makes it.
 *
 * The handler is called at once, unless a promise of it is pending or reading is paused.
 * The promises of the methods resolve when the handler has handled the frame. A frame
 * that waits because reading is paused is handled after `resumeReading`; the promise of
 * its method does not wait for that.
 *
 * @example
 * ```ts
 * import { type FakeClient, openHandler } from "@ws-echo/server/testing";
 * import { assertEquals } from "@std/assert";
 *
 * const login = async (client: FakeClient) => {
 *   await client.receive("name ada");
 *   await client.receive("token 42");
 * };
 * const lines: string[] = [];
 * const client = await openHandler({
 *   frame: (_connection, frame) => void lines.push(frame.text()),
 * });
 * await login(client);
 * assertEquals(lines, ["name ada", "token 42"]);
 * assertEquals(client.errors, []);
 * ```
 */
export class FakeClient<State = unknown> {
  /** The connection that the handler sees. It records the handler's calls. */
  readonly connection: FakeConnection<State>;
  /** Header fields that `handshake` adds to the 101 response. */
  readonly responseHeaders: Headers;
  /** The event that the handler's `close` was called with. */
  closed: CloseEventInfo | undefined;
  /** Errors of the handler, in order; a server logs them. */
  readonly errors: unknown[] = [];

  readonly #handler: WebSocketHandler<State>;
  readonly #input: Input;
  readonly #events: Event[] = [];
  /** Whether a promise of the handler is pending. */
  #isBusy = false;
  #closeWasReceived = false;
  /** The closing handshake is complete, or the connection is aborted. */
  #finishing: Promise<void> | undefined;
  #close: Omit<CloseEventInfo, "wasClean"> = {
    code: CLOSE_CODE.abnormal,
    reason: "",
  };

  /**
   * Makes the client of an open connection.
   *
   * @param handler of the connection
   * @param options of the connection
   * @param responseHeaders of the 101 response
   */
  constructor(
    handler: WebSocketHandler<State>,
    options: FakeConnectionOptions<State>,
    responseHeaders: Headers,
  ) {
    this.#handler = handler;
    this.responseHeaders = responseHeaders;
    this.connection = new FakeConnection(options, {
      resumed: () => this.#drain(),
      aborted: () => this.#finish(false),
      closeSent: () => {
        if (this.#closeWasReceived) this.#finish(true);
      },
    });
    this.#input = new Input(this.connection.listener, handler);
  }

  /** All frames that the server has sent, its PONG and CLOSE included. */
  get sent(): readonly Sent[] {
    return this.connection.sent;
  }

  /** The data messages that the handler has sent completely; a text message is a string. */
  get messages(): (string | Uint8Array<ArrayBuffer>)[] {
    return this.connection.messages;
  }

  /** Code and reason of the server's CLOSE; `undefined` before it. */
  get closeSent():
    | { readonly code: number | undefined; readonly reason: string }
    | undefined {
    const frame = this.sent.find(({ opcode }) => opcode === "close");
    return frame && decodeClose(frame.payload);
  }

  /** Calls the handler's `open`; resolves when its promise settles. */
  async open(): Promise<void> {
    await this.#add(() => this.#handler.open?.(this.connection));
  }

  /**
   * The client sends a message or a fragment.
   *
   * @param data the payload; a string is sent as UTF-8
   * @param options opcode and FIN
   * @throws {FragmentOrderError} a client may not send the frame now
   * @throws {InvalidPayloadError} a text is not UTF-8
   */
  async receive(
    data: string | Uint8Array,
    options: ReceiveOptions = {},
  ): Promise<void> {
    const { final = true } = options;
    const opcode = options.opcode ??
      (typeof data === "string" ? "text" : "binary");
    const received = this.#input.push(opcode, data, final);
    const counted = this.#add(() => this.#received(received));
    const handled = received.frames.map((frame) =>
      this.#add(() => this.#isReceiving ? this.#deliver(frame) : undefined)
    );
    await Promise.all([counted, ...handled]);
    await this.#finishing;
  }

  /**
   * The client sends a PING.
   *
   * @param payload at most 125 bytes
   * @throws {InvalidPayloadError} over 125 bytes
   */
  async ping(payload: string | Uint8Array = ""): Promise<void> {
    await this.#control("ping", payload);
  }

  /**
   * The client sends a PONG.
   *
   * @param payload at most 125 bytes
   * @throws {InvalidPayloadError} over 125 bytes
   */
  async pong(payload: string | Uint8Array = ""): Promise<void> {
    await this.#control("pong", payload);
  }

  /**
   * The client sends a CLOSE, the first or the answer to the server's. Nothing is
   * received after it.
   *
   * @param code the close code; `undefined` for an empty CLOSE
   * @param reason the close reason
   * @throws {InvalidPayloadError} a code that may not be sent, or a reason over 123 bytes
   */
  async close(code?: number, reason?: string): Promise<void> {
    const payload = encodeClose(code, reason);
    if (this.connection.listener === "edge") this.#closeOnEdge(payload);
    else await this.#add(() => this.#closeReceived(payload));
    await this.#finishing;
  }

  /** The TCP connection ends without the client's CLOSE. Frames that wait are lost. */
  async disconnect(): Promise<void> {
    this.#finish(false);
    await this.#finishing;
  }

  /**
   * Runs the queued work in order, but not the work that it queues.
   *
   * @throws the error of the first work that fails; a server would log it
   */
  runWork(): Promise<void> {
    return this.connection.runWork();
  }

  async #control(
    opcode: "ping" | "pong",
    data: string | Uint8Array,
  ): Promise<void> {
    const payload = controlPayload(OPCODE_NUMBER[opcode], data, true);
    await this.#add(() => {
      if (!this.#isReceiving) return;
      const sees = this.connection.capabilities.controlFrames &&
        this.#handler.controlFrames;
      if (sees !== true && opcode === "ping") {
        this.connection.sent.push(sent("pong", payload));
      }
      if (sees) return this.#deliver(new FakeFrame(opcode, payload));
    });
    await this.#finishing;
  }

  /** Whether a frame of the client has an effect, other than a CLOSE. */
  get #isReceiving(): boolean {
    return this.connection.isOpen && !this.#closeWasReceived;
  }

  #received({ bytes, messages, tooLong }: Received): void {
    if (!this.#isReceiving) return;
    const { connection } = this;
    connection.lastActivity = nextActivity();
    connection.traffic.bytesReceived += bytes;
    connection.traffic.messagesReceived += messages;
    if (tooLong !== undefined) this.#refuse(tooLong);
  }

  /** Calls the handler; the frame is invalid after that. */
  #deliver(frame: FakeFrame): void | Promise<void> {
    const result = this.#handler.frame(this.connection, frame);
    if (result === undefined) return frame.invalidate();
    return Promise.resolve(result).finally(() => frame.invalidate());
  }

  /** A message over the limit: the frame listener does not wait for the client's CLOSE. */
  #refuse(reason: string): void {
    const { connection } = this;
    const code = CLOSE_CODE.tooBig;
    connection.close(code, reason);
    if (connection.listener === "edge") return;
    this.#close = { code, reason };
    this.#finish(false);
  }

  /** The frame listener: a CLOSE is received after the frames before it. */
  #closeReceived(payload: Uint8Array): void | Promise<void> {
    if (this.#closeWasReceived) return;
    this.#noteClose(payload);
    const { connection } = this;
    const isAnswer = !connection.isOpen;
    if (isAnswer) this.#finish(true);
    const { controlFrames } = this.#handler;
    if (controlFrames !== true && !isAnswer) {
      connection.send(payload, { opcode: "close" });
    }
    if (controlFrames) return this.#deliver(new FakeFrame("close", payload));
  }

  /** The edge listener: the runtime answers, and the handler sees the CLOSE at the end. */
  #closeOnEdge(payload: Uint8Array): void {
    if (this.#closeWasReceived) return;
    this.#noteClose(payload);
    const { connection } = this;
    const isAnswer = !connection.isOpen;
    connection.send(payload, { opcode: "close" });
    if (isAnswer) this.#finish(true);
    if (!this.#handler.controlFrames) return;
    this.#attempt(() => this.#deliver(new FakeFrame("close", payload)));
  }

  #noteClose(payload: Uint8Array): void {
    this.#closeWasReceived = true;
    const { code = CLOSE_CODE.noStatus, reason } = decodeClose(payload);
    this.#close = { code, reason };
  }

  /** Ends the connection after the current event. */
  #finish(wasClean: boolean): void {
    this.#finishing ??= Promise.resolve().then(() => this.#end(wasClean));
  }

  #end(wasClean: boolean): void {
    this.connection.end();
    for (const { done } of this.#events.splice(0)) done.resolve();
    const event = { ...this.#close, wasClean };
    this.closed = event;
    this.#attempt(() => this.#handler.close?.(this.connection, event));
  }

  /** Adds an event after those that wait; resolves when it is handled. */
  #add(run: () => void | Promise<void>): Promise<void> {
    const done = Promise.withResolvers<void>();
    if (this.closed !== undefined) return Promise.resolve();
    this.#events.push({ run, done });
    this.#drain();
    return this.connection.isPaused ? Promise.resolve() : done.promise;
  }

  #drain(): void {
    while (!this.#isBusy && !this.connection.isPaused) {
      const event = this.#events.shift();
      if (event === undefined) return;
      const pending = this.#attempt(event.run);
      if (pending === undefined) {
        event.done.resolve();
        continue;
      }
      this.#isBusy = true;
      pending.finally(() => {
        this.#isBusy = false;
        event.done.resolve();
        this.#drain();
      });
    }
  }

  /** Calls the handler; an error closes the connection with 1011. */
  #attempt(call: () => void | Promise<void>): Promise<void> | undefined {
    try {
      const result = call();
      if (result === undefined) return undefined;
      return Promise.resolve(result).catch((error) => this.#failed(error));
    } catch (error) {
      this.#failed(error);
      return undefined;
    }
  }

  #failed(error: unknown): void {
    this.errors.push(error);
    this.connection.close(CLOSE_CODE.internalError, "the handler failed");
  }
}
