/**
 * Opens the transport of a WebSocket: TCP, and TLS for `wss:`.
 *
 * @module
 */

import { ResettableTcp } from "./resettable_tcp.ts";

/**
 * The reason why a transport cannot be opened.
 *
 * - `dns`: the host's name has no address.
 * - `refused`: no server listens on the port.
 * - `reset`: the server ended the connection.
 * - `unreachable`: there is no way to the host.
 * - `certificate`: the server's certificate is not valid or not trusted.
 * - `tls`: the TLS handshake failed for another reason.
 * - `permission`: the process may not connect to the host.
 * - `other`: the error's `cause` has the reason.
 *
 * @example
 * ```ts
 * import { connect, DialError, type DialFailure } from "@ws-echo/server/client";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const hints: Partial<Record<DialFailure, string>> = {
 *   refused: "is the server started?",
 *   certificate: "pass its issuer as caCerts",
 * };
 * const connecting = () => connect("ws://127.0.0.1:1");
 * const error = await assertRejects(connecting, DialError);
 * const failure: DialFailure = error.failure;
 * assertEquals(hints[failure], "is the server started?");
 * ```
 */
export type DialFailure =
  | "dns"
  | "refused"
  | "reset"
  | "unreachable"
  | "tls"
  | "certificate"
  | "permission"
  | "other";

/**
 * Thrown when a transport cannot be opened.
 *
 * @example
 * ```ts
 * import { connect, DialError } from "@ws-echo/server/client";
 * import { assertEquals, assertRejects } from "@std/assert";
 *
 * const error = await assertRejects(
 *   () => connect("ws://127.0.0.1:1"),
 *   DialError,
 * );
 * assertEquals(error.failure, "refused");
 * ```
 */
export class DialError extends Error {
  /** The class. */
  override readonly name = "DialError";
  /** The reason. */
  readonly failure: DialFailure;

  /**
   * Makes an error.
   *
   * @param failure the reason
   * @param cause the runtime's error
   */
  constructor(failure: DialFailure, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.failure = failure;
  }
}

/**
 * Options of the transport: TCP, and TLS for `wss:`.
 *
 * @example
 * ```ts
 * import { serve } from "@ws-echo/server";
 * import { connect, type DialOptions } from "@ws-echo/server/client";
 * import { assert } from "@std/assert";
 *
 * const options: DialOptions = {
 *   signal: AbortSignal.timeout(5000),
 *   resettable: true,
 * };
 * const routes = { "/ws": { frame() {} } };
 * await using server = await serve({ routes, host: "127.0.0.1", port: 0 });
 * await using client = await connect(`${server.urls.frame}/ws`, options);
 * await client.reset();
 * assert(client.isEnded);
 * ```
 */
export interface DialOptions {
  /** Aborts the attempt. */
  readonly signal?: AbortSignal;
  /** Called at the start of each phase. */
  readonly onPhase?: (phase: Phase) => void;
  /**
   * Whether a `ws:` connection can be reset. It reads up to 64 KiB ahead then. A `wss:`
   * connection cannot be reset.
   * @default true for `connect()` and `connectUnchecked()`, false for the static methods
   * of `ClientConnection`
   */
  readonly resettable?: boolean;
  /**
   * Root certificates to trust in addition, in PEM.
   * @default none
   */
  readonly caCerts?: readonly string[];
}

/** A TCP or TLS connection. */
export interface ByteStream {
  /**
   * Reads once.
   *
   * @returns the number of bytes; `null` at the end
   */
  read(buffer: Uint8Array): Promise<number | null>;
  /**
   * Writes a part of the bytes, or all.
   *
   * @returns the number of written bytes
   */
  write(bytes: Uint8Array): Promise<number>;
  /** Ends this side's output; the connection can still be read. */
  closeWrite(): Promise<void>;
  /** Closes the connection. */
  close(): void;
  /** Sends RST; missing if the connection cannot. */
  reset?(): void;
  /** Resolves when the connection is closed; missing if `close` returns after that. */
  readonly closed?: Promise<void>;
}

/**
 * The phases of opening a WebSocket, in order; TLS only for `wss:`.
 *
 * @example
 * ```ts
 * import { serve } from "@ws-echo/server";
 * import { connect, type Phase } from "@ws-echo/server/client";
 * import { assertEquals } from "@std/assert";
 *
 * const phases: Phase[] = [];
 * const onPhase = (phase: Phase) => void phases.push(phase);
 * const routes = { "/ws": { frame() {} } };
 * await using server = await serve({ routes, host: "127.0.0.1", port: 0 });
 * await using _client = await connect(`${server.urls.frame}/ws`, { onPhase });
 * assertEquals(phases, ["TCP", "response"]);
 * ```
 */
export type Phase = "TCP" | "TLS" | "response";

/** An open transport. */
export interface Dialed {
  /** The connection. */
  readonly conn: ByteStream;
  /** Milliseconds for name resolution and TCP. */
  readonly tcpTime: number;
  /** Milliseconds for TLS; `undefined` without TLS. */
  readonly tlsTime: number | undefined;
}

/**
 * Connects to the host of a URL.
 *
 * @param url `ws:` or `wss:`
 * @param options signal and observer
 * @throws {DialError} TCP or TLS cannot be connected
 * @throws the signal's reason when it is aborted
 */
export async function dial(
  url: URL,
  options: DialOptions = {},
): Promise<Dialed> {
  const { signal, onPhase, resettable = false } = options;
  const isSecure = url.protocol === "wss:";
  const hostname = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = Number(url.port || (isSecure ? 443 : 80));
  const start = performance.now();
  onPhase?.("TCP");
  if (resettable && !isSecure) {
    const conn = await connectResettable(hostname, port, signal);
    return { conn, tcpTime: performance.now() - start, tlsTime: undefined };
  }
  const tcp = await connect(hostname, port, signal);
  const tcpTime = performance.now() - start;
  if (!isSecure) return { conn: tcp, tcpTime, tlsTime: undefined };
  onPhase?.("TLS");
  const conn = await secure(tcp, hostname, options);
  const tlsTime = performance.now() - start - tcpTime;
  return { conn, tcpTime, tlsTime };
}

async function connectResettable(
  hostname: string,
  port: number,
  signal: AbortSignal | undefined,
): Promise<ByteStream> {
  try {
    return await ResettableTcp.connect(hostname, port, signal);
  } catch (error) {
    signal?.throwIfAborted();
    const code = String((error as { code?: unknown }).code);
    const failure = NODE_FAILURES[code] ?? tcpFailure(error);
    throw new DialError(failure, error);
  }
}

/** The reasons by the error codes of `node:net`. */
const NODE_FAILURES: Readonly<Record<string, DialFailure>> = {
  ECONNREFUSED: "refused",
  ECONNRESET: "reset",
  ENOTFOUND: "dns",
  EAI_AGAIN: "dns",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  ETIMEDOUT: "unreachable",
};

async function connect(
  hostname: string,
  port: number,
  signal: AbortSignal | undefined,
): Promise<Deno.TcpConn> {
  let conn: Deno.TcpConn | undefined;
  try {
    const options = signal === undefined ? {} : { signal };
    conn = await Deno.connect({ hostname, port, ...options });
    // Throws if the server has already reset the connection.
    conn.setNoDelay(true);
    return conn;
  } catch (error) {
    conn?.close();
    signal?.throwIfAborted();
    throw new DialError(tcpFailure(error), error);
  }
}

function tcpFailure(error: unknown): DialFailure {
  const { errors } = Deno;
  if (error instanceof errors.ConnectionRefused) return "refused";
  if (error instanceof errors.ConnectionReset) return "reset";
  if (error instanceof errors.NotCapable) return "permission";
  const message = error instanceof Error ? error.message : "";
  // The runtime has no error class for this.
  if (message.startsWith("failed to lookup address")) return "dns";
  if (
    error instanceof errors.NetworkUnreachable ||
    error instanceof errors.TimedOut ||
    message.startsWith("No route to host")
  ) return "unreachable";
  return "other";
}

async function secure(
  tcp: Deno.TcpConn,
  hostname: string,
  { signal, caCerts = [] }: DialOptions,
): Promise<Deno.TlsConn> {
  let conn: Deno.Conn = tcp;
  const abort = () => conn.close();
  try {
    const tls = await Deno.startTls(tcp, {
      hostname,
      alpnProtocols: ["http/1.1"],
      caCerts: [...caCerts],
    });
    conn = tls;
    signal?.throwIfAborted();
    signal?.addEventListener("abort", abort);
    await tls.handshake();
    return tls;
  } catch (error) {
    closeQuietly(conn);
    signal?.throwIfAborted();
    throw new DialError(tlsFailure(error), error);
  } finally {
    signal?.removeEventListener("abort", abort);
  }
}

function tlsFailure(error: unknown): DialFailure {
  if (error instanceof Deno.errors.ConnectionReset) return "reset";
  const message = error instanceof Error ? error.message : "";
  // The runtime has no error class for this.
  return message.startsWith("invalid peer certificate") ? "certificate" : "tls";
}

/**
 * Closes a connection that may already be closed.
 *
 * @param conn the connection
 */
export function closeQuietly(conn: ByteStream): void {
  try {
    conn.close();
  } catch {
    // It was closed.
  }
}
