/**
 * Errors of arguments of a wrong type, for callers without TypeScript.
 *
 * @module
 */

/** Maximum number of characters of a text in a message. */
const MAX_SHOWN = 64;

/**
 * Makes the error of an argument.
 *
 * @param name of the argument or the option
 * @param allowed the values that are allowed
 * @param value the given value
 */
export function wrongArgument(
  name: string,
  allowed: string,
  value: unknown,
): TypeError {
  return new TypeError(`${name} is ${shown(value)}; allowed: ${allowed}`);
}

/** Shows a primitive value, and the type of any other. */
function shown(value: unknown): string {
  if (value === null) return "null";
  if (typeof value === "string") {
    return JSON.stringify(value.slice(0, MAX_SHOWN));
  }
  if (typeof value === "function") return "a function";
  if (typeof value !== "object") return String(value);
  return Array.isArray(value) ? "an array" : "an object";
}
