/**
 * The frames that a handler's calls send: any frame on the frame listener, whole
 * messages and CLOSE on the edge listener.
 *
 * @module
 */

import { controlPayload, Encoder } from "../frame/codec/encoder.ts";
import { ByteCollector } from "../memory/byte_collector.ts";
import { decodeClose, encodeClose } from "../protocol/close_code.ts";
import { InvalidPayloadError, NotSupportedError } from "../protocol/errors.ts";
import { checkFragmentOrder } from "../protocol/fragment_order.ts";
import { type Opcode, OPCODE_NUMBER } from "../websocket.ts";
import { type Sent, sent, toBytes } from "./sent.ts";

/** Turns calls of `send` into frames, by the rules of a listener. */
export interface Output {
  /**
   * Returns the frames of one call, without an effect if it throws.
   *
   * @param opcode of the first frame
   * @param data the payload
   * @param final the FIN bit of the last frame
   * @param fragmentSize bytes of a fragment
   * @throws {FragmentOrderError} a data frame that may not be sent now
   * @throws {InvalidPayloadError} a payload that the opcode does not allow
   * @throws {NotSupportedError} a frame that the listener cannot send
   */
  encode(
    opcode: Opcode,
    data: string | Uint8Array,
    final: boolean,
    fragmentSize: number,
  ): readonly Sent[];
}

const isControl = (opcode: Opcode) =>
  opcode === "close" || opcode === "ping" || opcode === "pong";

/** The frame listener sends every frame as it is. */
export class FrameOutput implements Output {
  readonly #encoder = new Encoder(false, Infinity);

  /** See {@linkcode Output.encode}. */
  encode(
    opcode: Opcode,
    data: string | Uint8Array,
    final: boolean,
    fragmentSize: number,
  ): readonly Sent[] {
    const code = OPCODE_NUMBER[opcode];
    if (isControl(opcode)) {
      return [sent(opcode, controlPayload(code, data, final))];
    }
    const payload = this.#encoder.encode(code, data, final);
    const frames: Sent[] = [];
    let start = 0;
    do {
      const end = Math.min(start + fragmentSize, payload.length);
      frames.push(sent(
        start === 0 ? opcode : "continuation",
        payload.subarray(start, end),
        final && end === payload.length,
      ));
      start = end;
    } while (start < payload.length);
    return frames;
  }
}

const strictDecoder = new TextDecoder("utf-8", { fatal: true });

/** The edge listener assembles fragments into messages, and sends no PING or PONG. */
export class EdgeOutput implements Output {
  #opcode: Opcode | undefined;
  readonly #fragments = new ByteCollector();

  /** See {@linkcode Output.encode}. */
  encode(
    opcode: Opcode,
    data: string | Uint8Array,
    final: boolean,
  ): readonly Sent[] {
    if (opcode === "close") {
      const { code, reason } = decodeClose(toBytes(data));
      return [sent("close", encodeClose(code, reason))];
    }
    if (isControl(opcode)) throw notSupported(`send ${opcode.toUpperCase()}`);
    const isContinuation = opcode === "continuation";
    checkFragmentOrder(this.#opcode !== undefined, isContinuation);
    this.#opcode ??= opcode;
    this.#fragments.append(toBytes(data));
    return final ? [this.#message(this.#opcode)] : [];
  }

  #message(opcode: Opcode): Sent {
    const payload = this.#fragments.take();
    this.#opcode = undefined;
    if (opcode === "text") checkText(payload);
    return sent(opcode, payload);
  }
}

function checkText(payload: Uint8Array): void {
  try {
    strictDecoder.decode(payload);
  } catch {
    throw new InvalidPayloadError("the bytes of a text are not UTF-8");
  }
}

/**
 * Makes the error of a call that the edge listener does not support.
 *
 * @param what the call does
 */
export function notSupported(what: string): NotSupportedError {
  return new NotSupportedError(
    `the edge listener cannot ${what}: use the frame listener`,
  );
}
