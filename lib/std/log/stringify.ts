/**
 * Messages as text.
 *
 * @module
 */

/**
 * Turns a message into text.
 *
 * @param value the message
 * @returns a string as it is, an error as its stack, an object as its
 * enumerable properties, a function as `undefined`, any other value by `String`
 * @throws {RangeError} if an object contains itself
 */
export function stringify(value: unknown): string {
  if (typeof value === "function") return "undefined";
  if (value instanceof Error) return value.stack ?? String(value);
  if (typeof value !== "object" || value === null) return String(value);
  const properties = Object.entries(value).map(([key, property]) =>
    `"${key}":${
      typeof property === "string"
        ? JSON.stringify(property)
        : stringify(property)
    }`
  );
  return `{${properties.join(",")}}`;
}
