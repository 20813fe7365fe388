/**
 * The configuration of a server, read from the options of a program by the table of
 * settings: the same defaults and the same checks as for the variables.
 *
 * @module
 */

import { optionName } from "../errors/setting.ts";
import { OptionsError } from "./options_error.ts";
import { type ServerConfig, serverConfigOf } from "./server_config.ts";
import {
  defaultOf,
  type SettingName,
  SETTINGS,
  type SettingValue,
} from "./settings.ts";

/**
 * The settings of a server as options: the variables in camel case, such as `maxPayload`
 * for `MAX_PAYLOAD`. `TLS_CERT` and `TLS_KEY` are `tls: { cert, key }`. Times are in
 * milliseconds, sizes in bytes, both as whole numbers; `off` is `false`. An option that
 * is unset or `undefined` has its default. `serve()` throws an `OptionsError` for any
 * other value.
 *
 * A time is from 100 to 86400000 (a day), a size from 1 to 1073741824 (1 GiB), a number of
 * things from 1 to 1000000, unless the option says otherwise.
 *
 * @example
 * ```ts
 * import { serve, type SettingOptions } from "@ws-echo/server";
 * import { connect, readClose } from "@ws-echo/server/client";
 * import { assertEquals } from "@std/assert";
 *
 * const settings: SettingOptions = { host: "127.0.0.1", port: 0, maxPayload: 4 };
 * const routes = { "/ws": { frame() {} } };
 * await using server = await serve({ ...settings, routes });
 * await using client = await connect(`${server.urls.frame}/ws`);
 * await client.send("text", "hello");
 * const { payload } = await client.nextMessage();
 * assertEquals(readClose(payload).code, 1009);
 * ```
 */
export interface SettingOptions {
  /**
   * Port of the edge listener, 0 to 65535; 0 takes a free one.
   * @default 8000
   */
  readonly port?: number | undefined;
  /**
   * Port of the frame listener, another one than `port`; 0 takes a free one, `false`
   * turns the listener off.
   * @default 8001, or 0 if `port` is 0
   */
  readonly framePort?: number | false | undefined;
  /**
   * IP address or host name that the listeners bind to; `::` stands for IPv6 and IPv4.
   * @default "::", which is "0.0.0.0" on a machine without IPv6
   */
  readonly host?: string | undefined;
  /**
   * Paths of the certificate chain and the key in PEM; without `key`, the file of the
   * certificate contains the key.
   * @default no TLS
   */
  readonly tls?:
    | { readonly cert: string; readonly key?: string | undefined }
    | undefined;
  /**
   * Origins that pages may connect from, such as `https://example.com` (RFC 6454 §6.2).
   * Another `Origin` gets 403 (RFC 6455 §10.2); a client without that field may connect.
   * @default any origin
   */
  readonly allowedOrigins?:
    | readonly string[]
    | ReadonlySet<string>
    | undefined;
  /**
   * Maximum bytes of a message after inflating; a longer message closes the connection
   * with 1009. A route may have its own limit.
   * @default 16 MiB
   */
  readonly maxPayload?: number | undefined;
  /**
   * Maximum number of frames in a message (frame listener); more close the connection
   * with 1008.
   * @default 131072
   */
  readonly maxFragments?: number | undefined;
  /**
   * Maximum bytes that wait for a client that does not read; above it the next send
   * closes the connection with 1008.
   * @default 16 MiB
   */
  readonly sendBufferLimit?: number | undefined;
  /**
   * Maximum bytes held for all clients together, from 1 MiB to 1024 GiB. From three
   * quarters of it, handshakes get 503 and the connections that hold the most are closed
   * with 1013.
   * @default 512 MiB, or half of the machine's memory if that is less
   */
  readonly memoryLimit?: number | undefined;
  /**
   * Maximum number of WebSocket connections; above it handshakes get 503 with
   * `Retry-After`.
   * @default 10000
   */
  readonly maxConnections?: number | undefined;
  /**
   * Whether a new connection above `maxConnections` replaces the least recently active
   * one, which is closed with 1013.
   * @default false
   */
  readonly lruPurge?: boolean | undefined;
  /**
   * Maximum number of connections of one address (for IPv6, of one /64); above it
   * handshakes get 429 with `Retry-After`. `false` or 0: any number.
   * @default 256
   */
  readonly maxConnectionsPerIp?: number | false | undefined;
  /**
   * Maximum number of handshakes a second of one address (for IPv6, of one /64); above it
   * they get 429 with `Retry-After`. `false` or 0: any number.
   * @default 500
   */
  readonly handshakeRate?: number | false | undefined;
  /**
   * Maximum number of data messages a second of one connection, with bursts of the same size.
   * Above it the frame listener reads more slowly, and the edge listener closes with 1008.
   * `false` or 0: any number.
   * @default false
   */
  readonly messageRate?: number | false | undefined;
  /**
   * Number of threads that share the ports, 1 to 256; more than 1 needs `workerModule`.
   * @default 1
   */
  readonly workers?: number | undefined;
  /**
   * URL of the Redis that connects several instances: `redis://…`, or `rediss://…` for
   * TLS.
   * @default there is one instance
   */
  readonly bus?: string | undefined;
  /**
   * Number of proxies that every request passes, 0 to 16: as many addresses at the end of
   * `X-Forwarded-For` are trusted.
   * @default 0
   */
  readonly trustProxy?: number | undefined;
  /**
   * Whether permessage-deflate (RFC 7692) may be negotiated (frame listener).
   * @default true
   */
  readonly compression?: boolean | undefined;
  /**
   * The sockets of the frame listener's connections without TLS: the runtime's, or system
   * calls through FFI, which need Linux and `--allow-ffi`, a permission for everything.
   * @default "runtime"
   */
  readonly sockets?: "runtime" | "native" | undefined;
  /**
   * Milliseconds without activity until a connection is dropped, with a PING after half of
   * them; `false` or 0: never. Any byte is activity on the frame listener, a
   * complete message or a PONG on the edge listener.
   * @default 30000
   */
  readonly idleTimeout?: number | false | undefined;
  /**
   * Milliseconds without progress of the output until a connection is closed with 1008;
   * `false` or 0: never. On the edge listener only a whole message is progress.
   * @default 120000
   */
  readonly sendTimeout?: number | false | undefined;
  /**
   * Milliseconds from accept to a complete request head (frame listener), and from the 101
   * to the open WebSocket (edge listener).
   * @default 10000
   */
  readonly handshakeTimeout?: number | undefined;
  /**
   * Milliseconds that a client has to answer a CLOSE (RFC 6455 §7.1.1); after them the
   * connection is ended.
   * @default 5000
   */
  readonly closeTimeout?: number | undefined;
  /**
   * Milliseconds that a shutdown waits for clients; then it ends their connections.
   * @default 5000
   */
  readonly shutdownTimeout?: number | undefined;
  /**
   * Milliseconds over which a drain or a shutdown spreads the closes; `false` or 0: all
   * at once.
   * @default false
   */
  readonly drainTime?: number | false | undefined;
}

/** The settings of a server; the others belong to the echo service. */
export const SERVER_SETTINGS = [
  "PORT",
  "FRAME_PORT",
  "HOST",
  "TLS_CERT",
  "TLS_KEY",
  "ALLOWED_ORIGINS",
  "MAX_PAYLOAD",
  "MAX_FRAGMENTS",
  "SEND_BUFFER_LIMIT",
  "MEMORY_LIMIT",
  "MAX_CONNECTIONS",
  "LRU_PURGE",
  "MAX_CONNECTIONS_PER_IP",
  "HANDSHAKE_RATE",
  "MESSAGE_RATE",
  "WORKERS",
  "BUS",
  "TRUST_PROXY",
  "COMPRESSION",
  "SOCKETS",
  "IDLE_TIMEOUT",
  "SEND_TIMEOUT",
  "HANDSHAKE_TIMEOUT",
  "CLOSE_TIMEOUT",
  "SHUTDOWN_TIMEOUT",
  "DRAIN_TIME",
] as const satisfies readonly SettingName[];

/** The names of the options. */
const NAMES: ReadonlySet<string> = new Set(
  SERVER_SETTINGS.map((name) => optionName(name).replace(/\..*/, "")),
);

/**
 * Reads the options.
 *
 * @param options the options; `undefined` counts as unset
 * @throws {OptionsError} an unknown option, or a value that is not allowed
 */
export function readOptions(options: SettingOptions): ServerConfig {
  const unknown = Object.keys(options).find((name) => !NAMES.has(name));
  if (unknown !== undefined) {
    throw new OptionsError(unknown, "is not an option of serve()");
  }
  const { tls } = options;
  if (tls !== undefined && (typeof tls !== "object" || tls === null)) {
    throw new OptionsError("tls", "is not valid; allowed: { cert, key }");
  }
  if (tls !== undefined && !tls.cert) {
    throw new OptionsError("tls.cert", "is missing");
  }
  const values: Readonly<Record<string, unknown>> = {
    ...options,
    "tls.cert": tls?.cert,
    "tls.key": tls?.key,
  };
  const read = <Name extends SettingName>(
    name: Name,
    fallback?: SettingValue<Name>,
  ): SettingValue<Name> => check(name, values[optionName(name)], fallback);
  return serverConfigOf(read, (name, value, other) => {
    const fault = value === undefined
      ? `has to be set where ${optionName(other)} is`
      : `is not valid: ${value}; allowed: another port than ${
        optionName(other)
      }`;
    return new OptionsError(optionName(name), fault);
  });
}

function check<Name extends SettingName>(
  name: Name,
  value: unknown,
  fallback: SettingValue<Name> | undefined,
): SettingValue<Name> {
  if (value === undefined) return fallback ?? defaultOf(name);
  const { kind } = SETTINGS[name];
  const checked = kind.check(value);
  if (checked !== undefined) return checked as SettingValue<Name>;
  const shown = "isSecret" in kind ? "" : `: ${shownValue(value)}`;
  throw new OptionsError(
    optionName(name),
    `is not valid${shown}; allowed: ${kind.allowedOption}`,
  );
}

/** A short text for a message, in one line; of a list or a set the first three items. */
function shownValue(value: unknown): string {
  if (!Array.isArray(value) && !(value instanceof Set)) return shownItem(value);
  const items = [...value];
  const shown = items.slice(0, 3).map(shownItem);
  if (items.length > 3) shown.push("…");
  return `[${shown.join(", ")}]`;
}

function shownItem(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.slice(0, 100));
  const isPrimitive = value === null ||
    typeof value !== "object" && typeof value !== "function";
  return isPrimitive ? String(value) : `a value of type ${typeof value}`;
}
