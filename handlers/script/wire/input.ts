/**
 * Reads a taken-over connection and reacts to the client as the settings say.
 *
 * @module
 */

import {
  type Decoded,
  FrameDecoder,
} from "../../../lib/conformance/engine/frame_decoder.ts";
import { CONTROL } from "../../../lib/frame/codec/header.ts";
import { ByteCollector } from "../../../lib/memory/byte_collector.ts";
import {
  CLOSE_CODE,
  decodeClose,
  isCloseCodeAllowed,
} from "../../../lib/protocol/close_code.ts";
import { free } from "../../../lib/memory/resize.ts";
import { isSliceOver, nextSlice } from "../../../lib/scheduling/scheduler.ts";
import { wait } from "../../../lib/scheduling/wait.ts";
import { OPCODE_NUMBER } from "../../../lib/websocket.ts";
import type { Wire } from "../../../lib/wire.ts";
import type { Run } from "../engine/run.ts";
import { DelayQueue } from "../replies/delay_queue.ts";
import { PackedBytes } from "../replies/packed_bytes.ts";
import type { WireEndpoint } from "./endpoint.ts";
import {
  MessageAssembler,
  MessageFault,
  type MessageLimits,
} from "./messages.ts";
import { ReadAhead } from "./read_ahead.ts";

/** Bytes of waiting output above which no input is handled. */
const MAX_QUEUED = 2 ** 20;

/** Bytes that are handled at a time at most. */
const MAX_PART = 65_536;

/**
 * Milliseconds in which the bytes that a client has sent before its end are handled. A
 * plan that reads slowly, or not, would take longer, and no client waits for it.
 */
const END_TIMEOUT = 2000;

/** Bytes of PONGs that wait, with the memory that each takes. */
const MAX_LATE = 2 ** 20;

/** Bytes of a message from which on its memory is freed at once. */
const LONG_MESSAGE = 65_536;

const EMPTY = new Uint8Array(0);

/** Parts per second in which the input of a slow reader is handled. */
const PARTS_PER_SECOND = 10;

/** Options of {@linkcode PlanInput}. */
export interface InputOptions extends MessageLimits {
  /** The connection. */
  readonly wire: Wire;
  /** The connection as an endpoint. */
  readonly endpoint: WireEndpoint;
  /** Whether a step of the plan answers the client's CLOSE. */
  readonly isCloseForPlan: boolean;
}

/** The input of one connection. */
export class PlanInput {
  readonly #options: InputOptions;
  readonly #messages: MessageAssembler;
  readonly #ahead: ReadAhead;
  /** The payload of a control frame, at most 125 bytes. */
  readonly #control = new ByteCollector();
  #decoder: FrameDecoder | undefined;
  #run: Run | undefined;
  readonly #opened = Promise.withResolvers<void>();
  /** The PONGs that wait. */
  #late:
    | { readonly delay: number; readonly queue: DelayQueue<PackedBytes> }
    | undefined;
  #code: number | undefined;

  /**
   * Makes the input of a connection.
   *
   * @param options connection and limits
   */
  constructor(options: InputOptions) {
    this.#options = options;
    this.#messages = new MessageAssembler(
      options,
      { add: (bytes) => options.endpoint.charge(bytes) },
    );
    this.#ahead = new ReadAhead({
      wire: options.wire,
      charge: (bytes) => options.endpoint.charge(bytes),
      onFull: () => this.#checkClient(),
    });
  }

  /** The code of the client's CLOSE, to answer it with; `undefined` if it has none. */
  get closeCode(): number | undefined {
    return this.#code;
  }

  /**
   * Lets frames be handled: the 101 is sent.
   *
   * @param run gets the messages
   */
  open(run: Run): void {
    const { windowBits } = this.#options.endpoint;
    this.#run = run;
    this.#decoder = new FrameDecoder("server", windowBits !== undefined);
    this.#opened.resolve();
  }

  /** Reads until the connection has ended. */
  async read(): Promise<void> {
    const { endpoint } = this.#options;
    endpoint.ended().then(() => {
      this.#opened.resolve();
      this.#ahead.stop();
    });
    const ended = this.#ahead.run().then(() => this.#clientEnded());
    try {
      // Early bytes wait for the 101.
      await this.#opened.promise;
      while (!endpoint.hasEnded && await this.#handleNext());
      endpoint.end();
    } catch (error) {
      await this.#fail(error);
    }
    await ended;
  }

  /**
   * Answers the client's CLOSE and ends TCP first, as a server does (RFC 6455 §7.1.1).
   */
  async answerClose(): Promise<void> {
    const { endpoint } = this.#options;
    endpoint.close(this.#code);
    await endpoint.flushed().catch(() => {});
    endpoint.end();
  }

  /** Handles the next bytes; false at the end. */
  async #handleNext(): Promise<boolean> {
    const { endpoint } = this.#options;
    const { output } = endpoint;
    await endpoint.resumed;
    // Output that is held is not written before the plan pauses.
    while (
      output.queued > MAX_QUEUED && !output.isHeld && !endpoint.isCloseSent
    ) {
      await endpoint.flushed();
    }
    const bytes = await this.#ahead.take();
    if (bytes === undefined) return false;
    await this.#takeAll(bytes);
    return true;
  }

  /**
   * The client has ended its output, and what it has sent before may wait for the plan; or
   * the service has closed the connection.
   */
  async #clientEnded(): Promise<void> {
    const { endpoint, wire } = this.#options;
    // Without a 101, no step waits for bytes of the client.
    if (this.#run !== undefined && !wire.isClosed) {
      await wait(END_TIMEOUT, [endpoint.endSignal]);
    }
    endpoint.end();
  }

  /**
   * Asks the system whether the client is still connected, while nothing is read: the
   * answer to a PONG of a client that is gone is a reset. PONGs may come unasked (RFC 6455
   * §5.5.3).
   */
  #checkClient(): void {
    const { endpoint } = this.#options;
    const { output } = endpoint;
    const canSend = this.#run !== undefined && !endpoint.isCloseSent &&
      !output.hasEnded;
    if (!canSend) endpoint.end();
    else if (output.queued === 0) endpoint.sendFrame("pong", EMPTY);
  }

  async #takeAll(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const { endpoint } = this.#options;
    while (bytes.length > 0) {
      // The plan may have paused or slowed reading while the read was pending.
      await endpoint.resumed;
      if (endpoint.hasEnded) return;
      const part = bytes.subarray(0, this.#size());
      bytes = bytes.subarray(part.length);
      await this.#take(part);
    }
  }

  /** Bytes that are taken at a time. */
  #size(): number {
    const { readRate } = this.#options.endpoint.settings;
    if (readRate === undefined) return MAX_PART;
    return Math.min(MAX_PART, Math.ceil(readRate / PARTS_PER_SECOND));
  }

  /** Decodes bytes, and handles each frame or part of a frame that they contain. */
  async #take(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const { endpoint } = this.#options;
    const { readRate } = endpoint.settings;
    const decoder = this.#decoder!;
    if (readRate !== undefined) {
      const pause = 1000 * bytes.length / readRate;
      await wait(pause, [endpoint.endSignal]);
    }
    decoder.push(bytes);
    for (let decoded; (decoded = decoder.next()) !== undefined;) {
      await this.#handle(decoded);
      if (endpoint.hasEnded) return;
      if (isSliceOver()) await nextSlice();
    }
  }

  async #handle(decoded: Decoded): Promise<void> {
    if (decoded.kind === "violation") {
      throw new MessageFault(CLOSE_CODE.protocolError, decoded.text);
    }
    const { header: { opcode, rsv, length, final }, bytes, isLast } = decoded;
    if (opcode >= CONTROL) {
      this.#control.append(bytes);
      if (!isLast) return;
      return await this.#handleControlFrame(opcode, this.#control.take());
    }
    if (decoded.offset === 0) this.#messages.expect(length);
    const isEnd = final && isLast;
    this.#options.wire.count("received", bytes.length, isEnd);
    const run = this.#run!;
    const part = { opcode, rsv, isLast, final: isEnd, payload: bytes };
    const message = await this.#messages.add(part, () => run.isOver);
    if (message === undefined) return;
    const pending = run.message(message);
    // V8 collects large buffers late; a step that keeps the message has copied it.
    if (message.length >= LONG_MESSAGE) free(message.payload.buffer);
    await pending;
  }

  #handleControlFrame(
    opcode: number,
    payload: Uint8Array<ArrayBuffer>,
  ): void | Promise<void> {
    if (opcode === OPCODE_NUMBER.ping) this.#pong(payload);
    if (opcode === OPCODE_NUMBER.close) return this.#closed(payload);
  }

  #pong(payload: Uint8Array): void {
    const { endpoint } = this.#options;
    const { pong } = endpoint.settings;
    if (pong === "none" || endpoint.isCloseSent) return;
    if (pong === "answer") return endpoint.sendFrame("pong", payload);
    if (pong === "wrong") {
      return endpoint.sendFrame("pong", wrongPayload(payload));
    }
    this.#sendLate(payload, pong);
  }

  /** Sends a PONG late; a client that sends too many PINGs is closed with 1008. */
  #sendLate(payload: Uint8Array, delay: number): void {
    const { endpoint } = this.#options;
    if (this.#late?.delay !== delay) {
      const queue = new DelayQueue<PackedBytes>({
        delay,
        jitter: 0,
        timers: this.#run!.timers,
        run: (payload) => endpoint.sendFrame("pong", payload.unpack()),
        charge: (bytes) => endpoint.charge(bytes),
      });
      this.#late = { delay, queue };
    }
    const { queue } = this.#late;
    queue.add(new PackedBytes(payload), payload.length);
    if (queue.bytes <= MAX_LATE) return;
    queue.clear();
    this.#run!.fail(CLOSE_CODE.policyViolation, "too much is waiting");
  }

  async #closed(payload: Uint8Array): Promise<void> {
    const { endpoint, isCloseForPlan } = this.#options;
    this.#code = answerTo(payload);
    const { close } = endpoint.settings;
    endpoint.clientClosed.done();
    // The end of the plan ends TCP.
    if (endpoint.isCloseSent || isCloseForPlan || close === "none") return;
    if (close === "cut") return endpoint.end();
    if (close !== "answer") await wait(close, [endpoint.endSignal]);
    await this.answerClose();
  }

  /** Fails the connection because of the client (RFC 6455 §7.1.7). */
  async #fail(error: unknown): Promise<void> {
    const { endpoint } = this.#options;
    if (error instanceof MessageFault) endpoint.close(error.code);
    await endpoint.flushed().catch(() => {});
    endpoint.end();
  }
}

/** Another payload of at most as many bytes as a control frame may have. */
function wrongPayload(payload: Uint8Array): Uint8Array {
  return payload.length === 0
    ? Uint8Array.of(0x3f)
    : payload.map((byte) => byte ^ 0xff);
}

/** The code that answers a CLOSE: the client's own, or 1002 for one that is invalid. */
function answerTo(payload: Uint8Array): number | undefined {
  try {
    const { code } = decodeClose(payload);
    return code === undefined || isCloseCodeAllowed(code)
      ? code
      : CLOSE_CODE.protocolError;
  } catch {
    return CLOSE_CODE.protocolError;
  }
}
