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
import { consoleThread } from "./console_thread.ts";
import { DeduplicatingHandler } from "./deduplicating_handler.ts";
import { LineWriter, STANDARD_OUTPUT } from "./line_writer.ts";

export { printable } from "./printable.ts";

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
   * Whether each record is given to the console by itself: `platform` for one that
   * collects what the console is given and never blocks it; `runtime` for a
   * runtime that does, and that writes to the standard output too.
   * @default "none": to the standard output
   */
  readonly console?: "none" | "platform" | "runtime";
}

/**
 * Whether DEBUG lines are written. The hot path asks this before it does
 * anything for a log line, so that a line that is off costs one branch.
 */
export let debugEnabled = false;

/** Milliseconds from the start of the process to that of this thread's clock. */
let clockOffset = 0;

let folding: DeduplicatingHandler | undefined;
let writer: LineWriter | undefined;

/**
 * Sets up all loggers of the service.
 *
 * @param options level, format and colours
 */
export function setupLog(options: LogOptions): void {
  const { level, format, colors } = options;
  const origin = performance.timeOrigin;
  clockOffset = origin - (options.startedAt ?? origin);
  debugEnabled = level === "DEBUG" || level === "NOTSET";
  const formatter = format === "json"
    ? jsonLine
    : colors
    ? colouredLine
    : textLine;
  writer = options.console === "platform" ? undefined : new LineWriter(
    level,
    { formatter },
    options.console === "runtime" ? consoleThread() : STANDARD_OUTPUT,
  );
  folding = new DeduplicatingHandler(
    writer ?? new ConsoleHandler(level, { formatter, useColors: false }),
  );
  setup({
    handlers: { lines: folding },
    loggers: Object.fromEntries(
      TAGS.map((tag) => [tag, { level, handlers: ["lines"] }]),
    ),
  });
}

/** Milliseconds that the end of the process waits for its log. */
const FLUSH_TIMEOUT = 1000;

/**
 * Waits until the log is written, for a second at most: for the end of the process,
 * as the log's output may be a pipe that is not read.
 */
export async function flushLog(): Promise<void> {
  folding?.unfold();
  await writer?.flushed(FLUSH_TIMEOUT);
}

/**
 * Writes a record as ESP-IDF does: `I (4932) ws_echo_server: message`.
 *
 * @param record level, time, tag, message and further arguments
 */
export function textLine(record: LogRecord): string {
  const level = record.levelName.charAt(0);
  const args = record.args.map((arg) => ` ${argText(arg)}`).join("");
  return `${level} (${sinceStart()}) ${record.loggerName}: ${record.msg}${args}`;
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
    ms: sinceStart(),
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

/** By a clock that never steps back, unlike that of the record's date. */
function sinceStart(): number {
  return Math.max(0, Math.round(performance.now() + clockOffset));
}

function argText(arg: unknown): string {
  return arg instanceof Error ? arg.stack ?? String(arg) : String(arg);
}
