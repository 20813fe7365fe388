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
    const shown = value === undefined ? "" : `=${quoted(value)}`;
    super(`${variable}${shown} is not valid: ${allowed}`);
  }
}

/** JSON leaves DEL and the C1 controls as they are, which a terminal obeys. */
function quoted(value: string): string {
  return JSON.stringify(value).replace(
    /[\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g,
    (character) =>
      `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
