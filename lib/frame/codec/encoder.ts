/**
 * The frames that a handler sends, checked by RFC 6455
 * {@link https://www.rfc-editor.org/rfc/rfc6455#section-5.4 | §5.4} to
 * {@link https://www.rfc-editor.org/rfc/rfc6455#section-5.6 | §5.6}.
 *
 * @module
 */

import { decodeClose } from "../../protocol/close_code.ts";
import { InvalidPayloadError } from "../../protocol/errors.ts";
import { checkFragmentOrder } from "../../protocol/fragment_order.ts";
import { OPCODE_NUMBER } from "../../websocket.ts";
import { FIN, MAX_CONTROL_PAYLOAD, RSV1 } from "./header.ts";
import { Utf8Validator } from "./utf8.ts";

const { continuation: CONTINUATION, text: TEXT } = OPCODE_NUMBER;

const utf8 = new TextEncoder();

/** Encodes the data frames of one connection, in the order of the calls. */
export class Encoder {
  /** FIN, RSV1 and opcode of the last frame. */
  first = 0;
  /** Bytes of its payload, before compression. */
  length = 0;
  /** Whether its payload has to be compressed. */
  isDeflated = false;

  readonly #compresses: boolean;
  readonly #threshold: number;
  /** Opcode of the current fragmented message, else 0. */
  #message = 0;
  /** UTF-8 check of the current text message. */
  #text: Utf8Validator | undefined;

  /**
   * Makes an encoder.
   *
   * @param compresses whether compression was agreed on
   * @param threshold bytes of a message, or of its first fragment, from which on it
   * is compressed
   */
  constructor(compresses: boolean, threshold: number) {
    this.#compresses = compresses;
    this.#threshold = threshold;
  }

  /**
   * Whether a received frame may be sent without a check or a copy: it is a whole
   * message, no fragmented one is open, and it is not compressed.
   *
   * @param code the opcode
   * @param final the FIN bit
   * @param length bytes of the payload
   */
  passes(code: number, final: boolean, length: number): boolean {
    return this.#message === 0 && final && code !== CONTINUATION &&
      (!this.#compresses || length < this.#threshold);
  }

  /**
   * Encodes a data frame; {@linkcode Encoder.first} has the first byte of its
   * header then.
   *
   * @param code the opcode
   * @param data the payload
   * @param final the FIN bit
   * @param isChecked whether a whole text message is known to be UTF-8
   * @returns the payload to send or, with {@linkcode Encoder.isDeflated}, to compress
   * @throws {FragmentOrderError} the frame may not be sent now
   * @throws {InvalidPayloadError} a text is not UTF-8
   */
  encode(
    code: number,
    data: string | Uint8Array,
    final: boolean,
    isChecked = typeof data === "string",
  ): Uint8Array {
    const isFirst = this.#message === 0;
    checkFragmentOrder(!isFirst, code === CONTINUATION);
    const payload = typeof data === "string" ? utf8.encode(data) : data;
    const message = isFirst ? code : this.#message;
    if (message === TEXT && !(isChecked && isFirst && final)) {
      this.#text = checkedText(this.#text, payload, final);
    }
    this.#message = final ? 0 : message;
    this.first = (final ? FIN : 0) | code;
    this.length = payload.length;
    if (isFirst && this.#compresses) {
      this.isDeflated = payload.length >= this.#threshold;
      if (this.isDeflated) this.first |= RSV1;
    }
    return payload;
  }
}

/** RFC 6455 §5.6: the fragments of a text are UTF-8 together. */
function checkedText(
  before: Utf8Validator | undefined,
  payload: Uint8Array,
  final: boolean,
): Utf8Validator | undefined {
  const text = new Utf8Validator(before);
  if (!text.push(payload, 0, payload.length) || (final && !text.isComplete)) {
    throw new InvalidPayloadError("the bytes of a text are not UTF-8");
  }
  return final ? undefined : text;
}

/**
 * Checks a control frame that a handler sends
 * ({@link https://www.rfc-editor.org/rfc/rfc6455#section-5.5 | RFC 6455 §5.5}, §7.4).
 *
 * @param code its opcode
 * @param data its payload
 * @param final its FIN bit
 * @returns the payload as bytes
 * @throws {InvalidPayloadError} the frame may not be sent
 */
export function controlPayload(
  code: number,
  data: string | Uint8Array,
  final: boolean,
): Uint8Array {
  if (!final) {
    throw new InvalidPayloadError("a control frame cannot be fragmented");
  }
  const payload = typeof data === "string" ? utf8.encode(data) : data;
  if (payload.length > MAX_CONTROL_PAYLOAD) {
    throw new InvalidPayloadError(
      `a control frame has at most ${MAX_CONTROL_PAYLOAD} bytes`,
    );
  }
  if (code === OPCODE_NUMBER.close) decodeClose(payload);
  return payload;
}
