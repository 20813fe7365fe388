/**
 * What all handlers have in common.
 *
 * @module
 */

import {
  getLevelByName,
  getLevelName,
  type LevelName,
  type LogLevel,
} from "./levels.ts";
import type { LogRecord } from "./record.ts";

/** Turns a record into the text that is output. */
export type FormatterFunction = (logRecord: LogRecord) => string;

/** Options of {@linkcode BaseHandler}. */
export interface BaseHandlerOptions {
  /** Turns a record into text; by default into its level's name and message. */
  formatter?: FormatterFunction;
}

/** Outputs the records of its level and above; a subclass says where to. */
export abstract class BaseHandler {
  /** Turns a record into the text that is output. */
  formatter: FormatterFunction;
  #level: LogLevel;

  /**
   * Makes a handler.
   *
   * @param levelName the name of the lowest level that is output
   * @param options how records are output
   * @throws {Error} if there is no such level
   */
  constructor(levelName: LevelName, options: BaseHandlerOptions = {}) {
    this.#level = getLevelByName(levelName);
    this.formatter = options.formatter ??
      ((record) => `${record.levelName} ${record.msg}`);
  }

  /**
   * The lowest level that is output.
   *
   * @returns the level's number
   */
  get level(): LogLevel {
    return this.#level;
  }

  /**
   * Sets the lowest level that is output.
   *
   * @param level the level's number
   * @throws {Error} if there is no such level
   */
  set level(level: LogLevel) {
    this.levelName = getLevelName(level);
  }

  /**
   * The name of the lowest level that is output.
   *
   * @returns the level's name
   */
  get levelName(): LevelName {
    return getLevelName(this.#level);
  }

  /**
   * Sets the lowest level that is output by its name.
   *
   * @param levelName the level's name
   * @throws {Error} if there is no such level
   */
  set levelName(levelName: LevelName) {
    this.#level = getLevelByName(levelName);
  }

  /**
   * Formats and outputs a record, unless it is below the handler's level.
   *
   * @param logRecord the record
   */
  handle(logRecord: LogRecord): void {
    if (logRecord.level >= this.#level) this.log(this.format(logRecord));
  }

  /**
   * Turns a record into the text that is output.
   *
   * @param logRecord the record
   * @returns what the formatter makes of it
   */
  format(logRecord: LogRecord): string {
    return this.formatter(logRecord);
  }

  /**
   * Outputs a formatted record.
   *
   * @param msg the text
   */
  abstract log(msg: string): void;

  /** Called when a configuration with this handler comes into force. */
  setup(): void {}

  /** Called when the configuration with this handler is replaced. */
  destroy(): void {}
}
