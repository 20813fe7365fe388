/**
 * A taken-over connection as the endpoint of a plan.
 *
 * @module
 */

import { encodeFrame } from "../../../lib/client/frame.ts";
import { CLOSE_CODE, encodeClose } from "../../../lib/protocol/close_code.ts";
import { opcodeToSend } from "../../../lib/protocol/send_arguments.ts";
import type {
  Capabilities,
  Frame,
  Opcode,
  SendOptions,
} from "../../../lib/websocket.ts";
import type { Wire } from "../../../lib/wire.ts";
import { Completion } from "../engine/completion.ts";
import type {
  Delivery,
  Endpoint,
  WireActions,
  WireSettings,
} from "../engine/endpoint.ts";
import { encodeFragments } from "./encode_fragments.ts";
import { PlanOutput } from "./output.ts";

const encoder = new TextEncoder();

/** Sends on a taken-over connection; the input tells it what the client does. */
export class WireEndpoint implements Endpoint, WireActions {
  /** Id of the session. */
  readonly id: string;
  /** The features of the frame listener. */
  readonly capabilities: Capabilities = {
    controlFrames: true,
    fragments: true,
    transport: true,
    compression: false,
  };
  /** Reactions and speeds. */
  readonly settings: WireSettings = {
    pong: "answer",
    close: "answer",
    readRate: undefined,
    delivery: { kind: "whole" },
  };
  /** The subprotocol of the answer. */
  protocol = "";
  /**
   * Base-2 logarithm of the server's window in the agreed permessage-deflate, 9 to 15;
   * `undefined`: not agreed.
   */
  windowBits: number | undefined;
  /** Settled when the plan, or an answer, has sent a CLOSE. */
  readonly closeSent: Completion = new Completion();
  /** Settled when the client has sent a CLOSE, or the connection has ended. */
  readonly clientClosed: Completion = new Completion();
  /** The output. */
  readonly output: PlanOutput;
  readonly #wire: Wire;
  readonly #limit: number;
  readonly #ended = new Completion();
  readonly #endController = new AbortController();
  #resumed: Completion | undefined;
  #isResetting = false;

  /**
   * Makes an endpoint.
   *
   * @param wire the connection
   * @param limit bytes that wait for the client; more closes with 1008
   */
  constructor(wire: Wire, limit: number) {
    this.id = wire.id;
    this.#wire = wire;
    this.#limit = limit;
    this.output = new PlanOutput({
      wire,
      endSignal: this.endSignal,
      delivery: () => this.settings.delivery,
    });
  }

  /** The endpoint itself: it has the bytes of the connection. */
  get wire(): WireActions {
    return this;
  }

  /** Whether the connection has not ended. */
  get isOpen(): boolean {
    return !this.hasEnded;
  }

  /** Whether a CLOSE is sent. */
  get isCloseSent(): boolean {
    return this.closeSent.isDone;
  }

  /** Whether the connection has ended. */
  get hasEnded(): boolean {
    return this.#endController.signal.aborted;
  }

  /** Aborted when the connection ends. */
  get endSignal(): AbortSignal {
    return this.#endController.signal;
  }

  /** While the plan pauses reading: resolves when it resumes; otherwise `undefined`. */
  get resumed(): PromiseLike<void> | undefined {
    return this.#resumed;
  }

  /** Ends the connection: TCP is closed at once. */
  end(): void {
    if (this.hasEnded || this.#isResetting) return;
    this.#endController.abort();
    this.resumeReading();
    this.#wire.close();
    this.clientClosed.done();
    this.#ended.done();
  }

  /** Sends a message, a frame or a received message. */
  send(data: string | Uint8Array | Frame, options: SendOptions = {}): void {
    if (this.output.queued > this.#limit) return this.#overflow();
    const isPlain = typeof data === "string" || data instanceof Uint8Array;
    const opcode = options.opcode ??
      (typeof data === "string"
        ? "text"
        : isPlain
        ? "binary"
        : opcodeToSend(data));
    const payload = typeof data === "string"
      ? encoder.encode(data)
      : isPlain
      ? data
      : data.payload;
    this.#sendFragments(opcode, payload, options);
  }

  /** Sends a PING. */
  ping(payload: Uint8Array = new Uint8Array(0)): void {
    if (this.output.queued > this.#limit) return this.#overflow();
    this.sendFrame("ping", payload);
  }

  /** Sends a CLOSE, unless one was sent; see `Connection.close`. */
  close(code?: number, reason?: string): void {
    if (this.isCloseSent) return;
    this.sendFrame("close", encodeClose(code, reason));
    this.closeWritten();
  }

  /** Tells that the plan itself has sent a CLOSE. */
  closeWritten(): void {
    this.closeSent.done();
    this.resumeReading();
  }

  /** Ends TCP with FIN after all that was sent. */
  abort(): void {
    this.output.release();
    this.output.idle().catch(() => {}).then(() => this.end());
  }

  /** Pauses reading until `resumeReading` or a CLOSE. */
  pauseReading(): void {
    this.#resumed ??= new Completion();
  }

  /** Resumes reading. */
  resumeReading(): void {
    const resumed = this.#resumed;
    this.#resumed = undefined;
    resumed?.done();
  }

  /** Runs work after the current event. */
  queueWork(work: () => void | Promise<void>): void {
    queueMicrotask(() => {
      if (this.isOpen) void work();
    });
  }

  /** Charges memory to the connection. */
  charge(bytes: number): void {
    if (this.isOpen) this.#wire.charge(bytes);
  }

  /** Waits until all that was sent is handed to the operating system. */
  flushed(): Promise<void> {
    const idle = this.output.idle();
    idle.catch(() => {});
    return idle;
  }

  /** Sends any bytes as one unit. */
  write(bytes: Uint8Array<ArrayBuffer>): void {
    this.output.write(bytes);
  }

  /** Resolves when the client has sent a CLOSE, or the connection has ended. */
  closeReceived(): PromiseLike<void> {
    return this.clientClosed;
  }

  /** Ends the output with FIN. */
  closeWrite(): Promise<void> {
    this.output.release();
    return this.output.end();
  }

  /** Resets TCP after all that was sent. */
  async reset(): Promise<void> {
    this.output.release();
    await this.output.idle();
    // The reset ends a read that is under way.
    this.#isResetting = true;
    try {
      await this.#wire.reset();
    } finally {
      this.#isResetting = false;
      this.end();
    }
  }

  /** Resolves when the connection has ended. */
  ended(): PromiseLike<void> {
    return this.#ended;
  }

  /**
   * Changes how the output is cut.
   *
   * @param delivery of the next units
   */
  setDelivery(delivery: Delivery): void {
    this.settings.delivery = delivery;
  }

  /**
   * Sends one frame.
   *
   * @param opcode of the frame
   * @param payload not changed
   * @param final the FIN bit
   */
  sendFrame(opcode: Opcode, payload: Uint8Array, final = true): void {
    this.output.write(encodeFrame(opcode, payload, { final, mask: "none" }));
  }

  #sendFragments(
    opcode: Opcode,
    payload: Uint8Array,
    { final = true, fragmentSize = 0 }: SendOptions,
  ): void {
    const size = fragmentSize > 0 ? fragmentSize : payload.length + 1;
    this.output.write(encodeFragments(opcode, payload, size, final));
    if (opcode === "ping" || opcode === "pong") return;
    this.#wire.count("sent", payload.length, final);
  }

  #overflow(): void {
    this.close(CLOSE_CODE.policyViolation, "too much is waiting");
    this.end();
  }
}
