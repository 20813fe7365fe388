/**
 * The settings on Deno Deploy: the platform chooses the address, has TLS and instances of
 * its own, and passes on HTTP only.
 *
 * @module
 */

import { ConfigError } from "./error.ts";
import type { SettingName, SettingValue } from "./settings.ts";

/** A setting that the platform decides about. */
interface DeploySetting<T> {
  /** The value on the platform. */
  readonly value: T;
  /**
   * Whether another value can be used.
   * @default none can
   */
  readonly allows?: (value: T) => boolean;
  /** Why other values are refused. */
  readonly reason: string;
}

const TLS = "Deno Deploy has the certificate: unset it";

/** Milliseconds: the platform kills the process 5 seconds after its SIGINT. */
const SHUTDOWN_TIMEOUT = 4000;

/** The settings that the platform decides about. */
const DEPLOY_SETTINGS: {
  readonly [Name in SettingName]?: DeploySetting<SettingValue<Name>>;
} = {
  FRAME_PORT: {
    value: false,
    reason: "Deno Deploy passes on HTTP only: unset it, or set it to off",
  },
  HOST: {
    value: "0.0.0.0",
    allows: (host) => host === "::",
    reason: "Deno Deploy chooses the address: unset it",
  },
  TLS_CERT: { value: "", reason: TLS },
  TLS_KEY: { value: "", reason: TLS },
  WORKERS: {
    value: 1,
    reason: "Deno Deploy starts instances, not threads: unset it",
  },
  SHUTDOWN_TIMEOUT: {
    value: SHUTDOWN_TIMEOUT,
    allows: (time) => time <= SHUTDOWN_TIMEOUT,
    reason:
      "Deno Deploy kills the process 5 seconds after its signal: 4 at most",
  },
  DRAIN_TIME: {
    value: 0,
    reason:
      "Deno Deploy kills the process 5 seconds after its signal: unset it",
  },
};

/** Whether the process runs on Deno Deploy, by the variables that the platform sets. */
export function isOnDeploy(
  deploymentId: string | undefined,
  deploy: string | undefined,
): boolean {
  return Boolean(deploymentId) || deploy === "true" || deploy === "1";
}

/**
 * Returns the value of a setting on Deno Deploy.
 *
 * @param name the setting
 * @param text its text; `""`: it is not set
 * @param value its value, or its default
 * @throws {ConfigError} a value that cannot be used there
 */
export function valueOnDeploy<Name extends SettingName>(
  name: Name,
  text: string,
  value: SettingValue<Name>,
): SettingValue<Name> {
  const setting = DEPLOY_SETTINGS[name] as
    | DeploySetting<SettingValue<Name>>
    | undefined;
  if (setting === undefined) return value;
  if (text === "" || value === setting.value) return setting.value;
  if (setting.allows?.(value)) return value;
  throw new ConfigError(name, text, setting.reason);
}
