/**
 * The set-up of the log: one logger per component, in the text format of ESP-IDF or as
 * JSON.
 *
 * @module
 */

import { wrongArgument } from "../errors/argument.ts";
import {
  type FormatterFunction,
  type LevelName,
  LogLevels,
  type LogRecord,
  setup,
} from "../std/log.ts";
import { consoleThread, withMethod } from "./console_thread.ts";
import { DeduplicatingHandler } from "./deduplicating_handler.ts";
import { errorFields, LogFields } from "./fields.ts";
import { LevelConsoleHandler } from "./level_console_handler.ts";
import { LineWriter, STANDARD_OUTPUT } from "./line_writer.ts";

export { printable } from "./printable.ts";

/** Tags of the components. */
export const TAGS = [
  "ws_echo_server",
  "httpd",
  "httpd_uri",
  "httpd_ws",
] as const;

/**
 * Options of {@linkcode setupLog}.
 *
 * @example
 * ```ts
 * import { type LogOptions, serve, setupLog } from "@ws-echo/server";
 * import { assertEquals } from "@std/assert";
 *
 * const options: LogOptions = { level: "DEBUG", format: "json", colors: false };
 * const lines: string[] = [];
 * console.debug = (line) => lines.push(line);
 * setupLog({ ...options, console: "platform" });
 * const routes = { "/ws": { frame() {} } };
 * await using server = await serve({ routes, host: "127.0.0.1", port: 0 });
 * server.routes.log();
 * assertEquals(JSON.parse(lines.at(-1)!).level, "DEBUG");
 * ```
 */
export interface LogOptions {
  /** The lowest level that is written. */
  readonly level: LevelName;
  /** `I (4932) tag: message`, or one JSON object per line. */
  readonly format: "text" | "json";
  /** Whether text lines are coloured by their level. */
  readonly colors: boolean;
  /**
   * The output. `none`: records go to the standard output, not through the console.
   * `platform`: to the console of this thread, for a platform that collects its
   * records and never blocks. `runtime`: to the console of a worker thread, for a runtime
   * that exports its records and writes them to the standard output.
   * @default "none"
   */
  readonly console?: "none" | "platform" | "runtime";
}

/**
 * Whether DEBUG lines are written. The hot path checks this first, so that a DEBUG line
 * costs one branch while it is off.
 */
export let debugEnabled = false;

/** Milliseconds from the start of the process to the zero of `performance.now()`. */
let clockOffset = 0;

let deduplicating: DeduplicatingHandler | undefined;
let writer: LineWriter | undefined;

/** Whether the writer's output is the standard output. */
let writesLines = false;

/**
 * Sets the time that the lines of this thread count from.
 *
 * @param startedAt start of the process, in milliseconds since the epoch; by default
 * the start of this thread
 */
export function setLogStart(startedAt: number): void {
  clockOffset = performance.timeOrigin - startedAt;
}

/**
 * Sets up the log of this thread, which all of its servers share; a further call replaces
 * it. Without it nothing is logged.
 *
 * @example
 * ```ts
 * import { flushLog, serve, setupLog } from "@ws-echo/server";
 * import { assertMatch } from "@std/assert";
 *
 * const lines: string[] = [];
 * console.error = (line) => lines.push(line);
 * setupLog({
 *   level: "ERROR",
 *   format: "text",
 *   colors: false,
 *   console: "platform", // console.error
 * });
 * await using server = await serve({ routes: {}, host: "127.0.0.1", port: 0 });
 * server.queueWork(() => {
 *   throw new Error("no fuel");
 * });
 * await server.shutdown();
 * await flushLog();
 * assertMatch(lines[0]!, /^E \(\d+\) \w+: .*no fuel/);
 * ```
 *
 * @throws {TypeError} an option that is not allowed
 */
export function setupLog(options: LogOptions): void {
  checkOptions(options);
  const { level, format, colors } = options;
  debugEnabled = level === "DEBUG" || level === "NOTSET";
  const formatter = format === "json"
    ? jsonLine
    : colors
    ? colouredLine
    : textLine;
  writer = writerOf(options, formatter);
  writesLines = (options.console ?? "none") === "none";
  deduplicating = new DeduplicatingHandler(
    writer ?? new LevelConsoleHandler(level, { formatter }),
  );
  setup({
    handlers: { lines: deduplicating },
    loggers: Object.fromEntries(
      TAGS.map((tag) => [tag, { level, handlers: ["lines"] }]),
    ),
  });
}

/** On a platform the console of this thread is the output, which never blocks. */
function writerOf(
  { level, console }: LogOptions,
  formatter: FormatterFunction,
): LineWriter | undefined {
  switch (console) {
    case "platform":
      return undefined;
    case "runtime":
      return new LineWriter(
        level,
        { formatter: withMethod(formatter) },
        consoleThread(),
      );
    default:
      return new LineWriter(level, { formatter }, STANDARD_OUTPUT);
  }
}

/**
 * Writes a line to the standard output as it stands, in order with the lines of the log.
 * Without a log on the standard output, it is written at once.
 *
 * @param text the line, without its end
 */
export function writeLine(text: string): void {
  if (writesLines) writer!.log(text);
  else console.log(text);
}

function checkOptions(options: LogOptions): void {
  const { level, format, console = "none" } = Object(options) as LogOptions;
  if (!Object.hasOwn(LogLevels, level)) {
    throw wrongArgument("level", Object.keys(LogLevels).join(", "), level);
  }
  if (format !== "text" && format !== "json") {
    throw wrongArgument("format", "text, json", format);
  }
  if (!CONSOLES.includes(console)) {
    throw wrongArgument("console", CONSOLES.join(", "), console);
  }
}

const CONSOLES: readonly unknown[] = ["none", "platform", "runtime"];

/** Milliseconds that an exit waits for the log. */
const FLUSH_TIMEOUT = 1000;

/**
 * Resolves when the log is written, or after a second, since the output may be a pipe that
 * is not read. Call it before an exit.
 *
 * @example
 * ```ts
 * import { flushLog, setupLog } from "@ws-echo/server";
 * import { assert } from "@std/assert";
 *
 * setupLog({ level: "WARN", format: "text", colors: false });
 * const start = performance.now();
 * await flushLog(); // then Deno.exit()
 * assert(performance.now() - start < 2000);
 * ```
 */
export async function flushLog(): Promise<void> {
  deduplicating?.flush();
  await writer?.flushed(FLUSH_TIMEOUT);
}

/** Formats a record as ESP-IDF does: `I (4932) ws_echo_server: message`. */
export function textLine(record: LogRecord): string {
  const level = record.levelName.charAt(0);
  const args = appended(record.args.map(argText));
  return `${level} (${sinceStart()}) ${record.loggerName}: ${record.msg}${args}`;
}

/**
 * Formats a record as one JSON object: `time` (ISO 8601), `ms` since the start,
 * `level`, `tag`, `message`, and each value of the line by the name of its field.
 */
export function jsonLine(record: LogRecord): string {
  const args = record.args.map((arg) =>
    arg instanceof Error ? errorFields(arg, arg.stack) : arg
  );
  const texts = args.map((arg) =>
    arg instanceof LogFields ? arg.message : String(arg)
  );
  const object = {
    time: record.datetime.toISOString(),
    ms: sinceStart(),
    level: record.levelName,
    tag: record.loggerName,
    message: `${record.msg}${appended(texts)}`,
  };
  for (const arg of args) if (arg instanceof LogFields) arg.addTo(object);
  return JSON.stringify(object);
}

function appended(texts: readonly string[]): string {
  return texts.filter((text) => text !== "").map((text) => ` ${text}`).join("");
}

/** Control sequences (ECMA-48) of the colours of ESP-IDF: green, brown, red. */
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

/** Milliseconds since the start, by a clock that never goes back, unlike the record's date. */
function sinceStart(): number {
  return Math.max(0, Math.round(performance.now() + clockOffset));
}

function argText(arg: unknown): string {
  return arg instanceof Error ? arg.stack ?? String(arg) : String(arg);
}
