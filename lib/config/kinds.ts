/**
 * The kinds of values that settings and query parameters may have.
 *
 * @module
 */

/** Turns a text into a value. */
export interface Kind<T> {
  /** The values that are allowed, for an error message. */
  readonly allowed: string;
  /** Set for a secret, whose value no message may show. */
  readonly isSecret?: true;
  /**
   * Reads a value.
   *
   * @param text trimmed and not empty
   * @returns `undefined` for a text that is not allowed
   */
  parse(text: string): T | undefined;
}

/** A kind of setting, which may also be the option of a program. */
export interface SettingKind<T> extends Kind<T> {
  /** The values of the option that are allowed, for an error message. */
  readonly allowedOption: string;
  /**
   * Checks the value of an option.
   *
   * @param value of any type
   * @returns the value of the setting; `undefined` for a value that is not allowed
   */
  check(value: unknown): T | undefined;
}

/** A TCP port. */
export const port: SettingKind<number> = wholeNumbers(
  0,
  65535,
  "a port from 0 to 65535 (0 takes a free one)",
);

/** A TCP port; `false` for `off`. */
export const portOrOff: SettingKind<number | false> = orOff(port, false);

/** An address or a name that a listener binds to. */
export const host: SettingKind<string> = stringOf({
  allowed: "an IP address or a host name",
  parse: (text) => /^[0-9A-Za-z.:_-]+$/.test(text) ? text : undefined,
});

/** The path of a file; `""` for `off`. */
export const pathOrOff: SettingKind<string> = orOff(
  stringOf({ allowed: "the path of a file", parse: (text) => text }),
  "",
);

/** A secret. */
export const token: SettingKind<string> = stringOf({
  allowed: "visible ASCII characters",
  isSecret: true,
  parse: (text) => /^[\x21-\x7e]+$/.test(text) ? text : undefined,
});

/** A secret; `""` for `off`. */
export const tokenOrOff: SettingKind<string> = orOff(token, "");

/** Origins of pages, apps and extensions. */
export const origins: SettingKind<ReadonlySet<string> | "any"> = {
  allowed:
    "* for any, or origins such as https://example.com, separated by commas",
  allowedOption: "an array or set of origins such as https://example.com",
  parse(text) {
    if (text === "*") return "any";
    return originSet(text.split(",").map((item) => item.trim()));
  },
  check: (value) =>
    Array.isArray(value) || value instanceof Set ? originSet(value) : undefined,
};

function originSet(items: Iterable<unknown>): Set<string> | undefined {
  const origins = new Set<string>();
  for (const item of items) {
    if (typeof item !== "string" || !isOrigin(item)) return undefined;
    origins.add(item);
  }
  return origins.size > 0 ? origins : undefined;
}

/** A number of things, at least one. */
export const count: SettingKind<number> = wholeNumbers(
  1,
  1_000_000,
  "a whole number from 1 to 1000000",
);

/** A number of things, at least one; 0 for `off`. */
export const countOrOff: SettingKind<number> = orOff(count, 0);

/** Threads of the process. */
export const threads: SettingKind<number> = wholeNumbers(
  1,
  256,
  "a number of threads from 1 to 256",
);

/** Proxies in front of the service. */
export const hops: SettingKind<number> = wholeNumbers(
  0,
  16,
  "a number of proxies from 0 to 16",
);

/** Bytes of a message or a buffer. */
export const size: SettingKind<number> = sizeOf(1, "1", 2 ** 30, "1 GiB");

/** Bytes of memory for all clients together. */
export const memory: SettingKind<number> = sizeOf(
  2 ** 20,
  "1 MiB",
  2 ** 40,
  "1024 GiB",
);

function sizeOf(
  min: number,
  minText: string,
  max: number,
  maxText: string,
): SettingKind<number> {
  const check = wholeNumberFrom(min, max);
  return {
    allowed:
      `bytes from ${minText} to ${maxText}, such as 65536, 64KiB or 16MiB`,
    allowedOption: `a whole number of bytes from ${min} to ${max}`,
    parse(text) {
      const match = /^(\d{1,13}) ?(KiB|MiB|GiB)?$/.exec(text);
      if (match === null) return undefined;
      return check(Number(match[1]) * SIZE_UNIT[match[2] ?? ""]!);
    },
    check,
  };
}

const SIZE_UNIT: Readonly<Record<string, number>> = {
  "": 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

const milliseconds = wholeNumberFrom(100, 86_400_000);

/** Seconds in the text, milliseconds in the value and in an option. */
export const duration: SettingKind<number> = {
  allowed: "seconds from 0.1 to 86400, such as 30 or 0.5",
  allowedOption: "a whole number of milliseconds from 100 to 86400000",
  parse: (text) =>
    /^\d{1,5}(\.\d{1,3})?$/.test(text)
      ? milliseconds(Math.round(Number(text) * 1000))
      : undefined,
  check: milliseconds,
};

/** Seconds in the text, milliseconds in the value; 0 for `off`. */
export const durationOrOff: SettingKind<number> = orOff(duration, 0);

/** `local`, or the URL of a Redis, which may contain a password. */
export const bus: SettingKind<string | "local"> = stringOf({
  allowed: "local, or a URL such as redis://127.0.0.1:6379 (rediss:// for TLS)",
  isSecret: true,
  parse(text) {
    if (isWord(text, "local")) return "local";
    if (!/^rediss?:\/\//.test(text) || !URL.canParse(text)) return undefined;
    return new URL(text).hostname === "" ? undefined : text;
  },
});

/** A switch. */
export const onOrOff: SettingKind<boolean> = {
  allowed: "on or off",
  allowedOption: "true or false",
  parse: (text) =>
    isWord(text, "on") ? true : isWord(text, "off") ? false : undefined,
  check: (value) => typeof value === "boolean" ? value : undefined,
};

/**
 * One of a few words.
 *
 * @param values the words
 */
export function oneOf<T extends string>(...values: T[]): SettingKind<T> {
  return stringOf({
    allowed: `one of ${values.join(", ")}`,
    parse: (text) => values.find((value) => isWord(text, value)),
  });
}

/** Adds the word `off` to a kind, and `false` to its option. */
function orOff<T, Off>(kind: SettingKind<T>, off: Off): SettingKind<T | Off> {
  return {
    ...kind,
    allowed: `${kind.allowed}, or off`,
    allowedOption: `${kind.allowedOption}, or false`,
    parse: (text) => isWord(text, "off") ? off : kind.parse(text),
    check: (value) =>
      value === false || value === off ? off : kind.check(value),
  };
}

/** Makes a kind whose option is a text, too. */
function stringOf<T>(kind: Kind<T>): SettingKind<T> {
  return {
    ...kind,
    allowedOption: kind.allowed,
    check: (value) =>
      typeof value === "string" && value !== "" ? kind.parse(value) : undefined,
  };
}

function wholeNumbers(
  min: number,
  max: number,
  allowed: string,
): SettingKind<number> {
  const check = wholeNumberFrom(min, max);
  return {
    allowed,
    allowedOption: allowed,
    parse: (text) => /^\d{1,7}$/.test(text) ? check(Number(text)) : undefined,
    check,
  };
}

/** Makes the check of a whole number. */
function wholeNumberFrom(
  min: number,
  max: number,
): (value: unknown) => number | undefined {
  return (value) =>
    typeof value === "number" && Number.isInteger(value) && value >= min &&
      value <= max
      ? value
      : undefined;
}

/** The case of a word does not matter. */
function isWord(text: string, word: string): boolean {
  return text.toLowerCase() === word.toLowerCase();
}

/** Origins without a host: opaque origins (RFC 6454 §6.2), and pages from files in some apps. */
const HOSTLESS_ORIGINS: ReadonlySet<string> = new Set(["null", "file://"]);

/**
 * Whether a text is the ASCII serialization of an origin (RFC 6454 §6.2), as in an
 * `Origin` field. The URL standard defines no origin for the schemes of apps and
 * extensions, such as `capacitor://localhost`.
 */
function isOrigin(text: string): boolean {
  if (HOSTLESS_ORIGINS.has(text)) return true;
  if (text.includes("*") || !URL.canParse(text)) return false;
  const { origin, protocol, host } = new URL(text);
  if (origin !== "null") return origin === text;
  return host !== "" && `${protocol}//${host}`.toLowerCase() === text;
}
