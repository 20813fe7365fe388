/**
 * Opens the transport of a WebSocket: TCP, and TLS for `wss:`.
 *
 * @module
 */

/** The reason why a transport cannot be opened. */
export type DialFailure =
  | "dns"
  | "refused"
  | "reset"
  | "unreachable"
  | "tls"
  | "certificate"
  | "permission"
  | "other";

/** Thrown when a transport cannot be opened. */
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

/** Options of {@linkcode dial}. */
export interface DialOptions {
  /** Aborts the attempt. */
  readonly signal?: AbortSignal;
  /** Called at the start of each phase. */
  readonly onPhase?: (phase: Phase) => void;
}

/** The phases of opening a WebSocket, in order; TLS only for `wss:`. */
export type Phase = "TCP" | "TLS" | "response";

/** An open transport. */
export interface Dialed {
  /** The connection. */
  readonly conn: Deno.TcpConn | Deno.TlsConn;
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
  const { signal, onPhase } = options;
  const isSecure = url.protocol === "wss:";
  const hostname = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const port = Number(url.port || (isSecure ? 443 : 80));
  const start = performance.now();
  onPhase?.("TCP");
  const tcp = await connect(hostname, port, signal);
  const tcpTime = performance.now() - start;
  if (!isSecure) return { conn: tcp, tcpTime, tlsTime: undefined };
  onPhase?.("TLS");
  const conn = await secure(tcp, hostname, signal);
  const tlsTime = performance.now() - start - tcpTime;
  return { conn, tcpTime, tlsTime };
}

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
  signal: AbortSignal | undefined,
): Promise<Deno.TlsConn> {
  let conn: Deno.Conn = tcp;
  const abort = () => conn.close();
  try {
    const tls = await Deno.startTls(tcp, {
      hostname,
      alpnProtocols: ["http/1.1"],
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
export function closeQuietly(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // It was closed.
  }
}
