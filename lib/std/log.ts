/**
 * Named loggers, levels and handlers: the part of `@std/log` 0.224.14 that this
 * service uses, for machines that cannot reach JSR. Where JSR can be reached, the
 * import map entry may be `jsr:@std/log@0.224.14` instead.
 *
 * A logger makes a {@linkcode LogRecord} of a message and passes it to its handlers;
 * a handler formats the record and outputs it. Both ignore records below their level.
 *
 * {@linkcode setup} replaces the loggers: call {@linkcode getLogger} where a logger is
 * used, not when a module loads.
 *
 * ```ts
 * import * as log from "@std/log";
 *
 * log.setup({
 *   handlers: { console: new log.ConsoleHandler("DEBUG", { useColors: false }) },
 *   loggers: { http: { level: "DEBUG", handlers: ["console"] } },
 * });
 *
 * log.getLogger("http").debug("listening"); // DEBUG listening
 * ```
 *
 * @module
 */

/**
 * The name of a level, from the least to the most severe; `NOTSET` logs every record.
 *
 * @example
 * ```ts
 * import { type LevelName, setupLog } from "@ws-echo/server";
 * import { assertEquals } from "@std/assert";
 *
 * const levelOf = (args: readonly string[]): LevelName =>
 *   args.includes("--verbose") ? "DEBUG" : "WARN";
 * setupLog({ level: levelOf(Deno.args), format: "text", colors: false });
 * assertEquals(levelOf(["--verbose"]), "DEBUG");
 * ```
 */
export type LevelName =
  | "NOTSET"
  | "DEBUG"
  | "INFO"
  | "WARN"
  | "ERROR"
  | "CRITICAL";

/** The number of each level by its name; a higher number is more severe. */
export const LogLevels = {
  /** Lets every record through. */
  NOTSET: 0,
  /** Details for debugging. */
  DEBUG: 10,
  /** Normal operation. */
  INFO: 20,
  /** Unexpected, and harmless so far. */
  WARN: 30,
  /** A failure. */
  ERROR: 40,
  /** A failure that ends the program. */
  CRITICAL: 50,
} as const satisfies Readonly<Record<LevelName, number>>;

/** The number of a level. */
export type LogLevel = typeof LogLevels[LevelName];

const NAMES = new Map(
  Object.entries(LogLevels).map(([name, level]) => [level, name as LevelName]),
);

/** Options of {@linkcode LogRecord}. */
export interface LogRecordOptions {
  /** The message. */
  msg: string;
  /** The arguments after the message. */
  args: unknown[];
  /** The level that the message was logged with. */
  level: LogLevel;
  /** The name of the logger. */
  loggerName: string;
}

/** One logged message. */
export class LogRecord {
  /** The message. */
  readonly msg: string;
  /** The arguments after the message. */
  readonly args: unknown[];
  /** The level that the message was logged with. */
  readonly level: LogLevel;
  /** The name of that level. */
  readonly levelName: LevelName;
  /** The name of the logger. */
  readonly loggerName: string;
  /** When the record was made. */
  readonly datetime: Date = new Date();

  /**
   * Makes a record of the present time.
   *
   * @param options the parts of the record
   */
  constructor({ msg, args, level, loggerName }: LogRecordOptions) {
    this.msg = msg;
    this.args = args;
    this.level = level;
    this.levelName = NAMES.get(level)!;
    this.loggerName = loggerName;
  }
}

/** Turns a record into the text that is output. */
export type FormatterFunction = (logRecord: LogRecord) => string;

/** Options of {@linkcode BaseHandler}. */
export interface BaseHandlerOptions {
  /**
   * Turns a record into text.
   * @default the name of the level, and the message
   */
  formatter?: FormatterFunction;
}

/** Outputs the records of its level and above; a subclass has the output. */
export abstract class BaseHandler {
  /** The name of the lowest level that is output. */
  readonly levelName: LevelName;
  /** The number of that level. */
  readonly level: LogLevel;
  /** Turns a record into text. */
  readonly formatter: FormatterFunction;

  /**
   * Makes a handler.
   *
   * @param levelName the name of the lowest level that is output
   * @param options the format
   */
  constructor(levelName: LevelName, options: BaseHandlerOptions = {}) {
    this.levelName = levelName;
    this.level = LogLevels[levelName];
    this.formatter = options.formatter ??
      ((record) => `${record.levelName} ${record.msg}`);
  }

  /**
   * Formats and outputs a record, unless it is below the handler's level.
   *
   * @param logRecord the record
   */
  handle(logRecord: LogRecord): void {
    if (logRecord.level >= this.level) this.log(this.format(logRecord));
  }

  /**
   * Turns a record into the text that is output.
   *
   * @param logRecord the record
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

/** Options of {@linkcode ConsoleHandler}. */
export interface ConsoleHandlerOptions extends BaseHandlerOptions {
  /** The original colours its text unless this is `false`. */
  useColors: false;
}

/** Outputs records by `console.log`. */
export class ConsoleHandler extends BaseHandler {
  /**
   * Makes a handler.
   *
   * @param levelName the name of the lowest level that is output
   * @param options the format
   */
  constructor(levelName: LevelName, options: ConsoleHandlerOptions) {
    super(levelName, options);
  }

  /**
   * Outputs a formatted record.
   *
   * @param msg the text
   */
  override log(msg: string): void {
    console.log(msg);
  }
}

/** A message, or a function that makes it; called only where the level is logged. */
export type LogMessage = string | (() => string);

/** Passes messages of its level and above to its handlers. */
export class Logger {
  readonly #name: string;
  readonly #level: LogLevel;
  readonly #handlers: readonly BaseHandler[];

  /**
   * Makes a logger that {@linkcode getLogger} does not return.
   *
   * @param loggerName the logger's name
   * @param levelName the name of the lowest level that is logged
   * @param options the handlers of the records
   */
  constructor(
    loggerName: string,
    levelName: LevelName,
    options: { readonly handlers?: readonly BaseHandler[] } = {},
  ) {
    this.#name = loggerName;
    this.#level = LogLevels[levelName];
    this.#handlers = options.handlers ?? [];
  }

  /** The lowest level that is logged. */
  get level(): LogLevel {
    return this.#level;
  }

  /** Logs a message with level DEBUG. */
  debug(msg: LogMessage, ...args: unknown[]): void {
    this.#log(LogLevels.DEBUG, msg, args);
  }

  /** Logs a message with level INFO. */
  info(msg: LogMessage, ...args: unknown[]): void {
    this.#log(LogLevels.INFO, msg, args);
  }

  /** Logs a message with level WARN. */
  warn(msg: LogMessage, ...args: unknown[]): void {
    this.#log(LogLevels.WARN, msg, args);
  }

  /** Logs a message with level ERROR. */
  error(msg: LogMessage, ...args: unknown[]): void {
    this.#log(LogLevels.ERROR, msg, args);
  }

  /** Logs a message with level CRITICAL. */
  critical(msg: LogMessage, ...args: unknown[]): void {
    this.#log(LogLevels.CRITICAL, msg, args);
  }

  #log(level: LogLevel, message: LogMessage, args: unknown[]): void {
    if (level < this.#level) return;
    const msg = typeof message === "string" ? message : message();
    const options = { msg, args, level, loggerName: this.#name };
    const record = new LogRecord(options);
    for (const handler of this.#handlers) handler.handle(record);
  }
}

/** The parts of a logger. */
export interface LoggerConfig {
  /**
   * The name of the lowest level that is logged.
   * @default "INFO"
   */
  level?: LevelName;
  /**
   * Names of handlers in the same configuration; other names are ignored.
   * @default []
   */
  handlers?: string[];
}

/** Handlers and loggers by name. */
export interface LogConfig {
  /** The handlers. */
  handlers?: Record<string, BaseHandler>;
  /** The loggers. */
  loggers?: Record<string, LoggerConfig>;
}

const loggers = new Map<string, Logger>();
let handlers: readonly BaseHandler[] = [];

/**
 * Replaces the configuration: destroys the old handlers, sets the new handlers up and
 * makes new loggers. A logger from before keeps its old handlers.
 *
 * @param config the new handlers and loggers
 */
export function setup(config: LogConfig): void {
  for (const handler of handlers) handler.destroy();
  const byName = config.handlers ?? {};
  handlers = Object.values(byName);
  for (const handler of handlers) handler.setup();
  loggers.clear();
  for (const [name, logger] of Object.entries(config.loggers ?? {})) {
    const own = (logger.handlers ?? []).flatMap((name) => byName[name] ?? []);
    loggers.set(
      name,
      new Logger(name, logger.level ?? "INFO", { handlers: own }),
    );
  }
}

/**
 * Gets a logger of the configuration in force.
 *
 * @param name the logger's name
 * @returns the logger; a logger without handlers for a name that was not set up
 */
export function getLogger(name: string): Logger {
  const logger = loggers.get(name) ?? new Logger(name, "NOTSET");
  loggers.set(name, logger);
  return logger;
}
