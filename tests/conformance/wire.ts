/**
 * Frames as bytes (RFC 6455 §5.2): a writer of client frames, legal or not, and a strict
 * reader of server frames.
 *
 * @module
 */

import {
  closePayload,
  encodeFrame,
  type FrameOptions,
  type Payload,
} from "../../lib/client/mod.ts";

/** The opcodes of RFC 6455 §5.2. */
export const OPCODE = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

export { closePayload, type Payload };

/** Bytes in an ArrayBuffer. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** A frame as it is on the wire. */
export interface WireFrame {
  readonly opcode: number;
  readonly final: boolean;
  readonly payload: Uint8Array;
}

const encoder = new TextEncoder();

/** The masking key of every frame whose key does not matter. */
const MASK = Uint8Array.of(0x12, 0x34, 0x56, 0x78);

/**
 * The bytes of a payload.
 *
 * @param payload bytes, or a text
 */
export function toBytes(payload: Payload): Bytes {
  return typeof payload === "string"
    ? encoder.encode(payload)
    : payload as Bytes;
}

/**
 * Reads hexadecimal digits; spaces are allowed.
 *
 * @param text two digits per byte
 */
export function hex(text: string): Bytes {
  return Uint8Array.fromHex(text.replaceAll(" ", ""));
}

/**
 * Joins byte arrays.
 *
 * @param arrays in order
 */
export function concat(...arrays: readonly Uint8Array[]): Bytes {
  return joined(arrays);
}

/**
 * Joins more byte arrays than a call can have arguments.
 *
 * @param arrays in order
 */
export function joined(arrays: readonly Uint8Array[]): Bytes {
  const bytes = new Uint8Array(
    arrays.reduce((sum, array) => sum + array.length, 0),
  );
  let at = 0;
  for (const array of arrays) {
    bytes.set(array, at);
    at += array.length;
  }
  return bytes;
}

/**
 * Splits bytes.
 *
 * @param bytes the bytes
 * @param size bytes of a piece; the last may have fewer
 */
export function chops(bytes: Bytes, size: number): Bytes[] {
  const pieces: Bytes[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    pieces.push(bytes.subarray(at, at + size));
  }
  return pieces;
}

/**
 * Writes a client's frame.
 *
 * @param opcode 0 to 15
 * @param payload the payload
 * @param options options that differ from a correct, final frame
 */
export function frame(
  opcode: number,
  payload: Payload = "",
  options: FrameOptions = {},
): Bytes {
  return encodeFrame(opcode, payload, { mask: MASK, ...options });
}

/** A client's TEXT. */
export function text(payload: Payload, options?: FrameOptions): Bytes {
  return frame(OPCODE.text, payload, options);
}

/** A client's BINARY. */
export function binary(payload: Payload, options?: FrameOptions): Bytes {
  return frame(OPCODE.binary, payload, options);
}

/** A client's CONTINUATION. */
export function continuation(payload: Payload, options?: FrameOptions): Bytes {
  return frame(OPCODE.continuation, payload, options);
}

/** A client's PING. */
export function ping(payload: Payload = "", options?: FrameOptions): Bytes {
  return frame(OPCODE.ping, payload, options);
}

/** A client's PONG. */
export function pong(payload: Payload = "", options?: FrameOptions): Bytes {
  return frame(OPCODE.pong, payload, options);
}

/** A client's CLOSE. */
export function close(code?: number, reason: Payload = ""): Bytes {
  return frame(OPCODE.close, closePayload(code, reason));
}

/** A frame that a server sends. */
export function serverFrame(
  opcode: keyof typeof OPCODE,
  payload: Payload = "",
  final = true,
): WireFrame {
  return { opcode: OPCODE[opcode], final, payload: toBytes(payload) };
}

/** The header of a server's frame. */
export interface ServerHeader {
  readonly opcode: number;
  readonly final: boolean;
  /** Bytes of the payload. */
  readonly length: number;
  /** Bytes of the header. */
  readonly size: number;
}

/**
 * Reads a server's frame header by all rules.
 *
 * @param bytes the stream from the header on
 * @returns nothing while it is not complete
 * @throws {Error} a header that a server may not send
 */
export function readServerHeader(bytes: Uint8Array): ServerHeader | undefined {
  if (bytes.length < 2) return undefined;
  const [first, second] = bytes as Uint8Array & [number, number];
  if ((first & 0x70) !== 0) throw new Error("the server set a reserved bit");
  if (second >= 0x80) throw new Error("the server masked a frame");
  const opcode = first & 0xf;
  const final = first >= 0x80;
  if (!(Object.values(OPCODE) as number[]).includes(opcode)) {
    throw new Error(`the server sent the reserved opcode ${opcode}`);
  }
  if (opcode >= 8 && (!final || second > 125)) {
    throw new Error("the server sent an invalid control frame");
  }
  if (second < 126) return { opcode, final, length: second, size: 2 };
  const size = second === 126 ? 4 : 10;
  if (bytes.length < size) return undefined;
  const length = bytes.subarray(2, size)
    .reduce((sum, byte) => sum * 256 + byte, 0);
  if (length < (size === 4 ? 126 : 65536)) {
    throw new Error(
      "the server sent a length that is not in its shortest form",
    );
  }
  return { opcode, final, length, size };
}
