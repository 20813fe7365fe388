/**
 * What a logger hands to its handlers.
 *
 * @module
 */

import { getLevelName, type LevelName, type LogLevel } from "./levels.ts";

/** Options of {@linkcode LogRecord}. */
export interface LogRecordOptions {
  /** The message as text. */
  msg: string;
  /** What the log function was given after the message. */
  args: unknown[];
  /** The level that the message was logged with. */
  level: LogLevel;
  /** The name of the logger. */
  loggerName: string;
}

/** One logged message. */
export class LogRecord {
  /** The message as text. */
  readonly msg: string;
  /** The level that the message was logged with. */
  readonly level: LogLevel;
  /** The name of that level. */
  readonly levelName: LevelName;
  /** The name of the logger. */
  readonly loggerName: string;
  readonly #args: readonly unknown[];
  readonly #time = Date.now();

  /**
   * Makes a record of the present time.
   *
   * @param options the parts of the record
   * @throws {Error} if there is no such level
   */
  constructor(options: LogRecordOptions) {
    this.msg = options.msg;
    this.level = options.level;
    this.levelName = getLevelName(options.level);
    this.loggerName = options.loggerName;
    this.#args = [...options.args];
  }

  /**
   * What the log function was given after the message.
   *
   * @returns a copy
   */
  get args(): unknown[] {
    return [...this.#args];
  }

  /**
   * When the record was made.
   *
   * @returns a copy
   */
  get datetime(): Date {
    return new Date(this.#time);
  }
}
