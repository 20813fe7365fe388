/**
 * Encodes a message in fragments.
 *
 * @module
 */

import {
  FIN,
  headerSize,
  writeHeader,
} from "../../../lib/frame/codec/header.ts";
import { type Opcode, OPCODE_NUMBER } from "../../../lib/websocket.ts";

/**
 * Encodes a message in fragments, all in one array.
 *
 * @param opcode of the first fragment
 * @param payload of the message
 * @param size bytes of a fragment, at least 1; the last may have fewer
 * @param final the FIN bit of the last
 */
export function encodeFragments(
  opcode: Opcode,
  payload: Uint8Array,
  size: number,
  final: boolean,
): Uint8Array<ArrayBuffer> {
  const count = Math.max(1, Math.ceil(payload.length / size));
  const last = payload.length - (count - 1) * size;
  const bytes = new Uint8Array(
    payload.length + (count - 1) * headerSize(size) + headerSize(last),
  );
  let at = 0;
  for (let i = 0; i < count; i++) {
    const isLast = i === count - 1;
    const length = isLast ? last : size;
    const first = (isLast && final ? FIN : 0) |
      (i === 0 ? OPCODE_NUMBER[opcode] : OPCODE_NUMBER.continuation);
    at = writeHeader(bytes, at, first, length);
    bytes.set(payload.subarray(i * size, i * size + length), at);
    at += length;
  }
  return bytes;
}
