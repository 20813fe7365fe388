/**
 * The configuration of the service, read from the environment by the table of settings.
 *
 * @module
 */

import { wrongArgument } from "../errors/argument.ts";
import { isOnDeploy, valueOnDeploy } from "./deploy.ts";
import { ConfigError } from "./error.ts";
import { type ServerConfig, serverConfigOf } from "./server_config.ts";
import {
  defaultOf,
  type Env,
  type RUNTIME_VARIABLES,
  type SettingName,
  SETTINGS,
  type SettingValue,
} from "./settings.ts";

/**
 * The configuration of the echo service: that of its server, its tokens and its log.
 *
 * @example
 * ```ts
 * import { type Config, readConfig } from "@ws-echo/server";
 * import { assertEquals } from "@std/assert";
 *
 * const config: Config = readConfig((name) =>
 *   name === "LOG_FORMAT" ? "json" : undefined
 * );
 * assertEquals(config.logFormat, "json");
 * assertEquals(config.adminToken, undefined);
 * ```
 */
export interface Config extends ServerConfig {
  /**
   * Token that `/auth` requires.
   * @default "valid"
   */
  readonly authToken: string;
  /** Token that the admin API requires; `undefined`: there is no admin API. */
  readonly adminToken: string | undefined;
  /** Token that `/metrics` requires; `undefined`: none. */
  readonly metricsToken: string | undefined;
  /** Whether clients may request misbehaviour by path and query. */
  readonly misbehaviour: boolean;
  /**
   * Lowest level that is logged.
   * @default "INFO"
   */
  readonly logLevel: "DEBUG" | "INFO" | "WARN" | "ERROR";
  /**
   * Format of log lines.
   * @default "text"
   */
  readonly logFormat: "text" | "json";
  /** Whether the runtime sends telemetry, which includes the lines on the console. */
  readonly telemetry: boolean;
  /** Whether this is an instance on Deno Deploy. */
  readonly onDeploy: boolean;
}

/**
 * Reads the configuration. A variable that is unset or empty has its default.
 *
 * @param env looks a variable up
 * @throws {ConfigError} a value that is not allowed, or not on Deno Deploy
 * @throws {TypeError} `env` is no function
 *
 * @example
 * ```ts
 * import { readConfig } from "@ws-echo/server";
 * import { assertEquals } from "@std/assert";
 *
 * const { port, host } = readConfig((name) =>
 *   name === "PORT" ? "80" : undefined
 * );
 * assertEquals([port, host], [80, "::"]);
 * ```
 */
export function readConfig(env: Env): Config {
  if (typeof env !== "function") {
    throw wrongArgument("env", "a function that looks a variable up", env);
  }
  const onDeploy = isOnDeploy(
    lookUp(env, "DENO_DEPLOYMENT_ID"),
    lookUp(env, "DENO_DEPLOY"),
  );
  const read = <Name extends SettingName>(
    name: Name,
    fallback?: SettingValue<Name>,
  ): SettingValue<Name> => {
    const text = lookUp(env, name)?.trim() ?? "";
    const value = parse(name, text, fallback);
    return onDeploy ? valueOnDeploy(name, text, value) : value;
  };
  return {
    ...serverConfigOf(read, (name, value, other) => {
      const fault = value === undefined
        ? `it has to be set where ${other} is`
        : `${other} has the same value`;
      return new ConfigError(name, value, fault);
    }),
    authToken: read("AUTH_TOKEN"),
    adminToken: read("ADMIN_TOKEN") || undefined,
    metricsToken: read("METRICS_TOKEN") || undefined,
    misbehaviour: read("MISBEHAVIOUR"),
    logLevel: read("LOG_LEVEL"),
    logFormat: read("LOG_FORMAT"),
    telemetry: ["true", "1"].includes(lookUp(env, "OTEL_DENO") ?? ""),
    onDeploy,
  };
}

function parse<Name extends SettingName>(
  name: Name,
  text: string,
  fallback: SettingValue<Name> | undefined,
): SettingValue<Name> {
  if (text === "") return fallback ?? defaultOf(name);
  const { kind } = SETTINGS[name];
  const value = kind.parse(text);
  if (value !== undefined) return value as SettingValue<Name>;
  throw new ConfigError(
    name,
    "isSecret" in kind ? undefined : text,
    kind.allowed,
  );
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
