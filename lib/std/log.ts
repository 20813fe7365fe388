/**
 * Logging by named loggers, levels and handlers: the part of `@std/log` 0.224.14
 * that this service uses, for machines that cannot reach JSR. Where JSR can be
 * reached, the import map entry may be `jsr:@std/log@0.224.14` instead.
 *
 * A logger turns a call into a {@linkcode LogRecord} and passes it to its
 * handlers; a handler formats the record and outputs it. Both have a level, and
 * ignore what is below it. A log function returns its message, so that it can
 * stand in an expression. A message that is a function is called only where the
 * logger's level lets it through.
 *
 * {@linkcode setup} replaces the loggers, so ask {@linkcode getLogger} for one
 * where it is used rather than when a module loads.
 *
 * ```ts
 * import * as log from "@std/log";
 *
 * log.setup({
 *   handlers: { console: new log.ConsoleHandler("DEBUG") },
 *   loggers: { http: { level: "DEBUG", handlers: ["console"] } },
 * });
 *
 * log.getLogger("http").debug("listening"); // DEBUG listening
 * log.info({ port: 8080 }); // INFO {"port":8080}
 * ```
 *
 * @module
 */

export {
  BaseHandler,
  type BaseHandlerOptions,
  type FormatterFunction,
} from "./log/base_handler.ts";
export {
  ConsoleHandler,
  type ConsoleHandlerOptions,
} from "./log/console_handler.ts";
export { critical, debug, error, info, warn } from "./log/default_logger.ts";
export {
  getLevelByName,
  getLevelName,
  type LevelName,
  type LogLevel,
  LogLevelNames,
  LogLevels,
} from "./log/levels.ts";
export {
  type GenericFunction,
  Logger,
  type LoggerOptions,
} from "./log/logger.ts";
export { LogRecord, type LogRecordOptions } from "./log/record.ts";
export {
  getLogger,
  type LogConfig,
  type LoggerConfig,
  setup,
} from "./log/setup.ts";
