/**
 * Named loggers.
 *
 * @module
 */

import type { BaseHandler } from "./base_handler.ts";
import {
  getLevelByName,
  getLevelName,
  type LevelName,
  type LogLevel,
  LogLevels,
} from "./levels.ts";
import { LogRecord } from "./record.ts";
import { stringify } from "./stringify.ts";

/** Any function: what cannot be a message itself, only make one. */
export type GenericFunction = (...args: never[]) => unknown;

/** Options of {@linkcode Logger}. */
export interface LoggerOptions {
  /** What outputs the logger's records. */
  handlers?: BaseHandler[];
}

/** Passes messages of its level and above to its handlers. */
export class Logger {
  /** What outputs the logger's records. */
  handlers: BaseHandler[];
  readonly #loggerName: string;
  #level: LogLevel;

  /**
   * Makes a logger that {@linkcode getLogger} does not know.
   *
   * @param loggerName the logger's name
   * @param levelName the name of the lowest level that is logged
   * @param options the logger's handlers
   * @throws {Error} if there is no such level
   */
  constructor(
    loggerName: string,
    levelName: LevelName,
    options: LoggerOptions = {},
  ) {
    this.#loggerName = loggerName;
    this.#level = getLevelByName(levelName);
    this.handlers = options.handlers ?? [];
  }

  /**
   * The lowest level that is logged.
   *
   * @returns the level's number
   */
  get level(): LogLevel {
    return this.#level;
  }

  /**
   * Sets the lowest level that is logged.
   *
   * @param level the level's number
   * @throws {TypeError} if there is no such level
   */
  set level(level: LogLevel) {
    if (!Object.values(LogLevels).includes(level)) {
      throw new TypeError(`Cannot set log level: no level has number ${level}`);
    }
    this.#level = level;
  }

  /**
   * The name of the lowest level that is logged.
   *
   * @returns the level's name
   */
  get levelName(): LevelName {
    return getLevelName(this.#level);
  }

  /**
   * Sets the lowest level that is logged by its name.
   *
   * @param levelName the level's name
   * @throws {Error} if there is no such level
   */
  set levelName(levelName: LevelName) {
    this.#level = getLevelByName(levelName);
  }

  /**
   * The name that the logger was made with.
   *
   * @returns the name
   */
  get loggerName(): string {
    return this.#loggerName;
  }

  /**
   * Logs what a function returns, with level DEBUG.
   *
   * @param msg makes the message; called once if the logger's level lets DEBUG through
   * @param args what formatters find in the record's `args`
   * @returns the message, or `undefined` if the function was not called
   */
  debug<T>(msg: () => T, ...args: unknown[]): T | undefined;
  /**
   * Logs a message with level DEBUG.
   *
   * @param msg the message, any value but a function
   * @param args what formatters find in the record's `args`
   * @returns the message, logged or not
   */
  debug<T>(
    msg: T extends GenericFunction ? never : T,
    ...args: unknown[]
  ): T;
  debug(msg: unknown, ...args: unknown[]): unknown {
    return this.#log(LogLevels.DEBUG, msg, args);
  }

  /**
   * Logs what a function returns, with level INFO.
   *
   * @param msg makes the message; called once if the logger's level lets INFO through
   * @param args what formatters find in the record's `args`
   * @returns the message, or `undefined` if the function was not called
   */
  info<T>(msg: () => T, ...args: unknown[]): T | undefined;
  /**
   * Logs a message with level INFO.
   *
   * @param msg the message, any value but a function
   * @param args what formatters find in the record's `args`
   * @returns the message, logged or not
   */
  info<T>(
    msg: T extends GenericFunction ? never : T,
    ...args: unknown[]
  ): T;
  info(msg: unknown, ...args: unknown[]): unknown {
    return this.#log(LogLevels.INFO, msg, args);
  }

  /**
   * Logs what a function returns, with level WARN.
   *
   * @param msg makes the message; called once if the logger's level lets WARN through
   * @param args what formatters find in the record's `args`
   * @returns the message, or `undefined` if the function was not called
   */
  warn<T>(msg: () => T, ...args: unknown[]): T | undefined;
  /**
   * Logs a message with level WARN.
   *
   * @param msg the message, any value but a function
   * @param args what formatters find in the record's `args`
   * @returns the message, logged or not
   */
  warn<T>(
    msg: T extends GenericFunction ? never : T,
    ...args: unknown[]
  ): T;
  warn(msg: unknown, ...args: unknown[]): unknown {
    return this.#log(LogLevels.WARN, msg, args);
  }

  /**
   * Logs what a function returns, with level ERROR.
   *
   * @param msg makes the message; called once if the logger's level lets ERROR through
   * @param args what formatters find in the record's `args`
   * @returns the message, or `undefined` if the function was not called
   */
  error<T>(msg: () => T, ...args: unknown[]): T | undefined;
  /**
   * Logs a message with level ERROR.
   *
   * @param msg the message, any value but a function
   * @param args what formatters find in the record's `args`
   * @returns the message, logged or not
   */
  error<T>(
    msg: T extends GenericFunction ? never : T,
    ...args: unknown[]
  ): T;
  error(msg: unknown, ...args: unknown[]): unknown {
    return this.#log(LogLevels.ERROR, msg, args);
  }

  /**
   * Logs what a function returns, with level CRITICAL.
   *
   * @param msg makes the message; called once if the logger's level lets CRITICAL through
   * @param args what formatters find in the record's `args`
   * @returns the message, or `undefined` if the function was not called
   */
  critical<T>(msg: () => T, ...args: unknown[]): T | undefined;
  /**
   * Logs a message with level CRITICAL.
   *
   * @param msg the message, any value but a function
   * @param args what formatters find in the record's `args`
   * @returns the message, logged or not
   */
  critical<T>(
    msg: T extends GenericFunction ? never : T,
    ...args: unknown[]
  ): T;
  critical(msg: unknown, ...args: unknown[]): unknown {
    return this.#log(LogLevels.CRITICAL, msg, args);
  }

  #log(level: LogLevel, msg: unknown, args: unknown[]): unknown {
    const isLazy = typeof msg === "function";
    if (level < this.#level) return isLazy ? undefined : msg;
    const value: unknown = isLazy ? msg() : msg;
    const record = new LogRecord({
      msg: stringify(value),
      args,
      level,
      loggerName: this.#loggerName,
    });
    for (const handler of this.handlers) handler.handle(record);
    return value;
  }
}
