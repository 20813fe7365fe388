/**
 * Errors that name settings. A setting has two names: its variable in the environment,
 * and its option of `serve()`.
 *
 * @module
 */

/** Returns a name of a setting: its variable, or its option. */
export type NameOf = (variable: string) => string;

/** A message, or a function that writes it with the names of options or of variables. */
export type SettingMessage = string | ((nameOf: NameOf) => string);

/**
 * Returns the name of a setting's option.
 *
 * @param variable the name of its variable
 */
export function optionName(variable: string): string {
  if (variable === "TLS_CERT" || variable === "TLS_KEY") {
    return variable.toLowerCase().replace("_", ".");
  }
  return variable.toLowerCase().replace(
    /_(.)/g,
    (_, letter) => letter.toUpperCase(),
  );
}

/**
 * An error whose message names settings by their options.
 *
 * @example
 * ```ts
 * import { serve, SettingError } from "@ws-echo/server";
 * import { assertMatch, assertRejects } from "@std/assert";
 *
 * const error = await assertRejects(
 *   () => serve({ routes: {}, port: 0, tls: { cert: "missing.pem" } }),
 *   SettingError,
 * );
 * assertMatch(error.message, /^tls\.cert/);
 * assertMatch(error.variableMessage, /^TLS_CERT/);
 * ```
 */
export class SettingError extends Error {
  /** The message with variables instead of options, for a service. */
  readonly variableMessage: string;

  /**
   * Writes both messages, one line each.
   *
   * @param message the message
   * @param options the cause
   */
  constructor(message: SettingMessage, options?: ErrorOptions) {
    super(messageOf(message, optionName), options);
    this.variableMessage = messageOf(message, (variable) => variable);
  }
}

/**
 * Writes a message.
 *
 * @param message a text, or a function that writes it
 * @param nameOf returns the name of a setting
 */
export function messageOf(message: SettingMessage, nameOf: NameOf): string {
  return typeof message === "string" ? message : message(nameOf);
}
