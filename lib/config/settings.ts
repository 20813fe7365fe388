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
  /** Computes the default of this machine; unset: the default is the text's value. */
  readonly machineDefault?: () => T;
}

/** The settings by their variables, in the order of `lib/config/README.md`. */
export const SETTINGS = {
  PORT: setting(port, "8000"),
  FRAME_PORT: setting(portOrOff, "8001"),
  HOST: setting(host, "::"),
  TLS_CERT: setting(pathOrOff, "off"),
  TLS_KEY: setting(pathOrOff, "off"),
  AUTH_TOKEN: setting(token, "valid"),
  METRICS_TOKEN: setting(tokenOrOff, "off"),
  ADMIN_TOKEN: setting(tokenOrOff, "off"),
  MISBEHAVIOUR: setting(onOrOff, "on"),
  ALLOWED_ORIGINS: setting(origins, "*"),
  MAX_PAYLOAD: setting(size, "16MiB"),
  MAX_FRAGMENTS: setting(count, "131072"),
  SEND_BUFFER_LIMIT: setting(size, "16MiB"),
  MEMORY_LIMIT: {
    ...setting(memory, "512MiB"),
    // Less on a machine with less than 1 GiB.
    machineDefault: () => defaultMemoryLimit(),
  },
  MAX_CONNECTIONS: setting(count, "10000"),
  LRU_PURGE: setting(onOrOff, "off"),
  MAX_CONNECTIONS_PER_IP: setting(countOrOff, "256"),
  HANDSHAKE_RATE: setting(countOrOff, "500"),
  MESSAGE_RATE: setting(countOrOff, "off"),
  WORKERS: setting(threads, "1"),
  BUS: setting(bus, "local"),
  TRUST_PROXY: setting(hops, "0"),
  COMPRESSION: setting(onOrOff, "on"),
  SOCKETS: setting(oneOf("runtime", "native"), "runtime"),
  IDLE_TIMEOUT: setting(durationOrOff, "30"),
  SEND_TIMEOUT: setting(durationOrOff, "120"),
  HANDSHAKE_TIMEOUT: setting(duration, "10"),
  CLOSE_TIMEOUT: setting(duration, "5"),
  SHUTDOWN_TIMEOUT: setting(duration, "5"),
  LOG_LEVEL: setting(oneOf("DEBUG", "INFO", "WARN", "ERROR"), "INFO"),
  LOG_FORMAT: setting(oneOf("text", "json"), "text"),
} as const;

/** The variable of a setting. */
export type SettingName = keyof typeof SETTINGS;

/** The value of a setting. */
export type SettingValue<Name extends SettingName> =
  (typeof SETTINGS)[Name] extends Setting<infer T> ? T : never;

/** Variables that the runtime or its platform defines, and the service reads. */
export const RUNTIME_VARIABLES = ["OTEL_DENO", "DENO_DEPLOYMENT_ID"] as const;

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

function setting<T>(kind: SettingKind<T>, text: string): Setting<T> {
  return { kind, default: text };
}
