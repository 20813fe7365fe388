/**
 * Log output to the console by level, for platforms that collect the console's records
 * with their severity.
 *
 * @module
 */

import { BaseHandler, LogLevels, type LogRecord } from "../std/log.ts";

/** The methods of the console that records are logged with. */
export const CONSOLE_METHODS = ["debug", "info", "warn", "error"] as const;

/**
 * Returns the console's method of a level. `warn` and `error` write to the standard error.
 *
 * @param level number of the level
 */
export function consoleMethod(
  level: number,
): (typeof CONSOLE_METHODS)[number] {
  if (level < LogLevels.INFO) return "debug";
  if (level < LogLevels.WARN) return "info";
  return level < LogLevels.ERROR ? "warn" : "error";
}

/** Logs each record with the console's method of its level. */
export class LevelConsoleHandler extends BaseHandler {
  /** Logs a record, unless it is below the handler's level. */
  override handle(record: LogRecord): void {
    if (record.level < this.level) return;
    console[consoleMethod(record.level)](this.format(record));
  }

  /** Logs a formatted record without a level. */
  override log(msg: string): void {
    console.info(msg);
  }
}
