/**
 * Reads the head of the response to a handshake.
 *
 * @module
 */

import { toLatin1 } from "../protocol/latin1.ts";
import { findHeadEnd } from "../frame/codec/request_head.ts";
import type { ByteStream } from "./dial.ts";
import { NoResponseError } from "./errors.ts";
import type { FrameReader } from "./frame_reader.ts";
import { parseResponse, type ResponseHead } from "./handshake.ts";

/** Maximum size of the head in bytes. */
const MAX_HEAD = 64 * 1024;

/** Initial size of the buffer in bytes; it holds most heads. */
const READ_SIZE = 2048;

/** The head of a response. */
export interface ReceivedHead {
  /** Status line and fields. */
  readonly head: ResponseHead;
  /** The head as received, with its empty line. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/**
 * Reads the head of a response.
 *
 * @param conn to read from
 * @param frames receives the bytes that follow the head
 * @throws {NoResponseError} other data, or the end of the connection
 */
export async function readResponse(
  conn: ByteStream,
  frames: FrameReader,
): Promise<ReceivedHead> {
  let bytes = new Uint8Array(READ_SIZE);
  let length = 0;
  for (;;) {
    if (length === bytes.length) bytes = doubled(bytes);
    const count = await conn.read(bytes.subarray(length)).catch(() => "reset");
    const before = length;
    if (typeof count === "number") length += count;
    const received = bytes.subarray(0, length);
    if (count === null) throw new NoResponseError("end", received);
    if (count === "reset") throw new NoResponseError("reset", received);
    const end = findHeadEnd(received, before);
    const head = end < 0
      ? undefined
      : parseResponse(latin1.decode(received.subarray(0, end - 4)));
    if (head !== undefined) {
      frames.push(received.subarray(end));
      return { head, bytes: received.slice(0, end) };
    }
    if (end >= 0 || length > MAX_HEAD || !beginsAsHttp(received)) {
      throw new NoResponseError("not HTTP", received);
    }
  }
}

const HTTP = toLatin1("HTTP/");

function beginsAsHttp(bytes: Uint8Array): boolean {
  return HTTP.every((byte, i) => i >= bytes.length || bytes[i] === byte);
}

function doubled(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(2 * bytes.length);
  larger.set(bytes);
  return larger;
}

const latin1 = new TextDecoder("latin1");
