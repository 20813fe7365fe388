/**
 * TCP connections of attackers.
 *
 * @module
 */

import { ResettableTcp } from "../../lib/client/resettable_tcp.ts";
import { type Fields, handshake } from "../integration/support/wire.ts";

/** The server under attack. */
export interface Target {
  readonly hostname: string;
  readonly port: number;
  /** The path of an echo. */
  readonly path: string;
  /**
   * The address of the HTTP routes.
   * @default the same address
   */
  readonly http?: { readonly hostname: string; readonly port: number };
}

/** A connection that closes at the end of the attack. */
export class Socket implements Disposable {
  readonly #conn: Deno.TcpConn;
  readonly #signal: AbortSignal;

  private constructor(conn: Deno.TcpConn, signal: AbortSignal) {
    this.#conn = conn;
    this.#signal = signal;
    signal.addEventListener("abort", this.#close);
    if (signal.aborted) this.#close();
  }

  /**
   * Connects.
   *
   * @param target the server
   * @param signal closes the connection
   */
  static async connect(
    { hostname, port }: Pick<Target, "hostname" | "port">,
    signal: AbortSignal,
  ): Promise<Socket> {
    return new Socket(await Deno.connect({ hostname, port }), signal);
  }

  /** Connects and upgrades; throws when the server refuses. */
  static async upgrade(
    target: Target,
    signal: AbortSignal,
    fields: Fields = {},
  ): Promise<Socket> {
    const socket = await Socket.connect(target, signal);
    await socket.write(
      new TextEncoder().encode(handshake(target.path, fields)),
    );
    const answer = new Uint8Array(4096);
    const count = await socket.#conn.read(answer);
    const text = new TextDecoder().decode(answer.subarray(0, count ?? 0));
    if (text.startsWith("HTTP/1.1 101")) return socket;
    socket[Symbol.dispose]();
    throw new Error(`refused: ${text}`);
  }

  /** Sends bytes; resolves when the operating system has taken them all. */
  async write(bytes: Uint8Array): Promise<void> {
    let written = 0;
    while (written < bytes.length) {
      written += await this.#conn.write(bytes.subarray(written));
    }
  }

  /** Sends the same bytes until the connection ends. */
  async flood(bytes: Uint8Array): Promise<void> {
    for (;;) await this.write(bytes);
  }

  /** Reads to the end of the connection and discards the bytes. */
  async drain(): Promise<void> {
    const buffer = new Uint8Array(65536);
    while (await this.#conn.read(buffer) !== null);
  }

  /** Reads one byte; false at the end. */
  async readByte(): Promise<boolean> {
    return await this.#conn.read(new Uint8Array(1)) !== null;
  }

  /** Sends a FIN; the connection can still be read. */
  async closeWrite(): Promise<void> {
    await this.#conn.closeWrite();
  }

  /** Waits until the end of the attack. */
  async hold(): Promise<void> {
    await pause(2 ** 30, this.#signal);
  }

  /** Closes the connection. */
  [Symbol.dispose](): void {
    this.#close();
  }

  #close = (): void => {
    this.#signal.removeEventListener("abort", this.#close);
    try {
      this.#conn.close();
    } catch {
      // The end of the attack has closed it.
    }
  };
}

/**
 * Waits for a time, or until the end of the attack.
 *
 * @param time milliseconds
 * @param signal ends the wait
 */
export function pause(time: number, signal: AbortSignal): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, time);
  signal.addEventListener("abort", () => resolve(), { once: true });
  if (signal.aborted) resolve();
  return promise.finally(() => clearTimeout(timer));
}

/**
 * Connects, sends bytes and resets the connection.
 *
 * @param target the server
 * @param bytes to send before the reset
 * @param answered whether to wait for an answer before the reset
 */
export async function reset(
  { hostname, port }: Target,
  bytes: Uint8Array,
  answered: boolean,
): Promise<void> {
  const tcp = await ResettableTcp.connect(hostname, port);
  try {
    if (bytes.length > 0) await tcp.write(bytes);
    if (answered) await tcp.read(new Uint8Array(1));
  } catch {
    // The server was faster.
  }
  tcp.reset();
  await tcp.closed;
}
