/**
 * Opens the WebSocket connections of the load generator.
 *
 * @module
 */

import { concat } from "../../../lib/client/concat.ts";
import {
  checkResponse,
  type HandshakeRequest,
  parseResponse,
  writeRequest,
} from "../../../lib/client/handshake.ts";
import { toLatin1 } from "../../../lib/protocol/latin1.ts";
import { connect, Pinned, receiveBlocking, reset, send } from "./libc.ts";

/** The key of RFC 6455 §1.3, the same for all connections. */
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

/** A handshake request, and the check of its response. */
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
   * Checks the response.
   *
   * @param bytes received so far
   * @returns false while the response is not complete
   * @throws {Error} the response is not a valid 101
   */
  isAnsweredBy(bytes: Uint8Array): boolean {
    const text = latin1.decode(bytes);
    const end = text.indexOf("\r\n\r\n");
    if (end < 0) return false;
    const response = parseResponse(text.slice(0, end));
    if (response === undefined) throw new Error("the answer is not HTTP");
    const [fault] = checkResponse(response, this.#request);
    if (fault !== undefined) throw new Error(`refused: ${fault.message}`);
    if (end + 4 < text.length) throw new Error("bytes after the answer");
    return true;
  }
}

const latin1 = new TextDecoder("latin1");

const input = new Pinned(new Uint8Array(8192));

/** Concurrent handshakes: fewer than the backlog of a listener. */
const AT_ONCE = 64;

/**
 * Opens connections and upgrades them.
 *
 * @param target the server
 * @param count number of connections
 * @returns their file descriptors
 */
export function openAll(target: Target, count: number): number[] {
  const handshake = new Handshake(target);
  const { bytes } = handshake;
  const fds: number[] = [];
  try {
    for (let from = 0; from < count; from = fds.length) {
      while (fds.length < Math.min(from + AT_ONCE, count)) {
        const fd = connect(target.port, true);
        fds.push(fd);
        send(fd, bytes, 0, bytes.bytes.length);
      }
      for (const fd of fds.slice(from)) awaitAnswer(fd, handshake);
    }
    return fds;
  } catch (error) {
    fds.forEach(reset);
    throw error;
  }
}

function awaitAnswer(fd: number, handshake: Handshake): void {
  let arrived = new Uint8Array(0);
  do {
    const count = receiveBlocking(fd, input);
    if (count <= 0) throw new Error("the server ended the connection");
    arrived = concat([arrived, input.bytes.slice(0, count)]);
  } while (!handshake.isAnsweredBy(arrived));
}
