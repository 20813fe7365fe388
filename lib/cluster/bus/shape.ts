/**
 * Validation of JSON values that arrive over the bus, whose sender is not trusted.
 *
 * @module
 */

/** Maximum number of characters in a text. */
const MAX_TEXT = 1024;

/** Reads a value; returns `undefined` if the value has another shape. */
export type Read<T> = (value: unknown) => T | undefined;

/**
 * Reads an object, which must have all of some fields; other fields are ignored.
 *
 * @param fields reads each field
 */
export function object<T>(
  fields: { readonly [Name in keyof T]-?: Read<T[Name]> },
): Read<T> {
  const reads = Object.entries<Read<unknown>>(fields);
  return (value) => {
    if (typeof value !== "object" || value === null) return undefined;
    const found: Record<string, unknown> = {};
    for (const [name, read] of reads) {
      const field = Object.hasOwn(value, name)
        ? read((value as Record<string, unknown>)[name])
        : undefined;
      if (field === undefined) return undefined;
      found[name] = field;
    }
    return found as T;
  };
}

/**
 * Reads an array.
 *
 * @param read reads each item
 */
export function listOf<T>(read: Read<T>): Read<T[]> {
  return (value) => {
    if (!Array.isArray(value)) return undefined;
    const items: T[] = [];
    for (const item of value) {
      const found = read(item);
      if (found === undefined) return undefined;
      items.push(found);
    }
    return items;
  };
}

/**
 * Reads one of some strings.
 *
 * @param choices the strings
 */
export function oneOf<T extends string>(...choices: readonly T[]): Read<T> {
  return (value) => choices.find((choice) => choice === value);
}

/**
 * Reads a string of at most 1024 characters.
 *
 * @param value anything
 */
export function text(value: unknown): string | undefined {
  return typeof value === "string" && value.length <= MAX_TEXT
    ? value
    : undefined;
}

/**
 * Reads a boolean.
 *
 * @param value anything
 */
export function flag(value: unknown): boolean | undefined {
  return typeof value === "boolean" ? value : undefined;
}

/**
 * Reads a whole number that is not negative.
 *
 * @param value anything
 */
export function count(value: unknown): number | undefined {
  return Number.isSafeInteger(value) ? amount(value) : undefined;
}

/**
 * Reads a number that is not negative.
 *
 * @param value anything
 */
export function amount(value: unknown): number | undefined {
  return typeof value === "number" && value >= 0 && Number.isFinite(value)
    ? value
    : undefined;
}
