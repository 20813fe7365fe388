/**
 * Requests and frames as bytes, valid and invalid.
 *
 * @module
 */

/** The opcodes of RFC 6455 §5.2. */
export const OPCODE = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

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
  const bytes = typeof payload === "string"
    ? new TextEncoder().encode(payload)
    : payload;
  const { length } = bytes;
  const mask = [0x12, 0x34, 0x56, 0x78];
  const header = length < 126
    ? [length]
    : length < 65536
    ? [126, length >> 8, length & 255]
    : [127, 0, 0, 0, 0, ...uint32(length)];
  header[0]! |= 0x80;
  const head = [(final ? 0x80 : 0) | opcode, ...header, ...mask];
  const result = new Uint8Array(head.length + length);
  result.set(head);
  for (let i = 0; i < length; i++) {
    result[head.length + i] = bytes[i]! ^ mask[i & 3]!;
  }
  return result;
}

/** Encodes a client's CLOSE frame. */
export function closeFrame(code: number, reason = ""): Uint8Array<ArrayBuffer> {
  return frame(
    OPCODE.close,
    Uint8Array.of(code >> 8, code & 255, ...new TextEncoder().encode(reason)),
  );
}

function uint32(value: number): number[] {
  return [value >>> 24, (value >> 16) & 255, (value >> 8) & 255, value & 255];
}
