/**
 * The service's configuration: the only place that reads the environment.
 *
 * @module
 */

import type { LevelName } from "@std/log";

/** Everything that can be set from outside. */
export interface Config {
  /** Port of the edge listener. */
  readonly port: number;
  /** Port of the frame listener; `undefined`: it is off. */
  readonly framePort: number | undefined;
  /** Address that the listeners bind to. */
  readonly host: string;
  /** What `/auth` asks for. */
  readonly authToken: string;
  /** Origins that browsers may connect from; `undefined`: any. */
  readonly allowedOrigins: ReadonlySet<string> | undefined;
  /** Bytes of a message. */
  readonly maxPayload: number;
  /** Bytes that may wait for a peer that does not read. */
  readonly sendBufferLimit: number;
  /** WebSocket connections at the same time. */
  readonly maxConnections: number;
  /** Whether permessage-deflate may be agreed on. */
  readonly compression: boolean;
  /** Milliseconds of silence until a peer is dropped; 0 never. */
  readonly idleTimeout: number;
  /** Milliseconds from accept to a complete request head. */
  readonly handshakeTimeout: number;
  /** Milliseconds that a peer has to answer a CLOSE. */
  readonly closeTimeout: number;
  /** Milliseconds that a shutdown waits for peers. */
  readonly shutdownTimeout: number;
  /** Lowest level that is logged. */
  readonly logLevel: LevelName;
  /** How log lines are written. */
  readonly logFormat: "text" | "json";
  /** Whether this is an instance on Deno Deploy. */
  readonly onDeploy: boolean;
}

/** What `/auth` asks for unless `AUTH_TOKEN` says otherwise. */
export const DEFAULT_AUTH_TOKEN = "valid";

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

/** Turns a variable's text into its value; `undefined` when it is not allowed. */
interface Kind<T> {
  readonly allowed: string;
  readonly isSecret?: true;
  parse(text: string): T | undefined;
}

const port: Kind<number> = {
  allowed: "a port from 0 to 65535 (0 takes a free one)",
  parse: (text) => wholeNumber(text, 65535),
};

const portOrOff: Kind<number | "off"> = {
  allowed: `${port.allowed}, or off`,
  parse: (text) => text === "off" ? "off" : port.parse(text),
};

const host: Kind<string> = {
  allowed: "an IP address or a host name",
  parse: (text) => /^[0-9A-Za-z.:_-]+$/.test(text) ? text : undefined,
};

const token: Kind<string> = {
  allowed: "visible ASCII characters",
  isSecret: true,
  parse: (text) => /^[\x21-\x7e]+$/.test(text) ? text : undefined,
};

const origins: Kind<ReadonlySet<string> | "any"> = {
  allowed:
    "* for any, or origins such as https://example.com, separated by commas",
  parse(text) {
    if (text === "*") return "any";
    const items = text.split(",").map((item) => item.trim());
    return items.every(isOrigin) ? new Set(items) : undefined;
  },
};

const count: Kind<number> = {
  allowed: "a whole number from 1 to 1000000",
  parse: (text) => wholeNumber(text, 1_000_000) || undefined,
};

const size: Kind<number> = {
  allowed: "bytes from 1 to 1 GiB, such as 65536, 64KiB or 16MiB",
  parse(text) {
    const match = /^(\d{1,10}) ?(KiB|MiB|GiB)?$/.exec(text);
    if (match === null) return undefined;
    const bytes = Number(match[1]) * SIZE_UNIT[match[2] ?? ""]!;
    return bytes >= 1 && bytes <= SIZE_UNIT.GiB! ? bytes : undefined;
  },
};

const SIZE_UNIT: Readonly<Record<string, number>> = {
  "": 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** Seconds outside, milliseconds inside. */
const duration: Kind<number> = {
  allowed: "seconds from 0.1 to 86400, such as 30 or 0.5",
  parse(text) {
    if (!/^\d{1,5}(\.\d{1,3})?$/.test(text)) return undefined;
    const seconds = Number(text);
    return seconds >= 0.1 && seconds <= 86400
      ? Math.round(seconds * 1000)
      : undefined;
  },
};

const durationOrOff: Kind<number> = {
  allowed: `${duration.allowed}, or off`,
  parse: (text) => text === "off" ? 0 : duration.parse(text),
};

const onOrOff: Kind<boolean> = {
  allowed: "on or off",
  parse: (text) => text === "on" ? true : text === "off" ? false : undefined,
};

function oneOf<T extends string>(...values: T[]): Kind<T> {
  return {
    allowed: `one of ${values.join(", ")}`,
    parse: (text) => values.find((value) => value === text),
  };
}

/**
 * Reads the configuration. A variable that is unset or empty has its default.
 *
 * @param env looks a variable up
 * @throws {ConfigError} a value that is not allowed
 */
export function readConfig(
  env: (name: string) => string | undefined,
): Config {
  const read = <T>(name: string, kind: Kind<T>, fallback: T): T => {
    const text = env(name)?.trim();
    if (text === undefined || text === "") return fallback;
    const value = kind.parse(text);
    if (value === undefined) {
      throw new ConfigError(
        name,
        kind.isSecret ? undefined : text,
        kind.allowed,
      );
    }
    return value;
  };
  const onDeploy = Boolean(env("DENO_DEPLOYMENT_ID"));
  const framePort = read("FRAME_PORT", portOrOff, 8001);
  const allowed = read("ALLOWED_ORIGINS", origins, "any");
  return {
    port: read("PORT", port, 8000),
    framePort: framePort === "off" || onDeploy ? undefined : framePort,
    host: read("HOST", host, "0.0.0.0"),
    authToken: read("AUTH_TOKEN", token, DEFAULT_AUTH_TOKEN),
    allowedOrigins: allowed === "any" ? undefined : allowed,
    maxPayload: read("MAX_PAYLOAD", size, 16 * 2 ** 20),
    sendBufferLimit: read("SEND_BUFFER_LIMIT", size, 16 * 2 ** 20),
    maxConnections: read("MAX_CONNECTIONS", count, 10_000),
    compression: read("COMPRESSION", onOrOff, true),
    idleTimeout: read("IDLE_TIMEOUT", durationOrOff, 30_000),
    handshakeTimeout: read("HANDSHAKE_TIMEOUT", duration, 10_000),
    closeTimeout: read("CLOSE_TIMEOUT", duration, 5_000),
    shutdownTimeout: read("SHUTDOWN_TIMEOUT", duration, 5_000),
    logLevel: read(
      "LOG_LEVEL",
      oneOf("DEBUG", "INFO", "WARN", "ERROR"),
      "INFO",
    ),
    logFormat: read("LOG_FORMAT", oneOf("text", "json"), "text"),
    onDeploy,
  };
}

function wholeNumber(text: string, max: number): number | undefined {
  if (!/^\d{1,7}$/.test(text)) return undefined;
  const value = Number(text);
  return value <= max ? value : undefined;
}

function isOrigin(text: string): boolean {
  return !text.includes("*") && URL.canParse(text) &&
    new URL(text).origin === text;
}
