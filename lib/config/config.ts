/**
 * The service's configuration: the only place that reads the environment.
 *
 * @module
 */

import type { LevelName } from "@std/log";
import { ConfigError } from "./error.ts";
import {
  bus,
  count,
  countOrOff,
  duration,
  durationOrOff,
  hops,
  host,
  type Kind,
  memory,
  oneOf,
  onOrOff,
  origins,
  pathOrOff,
  port,
  portOrOff,
  size,
  threads,
  token,
  tokenOrOff,
} from "./kinds.ts";
import { defaultMemoryLimit } from "../memory/default_limit.ts";
import type { TlsFiles } from "../tls/identity.ts";

/** Everything that can be set from outside. */
export interface Config {
  /** Port of the edge listener. */
  readonly port: number;
  /** Port of the frame listener; `undefined`: it is off. */
  readonly framePort: number | undefined;
  /** Address that the listeners bind to; `::` stands for IPv6 and IPv4. */
  readonly host: string;
  /** Certificate and key; `undefined`: the listeners speak without TLS. */
  readonly tls: TlsFiles | undefined;
  /** What `/auth` asks for. */
  readonly authToken: string;
  /** What the operator's routes ask for; `undefined`: there are none. */
  readonly adminToken: string | undefined;
  /** What `/metrics` asks for; `undefined`: nothing. */
  readonly metricsToken: string | undefined;
  /** Origins that browsers may connect from; `undefined`: any. */
  readonly allowedOrigins: ReadonlySet<string> | undefined;
  /** Bytes of a message. */
  readonly maxPayload: number;
  /** Frames of a message that is put together. */
  readonly maxFragments: number;
  /** Bytes that may wait for a peer that does not read. */
  readonly sendBufferLimit: number;
  /** Bytes that may be held for all clients together. */
  readonly memoryLimit: number;
  /** WebSocket connections at the same time. */
  readonly maxConnections: number;
  /** Threads that share the ports. */
  readonly workers: number;
  /** URL of the Redis where instances meet; `undefined`: there is one instance. */
  readonly bus: string | undefined;
  /** Proxies that every request comes through. */
  readonly trustedProxies: number;
  /** Connections of one address at the same time; 0 any number. */
  readonly connectionsPerAddress: number;
  /** Handshakes of one address a second; 0 any number. */
  readonly handshakeRate: number;
  /** Messages of one connection a second; 0 any number. */
  readonly messageRate: number;
  /** Whether a newcomer gets the place of the peer that was quiet longest. */
  readonly lruPurge: boolean;
  /** Whether permessage-deflate may be agreed on. */
  readonly compression: boolean;
  /** Milliseconds of silence until a peer is dropped; 0 never. */
  readonly idleTimeout: number;
  /** Milliseconds from accept to a complete request head. */
  readonly handshakeTimeout: number;
  /** Milliseconds that a peer has to answer a CLOSE. */
  readonly closeTimeout: number;
  /** Milliseconds that a shutdown waits for peers. */
  readonly shutdownTimeout: number;
  /** Lowest level that is logged. */
  readonly logLevel: LevelName;
  /** How log lines are written. */
  readonly logFormat: "text" | "json";
  /** Whether the runtime sends telemetry, the lines on the console among it. */
  readonly telemetry: boolean;
  /** Whether this is an instance on Deno Deploy. */
  readonly onDeploy: boolean;
}

/** What `/auth` asks for unless `AUTH_TOKEN` says otherwise. */
export const DEFAULT_AUTH_TOKEN = "valid";

/**
 * Reads the configuration. A variable that is unset or empty has its default.
 *
 * @param env looks a variable up
 * @throws {ConfigError} a value that is not allowed
 */
export function readConfig(
  env: (name: string) => string | undefined,
): Config {
  const read = <T>(name: string, kind: Kind<T>, fallback: T): T => {
    const text = lookUp(env, name)?.trim();
    if (text === undefined || text === "") return fallback;
    const value = kind.parse(text);
    if (value === undefined) {
      throw new ConfigError(
        name,
        kind.isSecret ? undefined : text,
        kind.allowed,
      );
    }
    return value;
  };
  const onDeploy = Boolean(lookUp(env, "DENO_DEPLOYMENT_ID"));
  const framePort = read("FRAME_PORT", portOrOff, 8001);
  const allowed = read("ALLOWED_ORIGINS", origins, "any");
  const meeting = read("BUS", bus, "local");
  return {
    port: read("PORT", port, 8000),
    framePort: framePort === "off" || onDeploy ? undefined : framePort,
    host: read("HOST", host, "::"),
    tls: onDeploy ? undefined : tlsFiles(
      read("TLS_CERT", pathOrOff, ""),
      read("TLS_KEY", pathOrOff, ""),
    ),
    authToken: read("AUTH_TOKEN", token, DEFAULT_AUTH_TOKEN),
    adminToken: read("ADMIN_TOKEN", tokenOrOff, "") || undefined,
    metricsToken: read("METRICS_TOKEN", tokenOrOff, "") || undefined,
    allowedOrigins: allowed === "any" ? undefined : allowed,
    maxPayload: read("MAX_PAYLOAD", size, 16 * 2 ** 20),
    maxFragments: read("MAX_FRAGMENTS", count, 131_072),
    sendBufferLimit: read("SEND_BUFFER_LIMIT", size, 16 * 2 ** 20),
    memoryLimit: read("MEMORY_LIMIT", memory, 0) || defaultMemoryLimit(),
    maxConnections: read("MAX_CONNECTIONS", count, 10_000),
    workers: onDeploy ? 1 : read("WORKERS", threads, 1),
    bus: meeting === "local" ? undefined : meeting,
    trustedProxies: read("TRUST_PROXY", hops, 0),
    connectionsPerAddress: read("MAX_CONNECTIONS_PER_IP", countOrOff, 256),
    handshakeRate: read("HANDSHAKE_RATE", countOrOff, 500),
    messageRate: read("MESSAGE_RATE", countOrOff, 0),
    lruPurge: read("LRU_PURGE", onOrOff, false),
    compression: read("COMPRESSION", onOrOff, true),
    idleTimeout: read("IDLE_TIMEOUT", durationOrOff, 30_000),
    handshakeTimeout: read("HANDSHAKE_TIMEOUT", duration, 10_000),
    closeTimeout: read("CLOSE_TIMEOUT", duration, 5_000),
    shutdownTimeout: read("SHUTDOWN_TIMEOUT", duration, 5_000),
    logLevel: read(
      "LOG_LEVEL",
      oneOf("DEBUG", "INFO", "WARN", "ERROR"),
      "INFO",
    ),
    logFormat: read("LOG_FORMAT", oneOf("text", "json"), "text"),
    telemetry: ["true", "1"].includes(lookUp(env, "OTEL_DENO") ?? ""),
    onDeploy,
  };
}

/** A variable that may not be read, or is no text, is to blame for its error. */
function lookUp(
  env: (name: string) => string | undefined,
  name: string,
): string | undefined {
  try {
    return env(name);
  } catch (error) {
    // The runtime's own message for text that is not UTF-8 shows a secret's bytes.
    const fault = error instanceof Deno.errors.NotCapable
      ? error.message
      : "it has to be UTF-8";
    throw new ConfigError(name, undefined, fault);
  }
}

/** The key may be in the certificate's file. */
function tlsFiles(cert: string, key: string): TlsFiles | undefined {
  if (cert !== "") return { cert, key: key === "" ? cert : key };
  if (key === "") return undefined;
  throw new ConfigError(
    "TLS_CERT",
    undefined,
    "it has to be set where TLS_KEY is",
  );
}
