/**
 * The output of a connection, from the handler's calls to frames.
 *
 * @module
 */

import type { MemoryCharge } from "../../memory/account.ts";
import {
  checkSendOptions,
  opcodeToSend,
  payloadToSend,
} from "../../protocol/send_arguments.ts";
import {
  type Frame,
  OPCODE_NUMBER,
  type SendOptions,
} from "../../websocket.ts";
import type { DeflateAgreement } from "../codec/deflate_offer.ts";
import { controlPayload, Encoder } from "../codec/encoder.ts";
import { CONTROL, FIN } from "../codec/header.ts";
import { MAX_CHUNK } from "../transport/output.ts";
import type { Transport } from "../transport/transport.ts";
import { COMPRESSED_FRAGMENT, Fragments, MAX_AT_ONCE } from "./fragments.ts";
import { MessageDeflater } from "./message_deflater.ts";
import { MessageInflater } from "./message_inflater.ts";
import { view } from "./received_frame.ts";
import type { Receiver } from "./receiver.ts";

const { close: CLOSE, pong: PONG, continuation: CONTINUATION } = OPCODE_NUMBER;

/** Bytes of output above which no further input is handled until they are written. */
const MAX_INPUT_OUTPUT = 256 * 1024;

/** Minimum bytes of a message to compress it, unless the handler sets it. */
const COMPRESSION_THRESHOLD = 1024;

/** Gets the events of a {@linkcode Sender}. */
export interface SenderUser {
  /**
   * The handler sends a CLOSE as a frame.
   *
   * @param payload a valid payload
   */
  sendClose(payload: Uint8Array): void;
  /** More than SEND_BUFFER_LIMIT bytes wait: nothing more may be sent. */
  overloaded(): void;
}

/** Options of {@linkcode Sender}. */
export interface SenderOptions {
  /** Bytes of output that may wait. */
  readonly sendBufferLimit: number;
  /** The agreement on compression, if any. */
  readonly compression: DeflateAgreement | undefined;
  /**
   * Bytes of a message from which on it is compressed.
   * @default 1024
   */
  readonly compressionThreshold: number | undefined;
  /** The connection's share of the memory account. */
  readonly charge: MemoryCharge;
}

/** Sends the frames of one connection. */
export class Sender {
  /** Data messages that were sent. */
  messages = 0;
  /** Bytes of their payload, before compression. */
  bytes = 0;

  readonly #user: SenderUser;
  readonly #transport: Transport;
  readonly #receiver: Receiver;
  readonly #sendBufferLimit: number;
  readonly #deflater: MessageDeflater | undefined;
  readonly #encoder: Encoder;

  /**
   * Makes a sender.
   *
   * @param user the connection
   * @param transport writes the frames
   * @param receiver holds the input that the frames may answer
   * @param options limits and compression
   */
  constructor(
    user: SenderUser,
    transport: Transport,
    receiver: Receiver,
    options: SenderOptions,
  ) {
    const { compression, compressionThreshold, charge } = options;
    this.#user = user;
    this.#transport = transport;
    this.#receiver = receiver;
    this.#sendBufferLimit = options.sendBufferLimit;
    this.#deflater = compression && new MessageDeflater({
      maxWindowBits: compression.serverMaxWindowBits,
      noContextTakeover: compression.serverNoContextTakeover,
    }, charge);
    this.#encoder = new Encoder(
      compression !== undefined,
      compressionThreshold ?? COMPRESSION_THRESHOLD,
    );
  }

  /** Whether messages may be compressed. */
  get compresses(): boolean {
    return this.#deflater !== undefined;
  }

  /**
   * Sends data, or a received frame as it came.
   *
   * @param data the payload
   * @param options opcode, FIN and fragment size
   */
  send(data: string | Uint8Array | Frame, options?: SendOptions): void {
    if (data === view && options === undefined) this.#sendView();
    else this.#sendData(data, options);
  }

  /** A function of its own: V8 inlines small ones, and most replies are echoes. */
  #sendData(data: string | Uint8Array | Frame, options?: SendOptions): void {
    if (options !== undefined) checkSendOptions(options);
    const fragmentSize = options?.fragmentSize ?? 0;
    if (typeof data === "string" || data instanceof Uint8Array) {
      const opcode = options?.opcode ??
        (typeof data === "string" ? "text" : "binary");
      const code = OPCODE_NUMBER[opcode];
      this.#sendFrame(code, data, options?.final ?? true, fragmentSize);
    } else {
      const payload = payloadToSend(data);
      const code = OPCODE_NUMBER[options?.opcode ?? opcodeToSend(data)];
      const final = options?.final ?? data.final;
      this.#sendFrame(code, payload, final, fragmentSize, data === view);
    }
  }

  /** Answers the PING that the view shows. */
  pong(): void {
    this.#emitView(FIN | PONG);
  }

  /**
   * Sends a CLOSE, even above the limit of waiting output.
   *
   * @param payload a valid payload
   */
  close(payload: Uint8Array): void {
    this.#append(FIN | CLOSE, payload);
  }

  /** Frees the compression's memory. */
  free(): void {
    this.#deflater?.free();
  }

  /** Sends the view, without a copy if it needs no change. */
  #sendView(): void {
    const { code, final, length, start, end } = view;
    const isWhole = length === end - start && code < CONTROL;
    if (isWhole && this.#encoder.passes(code, final, length)) {
      if (this.#emitView(FIN | code)) this.#count(true, length);
    } else {
      const opcode = view.offset > 0 ? CONTINUATION : code;
      this.#sendFrame(opcode, view.payload, final, 0, true);
    }
  }

  /** Sends the view as one frame; returns false where too much output waits. */
  #emitView(first: number): boolean {
    const { bytes, start, end, isOwn } = view;
    const { output, isReceiving } = this.#transport;
    // While input is handled, the view shows it unless the memory is its own.
    if (
      isReceiving && !isOwn && output.extendRun(bytes, first, start, end)
    ) {
      // Output that lies where it arrived is never more than one read.
      this.#receiver.decoder.floor = end;
      return true;
    }
    if (this.#isOverloaded()) return false;
    this.#append(first, view.payload, this.#takesView());
    return true;
  }

  /** Whether the output takes the view's memory over, which a receive buffer does not allow. */
  #takesView(): boolean {
    const { bytes, start, end, isOwn } = view;
    if (!isOwn || end - start < MAX_CHUNK) return false;
    MessageInflater.detach(bytes);
    return view.isTaken = true;
  }

  #sendFrame(
    code: number,
    data: string | Uint8Array,
    final: boolean,
    fragmentSize: number,
    isView = false,
  ): void {
    if (code === CLOSE) {
      this.#user.sendClose(controlPayload(code, data, final));
    } else if (!this.#isOverloaded()) {
      if (code >= CONTROL) {
        this.#append(FIN | code, controlPayload(code, data, final));
      } else {
        this.#sendMessage(code, data, final, fragmentSize, isView);
      }
    }
  }

  #sendMessage(
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
    // The window is in order only if messages are compressed in order.
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
    if (final) this.messages++;
    this.bytes += bytes;
  }

  #isOverloaded(): boolean {
    if (this.#transport.output.length <= this.#sendBufferLimit) return false;
    this.#user.overloaded();
    return true;
  }

  /** Queues fragments that are made when they are to be written. */
  #appendFragments(first: number, payload: Uint8Array, size: number): void {
    const deflater = this.#encoder.isDeflated ? this.#deflater : undefined;
    const bytes = deflater ? Math.min(size, COMPRESSED_FRAGMENT) : size;
    this.#spillRun();
    this.#transport.output.appendSource(
      new Fragments(first, payload, bytes, deflater),
    );
    this.#flush();
  }

  #append(first: number, payload: Uint8Array, isOwned = false): void {
    const { output } = this.#transport;
    this.#spillRun();
    if (isOwned) output.appendOwned(first, payload);
    else output.append(first, payload);
    this.#flush();
  }

  /** Writes the output soon; where it is long, the rest of the input waits for it. */
  #flush(): void {
    const { output, isReceiving } = this.#transport;
    if (!isReceiving) this.#transport.flushSoon();
    else if (output.length > MAX_INPUT_OUTPUT) this.#receiver.waitForOutput();
  }

  #spillRun(): void {
    const { output, isReceiving } = this.#transport;
    if (isReceiving) output.spillRun(this.#receiver.memory.bytes);
  }
}
