/**
 * The table of settings: every environment variable that the service reads, its kind
 * and its default.
 *
 * @module
 */

import {
  bus,
  count,
  countOrOff,
  duration,
  durationOrOff,
  hops,
  host,
  memory,
  oneOf,
  onOrOff,
  origins,
  pathOrOff,
  port,
  portOrOff,
  type SettingKind,
  size,
  threads,
  token,
  tokenOrOff,
} from "./kinds.ts";
import { defaultMemoryLimit } from "../memory/default_limit.ts";

/**
 * Looks a variable of the environment up; `undefined`: it is not set.
 *
 * @example
 * ```ts
 * import { type Env, readConfig } from "@ws-echo/server";
 * import { assertEquals } from "@std/assert";
 *
 * const variables: Record<string, string> = { MAX_PAYLOAD: "1MiB" };
 * const env: Env = (name) => variables[name]; // a program passes Deno.env.get
 * assertEquals(readConfig(env).maxPayload, 2 ** 20);
 * ```
 */
export type Env = (name: string) => string | undefined;

/** One setting. */
export interface Setting<T> {
  /** The values that the variable may have. */
  readonly kind: SettingKind<T>;
  /** The variable's text where it is unset or empty. */
  readonly default: string;
  /** What it sets, with the unit, for `--help` and `lib/config/README.md`. */
  readonly meaning: string;
  /** Computes the default of this machine; unset: the default is the text's value. */
  readonly machineDefault?: () => T;
}

/** The settings by their variables, in the order of `lib/config/README.md`. */
export const SETTINGS = {
  PORT: setting(
    port,
    "8000",
    "Port of the edge listener; 0 takes a free port.",
  ),
  FRAME_PORT: setting(
    portOrOff,
    "8001",
    "Port of the frame listener, or `off`; with `PORT=0` a free port is the default.",
  ),
  HOST: setting(
    host,
    "::",
    "Address of both listeners. `::` is every address, IPv6 and IPv4 (`0.0.0.0` on a machine without IPv6).",
  ),
  TLS_CERT: setting(
    pathOrOff,
    "off",
    "Path of the certificate chain in PEM.",
  ),
  TLS_KEY: setting(
    pathOrOff,
    "off",
    "Path of the private key in PEM; if unset, the file of the certificate contains the key.",
  ),
  AUTH_TOKEN: setting(
    token,
    "valid",
    "Token for `/auth`. Set it: the start logs a warning while it is the default.",
  ),
  METRICS_TOKEN: setting(
    tokenOrOff,
    "off",
    "Token for `/metrics` and the figures of the console, as `Authorization: Bearer`; `off`: both are public.",
  ),
  ADMIN_TOKEN: setting(
    tokenOrOff,
    "off",
    "Token for the admin API of sessions; `off`: there is no admin API.",
  ),
  MISBEHAVIOUR: setting(
    onOrOff,
    "on",
    "Whether clients may request misbehaviour; `off` removes `/do`, `/fault`, `/faults`, `/journal`, `/channel`, `/stash`, the conformance cases and the query of `/ws`.",
  ),
  ALLOWED_ORIGINS: setting(
    origins,
    "*",
    "Origins that may connect, separated by commas: of pages, apps or extensions (`capacitor://localhost`), and `null`, which any site can send.",
  ),
  MAX_PAYLOAD: setting(
    size,
    "16MiB",
    "Maximum size of a message; a longer message closes with 1009.",
  ),
  MAX_FRAGMENTS: setting(
    count,
    "131072",
    "Maximum number of frames in a message (frame listener); more close with 1008.",
  ),
  SEND_BUFFER_LIMIT: setting(
    size,
    "16MiB",
    "Maximum of the data that waits for a client that does not read; above it the next send closes with 1008.",
  ),
  MEMORY_LIMIT: {
    ...setting(
      memory,
      "512MiB",
      "Maximum of the memory held for all clients. The default is half of the memory of the machine or its container if that is less.",
    ),
    // Less on a machine with less than 1 GiB.
    machineDefault: () => defaultMemoryLimit(),
  },
  MAX_CONNECTIONS: setting(
    count,
    "10000",
    "Maximum number of WebSocket connections; above it 503 with `Retry-After`.",
  ),
  LRU_PURGE: setting(
    onOrOff,
    "off",
    "`on`: above `MAX_CONNECTIONS` the least recently active connection is closed with 1013, and the new connection is accepted.",
  ),
  MAX_CONNECTIONS_PER_IP: setting(
    countOrOff,
    "256",
    "Maximum number of connections of one address, or `off`; above it 429 with `Retry-After`.",
  ),
  HANDSHAKE_RATE: setting(
    countOrOff,
    "500",
    "Maximum number of handshakes a second of one address, or `off`; above it 429 with `Retry-After`.",
  ),
  MESSAGE_RATE: setting(
    countOrOff,
    "off",
    "Maximum number of data messages a second of one connection, with bursts of the same size; above it the frame listener reads more slowly and the edge listener closes with 1008.",
  ),
  WORKERS: setting(
    threads,
    "1",
    "Number of threads, from 1 to 256.",
  ),
  BUS: setting(
    bus,
    "local",
    "`redis://…` or `rediss://…`: the Redis that connects several instances.",
  ),
  TRUST_PROXY: setting(
    hops,
    "0",
    "Number of proxies that every request passes: as many addresses at the end of `X-Forwarded-For` are trusted.",
  ),
  COMPRESSION: setting(
    onOrOff,
    "on",
    "Whether permessage-deflate may be negotiated (frame listener).",
  ),
  SOCKETS: setting(
    oneOf("runtime", "native"),
    "runtime",
    "`native`: the frame listener uses system calls for connections without TLS. Needs Linux, and a permission that permits everything (`--allow-ffi`).",
  ),
  IDLE_TIMEOUT: setting(
    durationOrOff,
    "30",
    "Time without activity until a connection is dropped, with a PING after half of it; `off`: never.",
  ),
  SEND_TIMEOUT: setting(
    durationOrOff,
    "120",
    "Time without progress of the data that waits for a client until the connection is closed with 1008, up to an eighth later; `off`: never. On the edge listener only a whole message is progress.",
  ),
  HANDSHAKE_TIMEOUT: setting(
    duration,
    "10",
    "Time from accept to a complete request head (frame listener).",
  ),
  CLOSE_TIMEOUT: setting(
    duration,
    "5",
    "Time that a client has to answer a CLOSE.",
  ),
  SHUTDOWN_TIMEOUT: setting(
    duration,
    "5",
    "Time that a shutdown waits for clients.",
  ),
  DRAIN_TIME: setting(
    durationOrOff,
    "off",
    "Time over which a drain or a shutdown spreads the closes; `off`: all at once. A shutdown then takes up to this time and SHUTDOWN_TIMEOUT.",
  ),
  LOG_LEVEL: setting(
    oneOf("DEBUG", "INFO", "WARN", "ERROR"),
    "INFO",
    "`DEBUG`, `INFO`, `WARN` or `ERROR`. Connections are INFO, messages are DEBUG.",
  ),
  LOG_FORMAT: setting(
    oneOf("text", "json"),
    "text",
    "`text` as in ESP-IDF, or `json` with one object per line.",
  ),
} as const;

/** The variable of a setting. */
export type SettingName = keyof typeof SETTINGS;

/** The value of a setting. */
export type SettingValue<Name extends SettingName> =
  (typeof SETTINGS)[Name] extends Setting<infer T> ? T : never;

/** Variables that the runtime or its platform defines, and the service reads. */
export const RUNTIME_VARIABLES = [
  "OTEL_DENO",
  "DENO_DEPLOYMENT_ID",
  "DENO_DEPLOY",
] as const;

/**
 * Returns the name of a setting's option on the command line, without its dashes.
 *
 * @param name the variable
 */
export function optionOf(name: SettingName): string {
  return name.toLowerCase().replaceAll("_", "-");
}

/** All variables that the service reads. */
export const VARIABLES: readonly string[] = [
  ...Object.keys(SETTINGS),
  ...RUNTIME_VARIABLES,
];

/**
 * Returns the default of a setting.
 *
 * @param name the variable
 */
export function defaultOf<Name extends SettingName>(
  name: Name,
): SettingValue<Name> {
  const { kind, default: text, machineDefault } = SETTINGS[name] as Setting<
    SettingValue<Name>
  >;
  return machineDefault?.() ?? kind.parse(text)!;
}

function setting<T>(
  kind: SettingKind<T>,
  text: string,
  meaning: string,
): Setting<T> {
  return { kind, default: text, meaning };
}
