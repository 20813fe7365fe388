/**
 * The error for a variable that cannot be used.
 *
 * @module
 */

/** A variable has a value that cannot be used. */
export class ConfigError extends Error {
  /** The class's name. */
  override readonly name = "ConfigError";

  /**
   * Writes the one line that an operator needs.
   *
   * @param variable its name
   * @param value what it holds; nothing where that is a secret
   * @param allowed what it may hold
   */
  constructor(variable: string, value: string | undefined, allowed: string) {
    const shown = value === undefined ? "" : `=${JSON.stringify(value)}`;
    super(`${variable}${shown} is not valid: ${allowed}`);
  }
}
