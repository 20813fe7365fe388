/**
 * Handles the peer's bytes: checks frames, and gives messages and PONGs to the program.
 *
 * @module
 */

import { CONTROL, MAX_CONTROL_PAYLOAD } from "../../frame/codec/header.ts";
import { Utf8Validator } from "../../frame/codec/utf8.ts";
import { CLOSE_CODE } from "../../protocol/close_code.ts";
import { isSliceOver, nextSlice } from "../../scheduling/scheduler.ts";
import { OPCODE_NUMBER } from "../../websocket.ts";
import type { Traffic } from "../case/result.ts";
import type { Compression } from "./compression.ts";
import type { Endpoint } from "./endpoint.ts";
import {
  type Decoded,
  FrameDecoder,
  type FrameHeader,
} from "./frame_decoder.ts";
import { HEAD_BYTES, type WireLog } from "./wire_log.ts";

/** Gets what the peer sends. */
export interface Receiver {
  /**
   * A part of a data message, inflated.
   *
   * @param bytes valid during the call
   * @param offset bytes of the message before
   */
  part(bytes: Uint8Array, offset: number): void;
  /** The end of a data message. */
  message(opcode: "text" | "binary", length: number): void;
  /** A PONG. */
  pong(payload: Uint8Array): void;
}

/** Counts a frame of the peer. */
export type CountFrame = (bytes: number, endsMessage: boolean) => void;

const { text: TEXT, binary: BINARY } = OPCODE_NUMBER;
const { close: CLOSE, ping: PING, pong: PONG } = OPCODE_NUMBER;

/** RSV1: the message is compressed (RFC 7692 §6). */
const COMPRESSED = 4;

/** The input of one connection. */
export class Inbound {
  /** Traffic while the connection was open. */
  readonly traffic: Traffic = {
    appLevel: 0,
    webSocketLevel: 0,
    wireLevel: 0,
    frames: 0,
    messages: 0,
  };

  readonly #decoder: FrameDecoder;
  readonly #compression: Compression | undefined;
  readonly #endpoint: Endpoint;
  readonly #receiver: Receiver;
  readonly #log: WireLog;
  readonly #count: CountFrame;
  readonly #control = new Uint8Array(MAX_CONTROL_PAYLOAD);
  /** The first bytes of the current frame. */
  readonly #head = new Uint8Array(HEAD_BYTES);
  /** Opcode of the current message; 0: none. */
  #opcode = 0;
  #isCompressed = false;
  /** Bytes of the current message. */
  #length = 0;
  #utf8 = new Utf8Validator();

  /**
   * Makes an input.
   *
   * @param endpoint the engine's end
   * @param compression if it is negotiated
   * @param receiver the program
   * @param log gets reads and frames
   * @param count gets every frame
   */
  constructor(
    endpoint: Endpoint,
    compression: Compression | undefined,
    receiver: Receiver,
    log: WireLog,
    count: CountFrame,
  ) {
    this.#decoder = new FrameDecoder(endpoint.role, compression !== undefined);
    this.#endpoint = endpoint;
    this.#compression = compression;
    this.#receiver = receiver;
    this.#log = log;
    this.#count = count;
  }

  /**
   * Handles bytes.
   *
   * @param bytes of the peer; changed
   */
  async receive(bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    this.#log.octets(false, bytes);
    if (this.#endpoint.state === "open") this.traffic.wireLevel += bytes.length;
    this.#decoder.push(bytes);
    while (this.#endpoint.state !== "closed") {
      const decoded = this.#decoder.next();
      if (decoded === undefined) return;
      if (decoded.kind === "violation") {
        this.#endpoint.fail(CLOSE_CODE.protocolError, decoded.text);
      } else if (decoded.header.opcode >= CONTROL) this.#controlPart(decoded);
      else {
        const work = this.#dataPart(decoded);
        if (work !== undefined) await work;
      }
      // One read may have thousands of frames.
      if (isSliceOver()) await nextSlice();
    }
  }

  #controlPart(
    { header, offset, bytes, isLast }: Decoded & { readonly kind: "part" },
  ): void {
    const control = this.#control;
    if (offset < control.length) {
      control.set(bytes.subarray(0, control.length - offset), offset);
    }
    if (!isLast) return;
    const payload = control.slice(0, Math.min(header.length, control.length));
    this.#logFrame(header, payload);
    const endpoint = this.#endpoint;
    if (header.opcode === CLOSE) endpoint.closeReceived(payload);
    else if (header.opcode === PING) endpoint.pinged(payload);
    else if (header.opcode === PONG) this.#receiver.pong(payload);
  }

  #dataPart(
    part: Decoded & { readonly kind: "part" },
  ): Promise<void> | undefined {
    const { header, offset, bytes, isLast } = part;
    if (offset < HEAD_BYTES && this.#log.isEnabled) {
      this.#head.set(bytes.subarray(0, HEAD_BYTES - offset), offset);
    }
    if (this.#opcode === 0) this.#begin(header);
    if (this.#endpoint.state === "open") {
      this.traffic.webSocketLevel += bytes.length;
      if (isLast) this.traffic.frames++;
    }
    if (this.#isCompressed) return this.#inflate(part);
    const isValid = this.#opcode !== TEXT ||
      this.#utf8.push(bytes, 0, bytes.length);
    this.#deliver(bytes, isValid);
    if (isLast) this.#frameEnded(header);
    return undefined;
  }

  #begin({ opcode, rsv }: FrameHeader): void {
    // A frame with another opcode has failed the connection already.
    this.#opcode = opcode === TEXT ? TEXT : BINARY;
    this.#isCompressed = this.#compression !== undefined && rsv === COMPRESSED;
    this.#length = 0;
    this.#utf8 = new Utf8Validator();
  }

  async #inflate(
    { header, bytes, isLast }: Decoded & { readonly kind: "part" },
  ): Promise<void> {
    const final = header.final && isLast;
    const fault = await this.#compression!.inflate(
      this.#opcode,
      bytes,
      final,
      (inflated) => this.#deliver(inflated, true),
    );
    if (fault !== undefined) {
      this.#endpoint.fail(CLOSE_CODE.invalidPayload, fault);
    }
    if (isLast) this.#frameEnded(header);
  }

  #deliver(bytes: Uint8Array, isValid: boolean): void {
    const endpoint = this.#endpoint;
    if (!isValid && !endpoint.end.failedByMe) {
      endpoint.fail(CLOSE_CODE.invalidPayload, "a text is not UTF-8");
    }
    if (endpoint.state === "open") this.traffic.appLevel += bytes.length;
    if (!endpoint.end.failedByMe) this.#receiver.part(bytes, this.#length);
    this.#length += bytes.length;
  }

  #frameEnded(header: FrameHeader): void {
    const { length, final } = header;
    this.#logFrame(
      header,
      this.#head.subarray(0, Math.min(length, HEAD_BYTES)),
    );
    this.#count(length, final);
    if (!final) return;
    const opcode = this.#opcode;
    this.#opcode = 0;
    const endpoint = this.#endpoint;
    if (opcode === TEXT && !this.#isCompressed && !this.#utf8.isComplete) {
      endpoint.fail(CLOSE_CODE.invalidPayload, "a text ends in a character");
    }
    if (endpoint.state === "open") this.traffic.messages++;
    if (endpoint.end.failedByMe) return;
    this.#receiver.message(opcode === TEXT ? "text" : "binary", this.#length);
  }

  #logFrame(header: FrameHeader, head: Uint8Array): void {
    const { opcode, final, rsv, length } = header;
    this.#log.frames(false, opcode);
    if (!this.#log.isEnabled) return;
    this.#log.add({
      kind: "frame",
      sent: false,
      opcode,
      final,
      rsv,
      length,
      head: head.subarray(0, HEAD_BYTES).toHex(),
      mask: header.mask?.toHex(),
    });
  }
}
