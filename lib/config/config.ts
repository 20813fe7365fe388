/**
 * The configuration of the service, read from the environment by the table of settings.
 *
 * @module
 */

import { defaultMemoryLimit } from "../memory/default_limit.ts";
import type { TlsFiles } from "../tls/identity.ts";
import { ConfigError } from "./error.ts";
import type { Kind } from "./kinds.ts";
import {
  type Env,
  type RUNTIME_VARIABLES,
  type SettingName,
  SETTINGS,
  type SettingValue,
} from "./settings.ts";

/** The configuration of the service. */
export interface Config {
  /** Port of the edge listener. */
  readonly port: number;
  /** Port of the frame listener; `undefined`: the frame listener is off. */
  readonly framePort: number | undefined;
  /** Address that the listeners bind to; `::` stands for IPv6 and IPv4. */
  readonly host: string;
  /** Certificate and key; `undefined`: no TLS. */
  readonly tls: TlsFiles | undefined;
  /** Token that `/auth` requires. */
  readonly authToken: string;
  /** Token that the admin API requires; `undefined`: there is no admin API. */
  readonly adminToken: string | undefined;
  /** Token that `/metrics` requires; `undefined`: none. */
  readonly metricsToken: string | undefined;
  /** Origins that browsers may connect from; `undefined`: any. */
  readonly allowedOrigins: ReadonlySet<string> | undefined;
  /** Maximum size of a message in bytes. */
  readonly maxPayload: number;
  /** Maximum number of frames in a message that is assembled. */
  readonly maxFragments: number;
  /** Bytes that may wait for a client that does not read. */
  readonly sendBufferLimit: number;
  /** Bytes that may be held for all clients together. */
  readonly memoryLimit: number;
  /** WebSocket connections at the same time. */
  readonly maxConnections: number;
  /** Threads that share the ports. */
  readonly workers: number;
  /** URL of the Redis that connects the instances; `undefined`: there is one instance. */
  readonly bus: string | undefined;
  /** Proxies that every request passes. */
  readonly trustedProxies: number;
  /** Connections of one address at the same time; 0: any number. */
  readonly connectionsPerAddress: number;
  /** Handshakes of one address a second; 0: any number. */
  readonly handshakeRate: number;
  /** Messages of one connection a second; 0: any number. */
  readonly messageRate: number;
  /** Whether a new connection above the limit replaces the least recently active one. */
  readonly lruPurge: boolean;
  /** Whether permessage-deflate may be negotiated. */
  readonly compression: boolean;
  /** Milliseconds without activity until a connection is dropped; 0: never. */
  readonly idleTimeout: number;
  /** Milliseconds from accept to a complete request head. */
  readonly handshakeTimeout: number;
  /** Milliseconds that a client has to answer a CLOSE. */
  readonly closeTimeout: number;
  /** Milliseconds that a shutdown waits for clients. */
  readonly shutdownTimeout: number;
  /** Lowest level that is logged. */
  readonly logLevel: SettingValue<"LOG_LEVEL">;
  /** Format of log lines. */
  readonly logFormat: SettingValue<"LOG_FORMAT">;
  /** Whether the runtime sends telemetry, which includes the lines on the console. */
  readonly telemetry: boolean;
  /** Whether this is an instance on Deno Deploy. */
  readonly onDeploy: boolean;
}

/**
 * Reads the configuration. A variable that is unset or empty has its default.
 *
 * @param env looks a variable up
 * @throws {ConfigError} a value that is not allowed
 */
export function readConfig(env: Env): Config {
  const textOf = (name: SettingName) => lookUp(env, name)?.trim() ?? "";
  const read = <Name extends SettingName>(name: Name) => {
    const { kind, default: fallback } = SETTINGS[name];
    return parse(
      name,
      kind as Kind<SettingValue<Name>>,
      textOf(name),
      fallback,
    );
  };
  const onDeploy = Boolean(lookUp(env, "DENO_DEPLOYMENT_ID"));
  const port = read("PORT");
  const framePort = read("FRAME_PORT");
  if (port !== 0 && port === framePort && !onDeploy) {
    throw new ConfigError("FRAME_PORT", `${port}`, "PORT has the same value");
  }
  const allowed = read("ALLOWED_ORIGINS");
  const bus = read("BUS");
  const memoryLimit = read("MEMORY_LIMIT");
  return {
    port,
    framePort: framePort === "off" || onDeploy ? undefined : framePort,
    host: read("HOST"),
    tls: onDeploy ? undefined : tlsFiles(read("TLS_CERT"), read("TLS_KEY")),
    authToken: read("AUTH_TOKEN"),
    adminToken: read("ADMIN_TOKEN") || undefined,
    metricsToken: read("METRICS_TOKEN") || undefined,
    allowedOrigins: allowed === "any" ? undefined : allowed,
    maxPayload: read("MAX_PAYLOAD"),
    maxFragments: read("MAX_FRAGMENTS"),
    sendBufferLimit: read("SEND_BUFFER_LIMIT"),
    memoryLimit: textOf("MEMORY_LIMIT") === ""
      ? defaultMemoryLimit()
      : memoryLimit,
    maxConnections: read("MAX_CONNECTIONS"),
    workers: onDeploy ? 1 : read("WORKERS"),
    bus: bus === "local" ? undefined : bus,
    trustedProxies: read("TRUST_PROXY"),
    connectionsPerAddress: read("MAX_CONNECTIONS_PER_IP"),
    handshakeRate: read("HANDSHAKE_RATE"),
    messageRate: read("MESSAGE_RATE"),
    lruPurge: read("LRU_PURGE"),
    compression: read("COMPRESSION"),
    idleTimeout: read("IDLE_TIMEOUT"),
    handshakeTimeout: read("HANDSHAKE_TIMEOUT"),
    closeTimeout: read("CLOSE_TIMEOUT"),
    shutdownTimeout: read("SHUTDOWN_TIMEOUT"),
    logLevel: read("LOG_LEVEL"),
    logFormat: read("LOG_FORMAT"),
    telemetry: ["true", "1"].includes(lookUp(env, "OTEL_DENO") ?? ""),
    onDeploy,
  };
}

function parse<T>(
  name: SettingName,
  kind: Kind<T>,
  text: string,
  fallback: string,
): T {
  const value = kind.parse(text || fallback);
  if (value !== undefined) return value;
  throw new ConfigError(name, kind.isSecret ? undefined : text, kind.allowed);
}

/**
 * Reads a variable.
 *
 * @throws {ConfigError} a variable that the process may not read, or that is not UTF-8
 */
function lookUp(
  env: Env,
  name: SettingName | (typeof RUNTIME_VARIABLES)[number],
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

/** The certificate's file may contain the key. */
function tlsFiles(cert: string, key: string): TlsFiles | undefined {
  if (cert !== "") return { cert, key: key === "" ? cert : key };
  if (key === "") return undefined;
  throw new ConfigError(
    "TLS_CERT",
    undefined,
    "it has to be set where TLS_KEY is",
  );
}
