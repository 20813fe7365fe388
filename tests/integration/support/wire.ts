/**
 * Requests and frames as bytes, valid and invalid.
 *
 * @module
 */

import { closePayload, encodeFrame } from "../../../lib/client/mod.ts";
import { OPCODE_NUMBER } from "../../../lib/websocket.ts";

/** The opcodes of RFC 6455 §5.2. */
export const OPCODE = OPCODE_NUMBER;

/** The masking key of every frame. */
const MASK = Uint8Array.of(0x12, 0x34, 0x56, 0x78);

/** The key of RFC 6455 §1.3 and its `Sec-WebSocket-Accept`. */
export const SAMPLE = {
  key: "dGhlIHNhbXBsZSBub25jZQ==",
  accept: "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
};

const HANDSHAKE = {
  "Host": "127.0.0.1",
  "Upgrade": "websocket",
  "Connection": "Upgrade",
  "Sec-WebSocket-Version": "13",
  "Sec-WebSocket-Key": SAMPLE.key,
};

/** Fields of a request: `undefined` omits one, an array repeats it. */
export type Fields = Readonly<Record<string, string | string[] | undefined>>;

/**
 * Writes a handshake request.
 *
 * @param path the request target
 * @param fields fields that differ from a valid request
 * @param method the method
 */
export function handshake(path: string, fields: Fields = {}, method = "GET") {
  return requestHead(path, { ...HANDSHAKE, ...fields }, method);
}

/**
 * Writes a request without a body.
 *
 * @param path the request target
 * @param fields the fields
 * @param method the method
 */
export function requestHead(
  path: string,
  fields: Fields = { Host: "127.0.0.1" },
  method = "GET",
): string {
  const lines = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((item) => `${name}: ${item}`)
  );
  return [`${method} ${path} HTTP/1.1`, ...lines, "", ""].join("\r\n");
}

/**
 * Encodes a client's frame, masked with a key that is not zero.
 *
 * @param opcode of RFC 6455 §5.2
 * @param payload a text or bytes
 * @param final the FIN bit
 */
export function frame(
  opcode: number,
  payload: string | Uint8Array = "",
  final = true,
): Uint8Array<ArrayBuffer> {
  return encodeFrame(opcode, payload, { final, mask: MASK });
}

/** Encodes a client's CLOSE frame. */
export function closeFrame(code: number, reason = ""): Uint8Array<ArrayBuffer> {
  return frame(OPCODE.close, closePayload(code, reason));
}
