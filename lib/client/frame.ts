/**
 * Encodes a client's frames (RFC 6455 §5.2). Options can violate each rule.
 *
 * @module
 */

import { wrongArgument } from "../errors/argument.ts";
import {
  FIN,
  headerSize,
  MAX_HEADER,
  writeHeader,
} from "../frame/codec/header.ts";
import { OPCODE_NUMBER } from "../websocket.ts";

/**
 * A payload; a string is encoded as UTF-8.
 *
 * @example
 * ```ts
 * import { encodeFrame, type Payload } from "@ws-echo/server/client";
 * import { assertEquals } from "@std/assert";
 *
 * const payloads: Payload[] = ["text", new Uint8Array([1, 2])];
 * const lengths = payloads.map((payload) => {
 *   const frame = encodeFrame("binary", payload, { mask: "none" });
 *   return frame.length;
 * });
 * assertEquals(lengths, [6, 4]); // the header of a short frame has two bytes
 * ```
 */
export type Payload = string | Uint8Array;

/**
 * Deviations from a correct, unfragmented frame.
 *
 * @example
 * ```ts
 * import { serve } from "@ws-echo/server";
 * import { connect, type FrameOptions, readClose } from "@ws-echo/server/client";
 * import { assertEquals } from "@std/assert";
 *
 * const unmasked: FrameOptions = { mask: "none" };
 * const routes = { "/ws": { frame() {} } };
 * await using server = await serve({ routes, host: "127.0.0.1", port: 0 });
 * await using client = await connect(`${server.urls.frame}/ws`);
 * await client.send("text", "hello", unmasked);
 * const { payload } = await client.nextMessage();
 * assertEquals(readClose(payload).code, 1002);
 * ```
 */
export interface FrameOptions {
  /**
   * The FIN bit.
   * @default true
   */
  readonly final?: boolean;
  /**
   * RSV1 to RSV3 as a number from 0 to 7; RSV1 is 4.
   * @default 0
   */
  readonly rsv?: number;
  /**
   * The masking key (four bytes), or `"none"` for an unmasked frame.
   * @default a random key
   */
  readonly mask?: Uint8Array | "none";
  /**
   * Size of the length field in bits.
   * @default the shortest form
   */
  readonly lengthBits?: 7 | 16 | 64;
  /**
   * The value of the length field, in bytes.
   * @default the length of the payload
   */
  readonly length?: number | bigint;
}

/** The MASK bit of a header's second byte. */
const MASK = 0x80;

const encoder = new TextEncoder();

/**
 * Returns the bytes of a payload.
 *
 * @param payload bytes, or a text
 * @throws {TypeError} it is neither
 */
export function payloadBytes(payload: Payload): Uint8Array<ArrayBuffer> {
  if (typeof payload === "string") return encoder.encode(payload);
  if (payload instanceof Uint8Array) return payload as Uint8Array<ArrayBuffer>;
  throw wrongArgument("payload", "a string, a Uint8Array", payload);
}

/**
 * Encodes a client's frame.
 *
 * @example
 * ```ts
 * import { serve } from "@ws-echo/server";
 * import { connect, encodeFrame } from "@ws-echo/server/client";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serve({
 *   routes: { "/echo": { frame: (connection, frame) => connection.send(frame) } },
 *   host: "127.0.0.1",
 *   port: 0,
 * });
 * await using client = await connect(`${server.urls.frame}/echo`);
 * const [one, two] = [encodeFrame("text", "one"), encodeFrame("text", "two")];
 * await client.write(new Uint8Array([...one, ...two])); // one TCP segment
 * assertEquals((await client.nextMessage()).text(), "one");
 * assertEquals((await client.nextMessage()).text(), "two");
 * ```
 *
 * @param opcode its name, or any number from 0 to 15
 * @param payload of the frame; not changed
 * @param options deviations from a correct, unfragmented frame
 * @returns the frame in new memory
 * @throws {TypeError} no opcode has the name
 */
export function encodeFrame(
  opcode: keyof typeof OPCODE_NUMBER | number,
  payload: Payload = "",
  options: FrameOptions = {},
): Uint8Array<ArrayBuffer> {
  const { final = true, rsv = 0, mask = maskingKey() } = options;
  const code = typeof opcode === "number" ? opcode : OPCODE_NUMBER[opcode];
  if (code === undefined) throw new TypeError(`unknown opcode: ${opcode}`);
  const first = (final ? FIN : 0) | (rsv << 4) | code;
  const bytes = payloadBytes(payload);
  const isForged = options.length !== undefined ||
    options.lengthBits !== undefined;
  const size = isForged ? MAX_HEADER : headerSize(bytes.length) + 4;
  const frame = new Uint8Array(size + bytes.length);
  const lengthEnd = isForged
    ? writeForgedHeader(frame, first, options.length ?? bytes.length, options)
    : writeHeader(frame, 0, first, bytes.length);
  if (mask === "none") {
    frame.set(bytes, lengthEnd);
    return frame.subarray(0, lengthEnd + bytes.length);
  }
  frame[1]! |= MASK;
  frame.set(mask, lengthEnd);
  const start = lengthEnd + 4;
  for (let i = 0; i < bytes.length; i++) {
    frame[start + i] = bytes[i]! ^ mask[i & 3]!;
  }
  return frame.subarray(0, start + bytes.length);
}

/** Writes a header with any length field; returns the end of the header. */
function writeForgedHeader(
  frame: Uint8Array<ArrayBuffer>,
  first: number,
  length: number | bigint,
  { lengthBits }: FrameOptions,
): number {
  const value = BigInt(length);
  const bits = lengthBits ?? (value < 126n ? 7 : value < 65536n ? 16 : 64);
  const view = new DataView(frame.buffer);
  view.setUint8(0, first);
  if (bits === 7) {
    view.setUint8(1, Number(value & 0x7fn));
    return 2;
  }
  if (bits === 16) {
    view.setUint8(1, 126);
    view.setUint16(2, Number(value & 0xffffn));
    return 4;
  }
  view.setUint8(1, 127);
  view.setBigUint64(2, value);
  return 10;
}

/**
 * Encodes the payload of a CLOSE frame (RFC 6455 §5.5.1); the code may be invalid.
 *
 * @example
 * ```ts
 * import { serve } from "@ws-echo/server";
 * import { closePayload, connect, readClose } from "@ws-echo/server/client";
 * import { assertEquals } from "@std/assert";
 *
 * const routes = { "/ws": { frame() {} } };
 * await using server = await serve({ routes, host: "127.0.0.1", port: 0 });
 * await using client = await connect(`${server.urls.frame}/ws`);
 * await client.send("close", closePayload(1005)); // a code that may not be sent
 * const { payload } = await client.nextMessage();
 * assertEquals(readClose(payload).code, 1002);
 * ```
 *
 * @param code any 16-bit number; `undefined` makes an empty payload
 * @param reason a text, or bytes that are not UTF-8
 */
export function closePayload(
  code?: number,
  reason: Payload = "",
): Uint8Array<ArrayBuffer> {
  if (code === undefined) return new Uint8Array(0);
  if (typeof code !== "number") throw wrongArgument("code", "a number", code);
  const text = payloadBytes(reason);
  const payload = new Uint8Array(2 + text.length);
  payload[0] = code >> 8;
  payload[1] = code;
  payload.set(text, 2);
  return payload;
}

/** Random bytes in reserve: `getRandomValues` costs as much for 4 bytes as for 4096. */
const random = new Uint8Array(4096);
let used = random.length;

/**
 * Makes an unpredictable masking key (RFC 6455 §5.3).
 *
 * @returns four bytes; a later call overwrites them
 */
export function maskingKey(): Uint8Array {
  if (used === random.length) {
    crypto.getRandomValues(random);
    used = 0;
  }
  used += 4;
  return random.subarray(used - 4, used);
}
