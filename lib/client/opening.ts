/**
 * Opens a connection: TCP, TLS and the opening handshake.
 *
 * @module
 */

import {
  type ByteStream,
  closeQuietly,
  dial,
  type DialOptions,
} from "./dial.ts";
import { TimeoutError } from "./errors.ts";
import type { FaultRecord } from "./protocol_error.ts";
import { FrameReader, type FrameReaderOptions } from "./frame_reader.ts";
import {
  checkResponse,
  type Handshake,
  handshakeKey,
  type HandshakeRequest,
  writeRequest,
} from "./handshake.ts";
import { toLatin1 } from "../protocol/latin1.ts";
import { readResponse } from "./response_reader.ts";

/**
 * Options of a connection.
 *
 * @example
 * ```ts
 * import { serve } from "@ws-echo/server";
 * import { type ClientOptions, connect } from "@ws-echo/server/client";
 * import { assertEquals } from "@std/assert";
 *
 * const options: ClientOptions = {
 *   subprotocols: ["v2", "v1"],
 *   headers: [["Origin", "https://example.com"]],
 *   timeout: 2000,
 * };
 * const routes = { "/ws": { subprotocols: ["v1"], frame() {} } };
 * await using server = await serve({ routes, host: "127.0.0.1", port: 0 });
 * await using client = await connect(`${server.urls.frame}/ws`, options);
 * assertEquals(client.protocol, "v1");
 * ```
 */
export interface ClientOptions
  extends DialOptions, Pick<FrameReaderOptions, "allowedRsv" | "tolerant"> {
  /**
   * Subprotocols to offer, in order of preference (RFC 6455 §1.9).
   * @default none
   */
  readonly subprotocols?: readonly string[];
  /**
   * Value of the `Sec-WebSocket-Extensions` field (RFC 6455 §9.1). The client neither
   * inflates nor compresses.
   * @default none
   */
  readonly extensions?: string;
  /** Further header fields; see {@linkcode HandshakeRequest.headers}. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /**
   * Bytes to send in place of the request; a string is sent as Latin-1. The response is
   * checked against the `Sec-WebSocket-Key` that they contain.
   * @default a correct request
   */
  readonly rawRequest?: string | Uint8Array<ArrayBuffer>;
  /**
   * Milliseconds that the opening, and then each read, may take; `undefined`: no limit.
   * @default 10000 for `connect()` and `connectUnchecked()`, no limit for the static
   * methods of `ClientConnection`
   */
  readonly timeout?: number | undefined;
}

/** A connection after its opening handshake. */
export interface Opened {
  /** The transport. */
  readonly conn: ByteStream;
  /** Request and response. */
  readonly handshake: Handshake;
  /** Holds the bytes that arrived after the response's head. */
  readonly frames: FrameReader;
}

/**
 * Connects and performs the opening handshake. The response may refuse it.
 *
 * @param url the server's address: `ws:` or `wss:`
 * @param options of the connection
 * @param record gets the violations of the frames
 * @throws {DialError} TCP or TLS cannot be connected
 * @throws {NoResponseError} no HTTP response arrives
 * @throws {TimeoutError} no response arrives in time
 * @throws the signal's reason when it is aborted
 */
export async function openHandshake(
  url: URL,
  options: ClientOptions,
  record: FaultRecord,
): Promise<Opened> {
  const { timeout, signal } = options;
  if (timeout === undefined) return await attempt(url, options, record);
  const limit = new AbortController();
  const timer = setTimeout(
    () => limit.abort(new TimeoutError(timeout, "the response")),
    timeout,
  );
  const either = signal === undefined
    ? limit.signal
    : AbortSignal.any([signal, limit.signal]);
  try {
    return await attempt(url, { ...options, signal: either }, record);
  } finally {
    clearTimeout(timer);
  }
}

async function attempt(
  url: URL,
  options: ClientOptions,
  record: FaultRecord,
): Promise<Opened> {
  const { signal } = options;
  const { request, bytes: requestBytes } = requestOf(url, options);
  const { conn, tcpTime, tlsTime } = await dial(url, options);
  const abort = () => conn.close();
  signal?.addEventListener("abort", abort);
  try {
    signal?.throwIfAborted();
    const frames = new FrameReader(options, record);
    options.onPhase?.("response");
    const start = performance.now();
    // If the write fails, the read reports the reason.
    await writeAll(conn, requestBytes).catch(() => {});
    const { head, bytes } = await readResponse(conn, frames);
    const time = performance.now() - start;
    signal?.throwIfAborted();
    const handshake = {
      request,
      response: head,
      faults: checkResponse(head, request),
      requestBytes,
      responseBytes: bytes,
      times: { tcp: tcpTime, tls: tlsTime, response: time },
    };
    return { conn, handshake, frames };
  } catch (error) {
    closeQuietly(conn);
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

const KEY = /^sec-websocket-key:[ \t]*(.*?)[ \t]*$/im;

/** The request, and its bytes. */
function requestOf(
  url: URL,
  { subprotocols, extensions, headers, rawRequest }: ClientOptions,
): {
  readonly request: HandshakeRequest;
  readonly bytes: Uint8Array<ArrayBuffer>;
} {
  const given = {
    url,
    ...(subprotocols && { subprotocols }),
    ...(extensions && { extensions }),
    ...(headers && { headers }),
  };
  if (rawRequest === undefined) {
    const request = { ...given, key: handshakeKey() };
    return { request, bytes: toLatin1(writeRequest(request)) };
  }
  const bytes = typeof rawRequest === "string"
    ? toLatin1(rawRequest)
    : rawRequest;
  const text = new TextDecoder("latin1").decode(bytes);
  return { request: { ...given, key: KEY.exec(text)?.[1] ?? "" }, bytes };
}

/**
 * Writes bytes; resolves when the operating system has accepted all of them.
 *
 * @param conn the transport
 * @param bytes must not change before
 */
export async function writeAll(
  conn: ByteStream,
  bytes: Uint8Array,
): Promise<void> {
  let written = 0;
  while (written < bytes.length) {
    written += await conn.write(
      written === 0 ? bytes : bytes.subarray(written),
    );
  }
}
