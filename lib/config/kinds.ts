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

/** A TCP port. */
export const port: Kind<number> = {
  allowed: "a port from 0 to 65535 (0 takes a free one)",
  parse: (text) => wholeNumber(text, 65535),
};

/** A TCP port, or `off`. */
export const portOrOff: Kind<number | "off"> = orOff(port, "off");

/** An address or a name that a listener binds to. */
export const host: Kind<string> = {
  allowed: "an IP address or a host name",
  parse: (text) => /^[0-9A-Za-z.:_-]+$/.test(text) ? text : undefined,
};

/** The path of a file; `""` for `off`. */
export const pathOrOff: Kind<string> = orOff(
  { allowed: "the path of a file", parse: (text) => text },
  "",
);

/** A secret. */
export const token: Kind<string> = {
  allowed: "visible ASCII characters",
  isSecret: true,
  parse: (text) => /^[\x21-\x7e]+$/.test(text) ? text : undefined,
};

/** A secret; `""` for `off`. */
export const tokenOrOff: Kind<string> = orOff(token, "");

/** Origins of pages, apps and extensions. */
export const origins: Kind<ReadonlySet<string> | "any"> = {
  allowed:
    "* for any, or origins such as https://example.com, separated by commas",
  parse(text) {
    if (text === "*") return "any";
    const items = text.split(",").map((item) => item.trim());
    return items.every(isOrigin) ? new Set(items) : undefined;
  },
};

/** A number of things, at least one. */
export const count: Kind<number> = {
  allowed: "a whole number from 1 to 1000000",
  parse: (text) => wholeNumber(text, 1_000_000) || undefined,
};

/** A number of things, at least one; 0 for `off`. */
export const countOrOff: Kind<number> = orOff(count, 0);

/** Threads of the process. */
export const threads: Kind<number> = {
  allowed: "a number of threads from 1 to 256",
  parse: (text) => wholeNumber(text, 256) || undefined,
};

/** Proxies in front of the service. */
export const hops: Kind<number> = {
  allowed: "a number of proxies from 0 to 16",
  parse: (text) => wholeNumber(text, 16),
};

/** Bytes of a message or a buffer. */
export const size: Kind<number> = sizeOf(1, "1", 2 ** 30, "1 GiB");

/** Bytes of memory for all clients together. */
export const memory: Kind<number> = sizeOf(
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
): Kind<number> {
  return {
    allowed:
      `bytes from ${minText} to ${maxText}, such as 65536, 64KiB or 16MiB`,
    parse(text) {
      const match = /^(\d{1,13}) ?(KiB|MiB|GiB)?$/.exec(text);
      if (match === null) return undefined;
      const bytes = Number(match[1]) * SIZE_UNIT[match[2] ?? ""]!;
      return bytes >= min && bytes <= max ? bytes : undefined;
    },
  };
}

const SIZE_UNIT: Readonly<Record<string, number>> = {
  "": 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** Seconds in the text, milliseconds in the value. */
export const duration: Kind<number> = {
  allowed: "seconds from 0.1 to 86400, such as 30 or 0.5",
  parse(text) {
    if (!/^\d{1,5}(\.\d{1,3})?$/.test(text)) return undefined;
    const seconds = Number(text);
    return seconds >= 0.1 && seconds <= 86400
      ? Math.round(seconds * 1000)
      : undefined;
  },
};

/** Seconds in the text, milliseconds in the value; 0 for `off`. */
export const durationOrOff: Kind<number> = orOff(duration, 0);

/** `local`, or the URL of a Redis, which may contain a password. */
export const bus: Kind<string | "local"> = {
  allowed: "local, or a URL such as redis://127.0.0.1:6379 (rediss:// for TLS)",
  isSecret: true,
  parse(text) {
    if (isWord(text, "local")) return "local";
    if (!/^rediss?:\/\//.test(text) || !URL.canParse(text)) return undefined;
    return new URL(text).hostname === "" ? undefined : text;
  },
};

/** A switch. */
export const onOrOff: Kind<boolean> = {
  allowed: "on or off",
  parse: (text) =>
    isWord(text, "on") ? true : isWord(text, "off") ? false : undefined,
};

/**
 * One of a few words.
 *
 * @param values the words
 */
export function oneOf<T extends string>(...values: T[]): Kind<T> {
  return {
    allowed: `one of ${values.join(", ")}`,
    parse: (text) => values.find((value) => isWord(text, value)),
  };
}

/** Adds the word `off` to a kind. */
function orOff<T, Off>(kind: Kind<T>, off: Off): Kind<T | Off> {
  return {
    ...kind,
    allowed: `${kind.allowed}, or off`,
    parse: (text) => isWord(text, "off") ? off : kind.parse(text),
  };
}

/** The case of a word does not matter. */
function isWord(text: string, word: string): boolean {
  return text.toLowerCase() === word.toLowerCase();
}

function wholeNumber(text: string, max: number): number | undefined {
  if (!/^\d{1,7}$/.test(text)) return undefined;
  const value = Number(text);
  return value <= max ? value : undefined;
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
