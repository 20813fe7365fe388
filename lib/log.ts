/**
 * The log's set-up: ESP-IDF's text format or JSON, one logger a component.
 *
 * @module
 */

import {
  ConsoleHandler,
  type LevelName,
  type LogRecord,
  setup,
} from "@std/log";
import { LineWriter } from "./line_writer.ts";

/** The components' tags. */
export const TAGS = [
  "ws_echo_server",
  "httpd",
  "httpd_uri",
  "httpd_ws",
  "httpd_txrx",
] as const;

/** How log lines are written. */
export interface LogOptions {
  /** The lowest level that is written. */
  readonly level: LevelName;
  /** `I (4932) tag: message`, or a JSON object a line. */
  readonly format: "text" | "json";
  /** Whether text lines are coloured by level. */
  readonly colors: boolean;
  /**
   * When the process started, in milliseconds since the epoch.
   * @default when this thread did
   */
  readonly startedAt?: number | undefined;
  /**
   * Whether each line is given to the console by itself, for a platform or a
   * runtime that collects what the console is told.
   * @default false: to the standard output
   */
  readonly console?: boolean;
}

/**
 * Whether DEBUG lines are written. The hot path asks this before it does
 * anything for a log line, so that a line that is off costs one branch.
 */
export let debugEnabled = false;

let startedAt = performance.timeOrigin;

/**
 * Sets up all loggers of the service.
 *
 * @param options level, format and colours
 */
export function setupLog(options: LogOptions): void {
  const { level, format, colors } = options;
  startedAt = options.startedAt ?? performance.timeOrigin;
  debugEnabled = level === "DEBUG" || level === "NOTSET";
  const formatter = format === "json"
    ? jsonLine
    : colors
    ? colouredLine
    : textLine;
  const lines = options.console
    ? new ConsoleHandler(level, { formatter, useColors: false })
    : new LineWriter(level, { formatter });
  setup({
    handlers: { lines },
    loggers: Object.fromEntries(
      TAGS.map((tag) => [tag, { level, handlers: ["lines"] }]),
    ),
  });
}

/**
 * Writes a record as ESP-IDF does: `I (4932) ws_echo_server: message`.
 *
 * @param record level, time, tag, message and further arguments
 */
export function textLine(record: LogRecord): string {
  const level = record.levelName.charAt(0);
  const args = record.args.map((arg) => ` ${argText(arg)}`).join("");
  return `${level} (${
    sinceStart(record)
  }) ${record.loggerName}: ${record.msg}${args}`;
}

/**
 * Writes a record as one JSON object: `time` (ISO 8601), `ms` since the start,
 * `level`, `tag`, `message`.
 *
 * @param record level, time, tag, message and further arguments
 */
export function jsonLine(record: LogRecord): string {
  return JSON.stringify({
    time: record.datetime.toISOString(),
    ms: sinceStart(record),
    level: record.levelName,
    tag: record.loggerName,
    message: [record.msg, ...record.args.map(argText)].join(" "),
  });
}

/** Control sequences of ECMA-48 as ESP-IDF uses them: green, brown, red. */
const COLORS: Readonly<Record<string, string>> = {
  INFO: "\x1b[0;32m",
  WARN: "\x1b[0;33m",
  ERROR: "\x1b[0;31m",
  CRITICAL: "\x1b[0;31m",
};

function colouredLine(record: LogRecord): string {
  const color = COLORS[record.levelName];
  const line = textLine(record);
  return color === undefined ? line : `${color}${line}\x1b[0m`;
}

function sinceStart(record: LogRecord): number {
  return Math.round(record.datetime.getTime() - startedAt);
}

function argText(arg: unknown): string {
  return arg instanceof Error ? arg.stack ?? String(arg) : String(arg);
}

/** Characters of a peer's text that reach the log. */
const PRINTABLE_LENGTH = 128;

/** Control characters, and the marks that turn the direction of text around. */
const UNSAFE =
  // deno-lint-ignore no-control-regex -- they are what is looked for
  /[\x00-\x1f\x7f-\x9f\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\\]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * Makes a peer's text fit for a log line: cut at 128 characters, without
 * control characters, so that it can neither end the line nor steer a terminal.
 *
 * @param text anything a peer sent
 */
export function printable(text: string): string {
  const cut = text.length > PRINTABLE_LENGTH;
  const shown = cut ? text.slice(0, PRINTABLE_LENGTH) : text;
  return shown.replace(UNSAFE, escape) + (cut ? "…" : "");
}

function escape(character: string): string {
  switch (character) {
    case "\n":
      return "\\n";
    case "\r":
      return "\\r";
    case "\t":
      return "\\t";
    case "\\":
      return "\\\\";
    default:
      return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  }
}
