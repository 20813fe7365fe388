/**
 * The kinds of values that a variable of the environment may have.
 *
 * @module
 */

/** Turns a variable's text into its value; `undefined` when it is not allowed. */
export interface Kind<T> {
  /** What a value may be, for the error. */
  readonly allowed: string;
  /** Set where the value must not be shown. */
  readonly isSecret?: true;
  /**
   * Reads the value.
   *
   * @param text neither empty nor with space around it
   */
  parse(text: string): T | undefined;
}

/** A TCP port. */
export const port: Kind<number> = {
  allowed: "a port from 0 to 65535 (0 takes a free one)",
  parse: (text) => wholeNumber(text, 65535),
};

/** A TCP port, or `off`. */
export const portOrOff: Kind<number | "off"> = {
  allowed: `${port.allowed}, or off`,
  parse: (text) => isWord(text, "off") ? "off" : port.parse(text),
};

/** What a listener binds to. */
export const host: Kind<string> = {
  allowed: "an IP address or a host name",
  parse: (text) => /^[0-9A-Za-z.:_-]+$/.test(text) ? text : undefined,
};

/** The path of a file; `""` for `off`. */
export const pathOrOff: Kind<string> = {
  allowed: "the path of a file, or off",
  parse: (text) => isWord(text, "off") ? "" : text,
};

/** A secret; its value is never shown. */
export const token: Kind<string> = {
  allowed: "visible ASCII characters",
  isSecret: true,
  parse: (text) => /^[\x21-\x7e]+$/.test(text) ? text : undefined,
};

/** A secret; `""` for `off`. */
export const tokenOrOff: Kind<string> = {
  allowed: `${token.allowed}, or off`,
  isSecret: true,
  parse: (text) => isWord(text, "off") ? "" : token.parse(text),
};

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
export const countOrOff: Kind<number> = {
  allowed: `${count.allowed}, or off`,
  parse: (text) => isWord(text, "off") ? 0 : count.parse(text),
};

/** Threads of the process. */
export const threads: Kind<number> = {
  allowed: "a number of threads from 1 to 256",
  parse(text) {
    const value = wholeNumber(text, 256);
    return value === 0 ? undefined : value;
  },
};

/** Proxies in a row. */
export const hops: Kind<number> = {
  allowed: "how many proxies stand in front, from 0 to 16",
  parse: (text) => wholeNumber(text, 16),
};

/** Bytes of a message or a buffer. */
export const size: Kind<number> = sizeOf(1, "1", 2 ** 30, "1 GiB");

/** Bytes of memory for all clients. */
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

/** Seconds outside, milliseconds inside. */
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

/** Seconds outside, milliseconds inside; 0 for `off`. */
export const durationOrOff: Kind<number> = {
  allowed: `${duration.allowed}, or off`,
  parse: (text) => isWord(text, "off") ? 0 : duration.parse(text),
};

/** Where instances meet: `local`, or a URL of Redis, which may hold a password. */
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

/** Words are taken in any case. */
function isWord(text: string, word: string): boolean {
  return text.toLowerCase() === word.toLowerCase();
}

function wholeNumber(text: string, max: number): number | undefined {
  if (!/^\d{1,7}$/.test(text)) return undefined;
  const value = Number(text);
  return value <= max ? value : undefined;
}

/** Origins without a host: opaque ones (RFC 6454 §6.2), and pages from files in some apps. */
const HOSTLESS_ORIGINS: ReadonlySet<string> = new Set(["null", "file://"]);

/**
 * Whether a text is the ASCII serialization of an origin (RFC 6454 §6.2), as an
 * `Origin` field has it. The URL standard gives only some schemes an origin; those
 * of apps and extensions, such as `capacitor://localhost`, have none.
 */
function isOrigin(text: string): boolean {
  if (HOSTLESS_ORIGINS.has(text)) return true;
  if (text.includes("*") || !URL.canParse(text)) return false;
  const { origin, protocol, host } = new URL(text);
  if (origin !== "null") return origin === text;
  return host !== "" && `${protocol}//${host}`.toLowerCase() === text;
}
