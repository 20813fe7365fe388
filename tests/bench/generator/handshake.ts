/**
 * WebSocket connections of the load generator.
 *
 * @module
 */

import {
  checkResponse,
  type HandshakeRequest,
  parseResponse,
  writeRequest,
} from "../../../lib/client/handshake.ts";
import { toLatin1 } from "../../../lib/client/response_reader.ts";
import { connect, Pinned, receiveBlocking, reset, send } from "./libc.ts";

/** The key of RFC 6455 §1.3: one for all, as the servers cannot know. */
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";

/** The server to load. */
export interface Target {
  /** Its port of 127.0.0.1. */
  readonly port: number;
  /** The path of its echo. */
  readonly path: string;
  /** The `Sec-WebSocket-Extensions` to offer, or `""`. */
  readonly extensions: string;
}

/** A request, ready to be sent, and what the answer has to fit. */
export class Handshake {
  /** The request's bytes. */
  readonly bytes: Pinned;
  readonly #request: HandshakeRequest;

  /**
   * Writes the request.
   *
   * @param target the server
   */
  constructor({ port, path, extensions }: Target) {
    this.#request = {
      url: new URL(`ws://127.0.0.1:${port}${path}`),
      key: KEY,
      extensions,
    };
    this.bytes = new Pinned(toLatin1(writeRequest(this.#request)));
  }

  /**
   * Checks the answer.
   *
   * @param bytes what has arrived
   * @returns false while it is not complete
   * @throws {Error} when it is no 101, or a wrong one
   */
  isAnsweredBy(bytes: Uint8Array): boolean {
    const text = latin1.decode(bytes);
    const end = text.indexOf("\r\n\r\n");
    if (end < 0) return false;
    const response = parseResponse(text.slice(0, end));
    if (response === undefined) throw new Error("the answer is not HTTP");
    const [fault] = checkResponse(response, this.#request);
    if (fault !== undefined) throw new Error(`refused: ${fault.message}`);
    if (end + 4 < text.length) throw new Error("bytes behind the answer");
    return true;
  }
}

const latin1 = new TextDecoder("latin1");

const input = new Pinned(new Uint8Array(8192));

/**
 * Connects and shakes hands, one after the other.
 *
 * @param target the server
 * @param count connections
 * @returns their descriptors
 */
export function openAll(target: Target, count: number): number[] {
  const handshake = new Handshake(target);
  const fds: number[] = [];
  try {
    while (fds.length < count) fds.push(open(target.port, handshake));
    return fds;
  } catch (error) {
    fds.forEach(reset);
    throw error;
  }
}

function open(port: number, handshake: Handshake): number {
  const fd = connect(port, true);
  send(fd, handshake.bytes, 0, handshake.bytes.bytes.length);
  let arrived = new Uint8Array(0);
  do {
    const count = receiveBlocking(fd, input);
    if (count <= 0) throw new Error("the server ended the connection");
    const joined = new Uint8Array(arrived.length + count);
    joined.set(arrived);
    joined.set(input.bytes.subarray(0, count), arrived.length);
    arrived = joined;
  } while (!handshake.isAnsweredBy(arrived));
  return fd;
}
