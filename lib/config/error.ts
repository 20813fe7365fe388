/**
 * The error for an invalid setting.
 *
 * @module
 */

/**
 * A setting has an invalid value.
 *
 * @example
 * ```ts
 * import { ConfigError, readConfig } from "@ws-echo/server";
 * import { assertThrows } from "@std/assert";
 *
 * assertThrows(
 *   () => readConfig((name) => name === "PORT" ? "http" : undefined),
 *   ConfigError,
 *   'PORT="http" is not valid',
 * );
 * ```
 */
export class ConfigError extends Error {
  /** The class's name. */
  override readonly name = "ConfigError";

  /**
   * Writes the message, which is one line.
   *
   * @param variable the variable of the setting
   * @param value its text; `undefined` for a secret
   * @param allowed the values that are allowed
   */
  constructor(variable: string, value: string | undefined, allowed: string) {
    const shown = value === undefined ? "" : `=${quoted(value)}`;
    super(`${variable}${shown} is not valid: ${allowed}`);
  }
}

/** Escapes DEL, the C1 and bidirectional controls too, which JSON does not and a terminal obeys. */
function quoted(value: string): string {
  return JSON.stringify(value).replace(
    /[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) =>
      `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
