/**
 * The part of the configuration that a server has, composed of its settings.
 *
 * @module
 */

import type { TlsFiles } from "../tls/identity.ts";
import type { SettingName, SettingValue } from "./settings.ts";

/**
 * The configuration of a server. `SettingOptions` has the defaults, and says what happens
 * above each limit.
 *
 * @example
 * ```ts
 * import { readConfig, type ServerConfig } from "@ws-echo/server";
 * import { assertEquals } from "@std/assert";
 *
 * const config: ServerConfig = readConfig((name) =>
 *   name === "IDLE_TIMEOUT" ? "2.5" : undefined
 * );
 * assertEquals(config.idleTimeout, 2500);
 * assertEquals(config.maxPayload, 16 * 2 ** 20);
 * ```
 */
export interface ServerConfig {
  /** Port of the edge listener. */
  readonly port: number;
  /** Port of the frame listener; `false`: the frame listener is off. */
  readonly framePort: number | false;
  /** Address that the listeners bind to; `::` stands for IPv6 and IPv4. */
  readonly host: string;
  /** Certificate and key; `undefined`: no TLS. */
  readonly tls: TlsFiles | undefined;
  /** Origins that browsers may connect from; `undefined`: any. */
  readonly allowedOrigins: ReadonlySet<string> | undefined;
  /** Maximum bytes of a message after inflating. */
  readonly maxPayload: number;
  /** Maximum number of frames in a message that is assembled. */
  readonly maxFragments: number;
  /** Maximum bytes that wait for a client that does not read. */
  readonly sendBufferLimit: number;
  /** Maximum bytes held for all clients together. */
  readonly memoryLimit: number;
  /** Maximum number of WebSocket connections. */
  readonly maxConnections: number;
  /** Whether a new connection above the limit replaces the least recently active one. */
  readonly lruPurge: boolean;
  /** Maximum number of connections of one address; 0: any number. */
  readonly maxConnectionsPerIp: number;
  /** Maximum number of handshakes a second of one address; 0: any number. */
  readonly handshakeRate: number;
  /** Maximum number of messages a second of one connection; 0: any number. */
  readonly messageRate: number;
  /** Number of threads that share the ports. */
  readonly workers: number;
  /** URL of the Redis that connects the instances; `undefined`: there is one instance. */
  readonly bus: string | undefined;
  /** Number of proxies that every request passes. */
  readonly trustProxy: number;
  /** Whether permessage-deflate (RFC 7692) may be negotiated. */
  readonly compression: boolean;
  /** The sockets of the frame listener's connections without TLS. */
  readonly sockets: "runtime" | "native";
  /** Milliseconds without activity until a connection is dropped; 0: never. */
  readonly idleTimeout: number;
  /** Milliseconds without progress of the output until a connection is closed; 0: never. */
  readonly sendTimeout: number;
  /** Milliseconds from accept to a complete request head. */
  readonly handshakeTimeout: number;
  /** Milliseconds that a client has to answer a CLOSE. */
  readonly closeTimeout: number;
  /** Milliseconds that a shutdown waits for clients. */
  readonly shutdownTimeout: number;
  /** Milliseconds over which a drain or a shutdown spreads the closes; 0: all at once. */
  readonly drainTime: number;
}

/** Gets the value of a setting; `fallback` replaces its default. */
export type ReadSetting = <Name extends SettingName>(
  name: Name,
  fallback?: SettingValue<Name>,
) => SettingValue<Name>;

/**
 * Makes the error for a setting that does not go with another one.
 *
 * @param name the setting
 * @param value its text; `undefined`: it is not set, and has to be where the other one is
 * @param other the other setting, which has the same value or needs this one
 */
export type SettingFault = (
  name: SettingName,
  value: string | undefined,
  other: SettingName,
) => Error;

/**
 * Composes the configuration of a server.
 *
 * @param read gets the value of each setting; called in the order of the table
 * @param fault makes the error for settings that exclude each other
 */
export function serverConfigOf(
  read: ReadSetting,
  fault: SettingFault,
): ServerConfig {
  const port = read("PORT");
  // A free port for one listener asks for a free port for the other.
  const framePort = read("FRAME_PORT", port === 0 ? 0 : undefined);
  if (port !== 0 && port === framePort) {
    throw fault("FRAME_PORT", `${port}`, "PORT");
  }
  const allowed = read("ALLOWED_ORIGINS");
  const bus = read("BUS");
  return {
    port,
    framePort,
    host: read("HOST"),
    tls: tlsFiles(read("TLS_CERT"), read("TLS_KEY"), fault),
    allowedOrigins: allowed === "any" ? undefined : allowed,
    maxPayload: read("MAX_PAYLOAD"),
    maxFragments: read("MAX_FRAGMENTS"),
    sendBufferLimit: read("SEND_BUFFER_LIMIT"),
    memoryLimit: read("MEMORY_LIMIT"),
    maxConnections: read("MAX_CONNECTIONS"),
    lruPurge: read("LRU_PURGE"),
    maxConnectionsPerIp: read("MAX_CONNECTIONS_PER_IP"),
    handshakeRate: read("HANDSHAKE_RATE"),
    messageRate: read("MESSAGE_RATE"),
    workers: read("WORKERS"),
    bus: bus === "local" ? undefined : bus,
    trustProxy: read("TRUST_PROXY"),
    compression: read("COMPRESSION"),
    sockets: read("SOCKETS"),
    idleTimeout: read("IDLE_TIMEOUT"),
    sendTimeout: read("SEND_TIMEOUT"),
    handshakeTimeout: read("HANDSHAKE_TIMEOUT"),
    closeTimeout: read("CLOSE_TIMEOUT"),
    shutdownTimeout: read("SHUTDOWN_TIMEOUT"),
    drainTime: read("DRAIN_TIME"),
  };
}

/** The certificate's file may contain the key. */
function tlsFiles(
  cert: string,
  key: string,
  fault: SettingFault,
): TlsFiles | undefined {
  if (cert !== "") return { cert, key: key === "" ? cert : key };
  if (key === "") return undefined;
  throw fault("TLS_CERT", undefined, "TLS_KEY");
}
