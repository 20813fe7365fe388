/**
 * The configuration in force: its handlers and loggers.
 *
 * @module
 */

import type { BaseHandler } from "./base_handler.ts";
import { ConsoleHandler } from "./console_handler.ts";
import type { LevelName } from "./levels.ts";
import { Logger } from "./logger.ts";

/** What a logger is made of. */
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

/** Handlers and loggers by name; those named `default` have a default. */
export interface LogConfig {
  /** The handlers, where `default` is a {@linkcode ConsoleHandler} for INFO. */
  handlers?: Record<string, BaseHandler>;
  /** The loggers, where `default` has level INFO and the `default` handler. */
  loggers?: Record<string, LoggerConfig>;
}

const DEFAULT_NAME = "default";
const DEFAULT_LEVEL = "INFO";
const DEFAULT_CONFIG: LogConfig = {
  handlers: { [DEFAULT_NAME]: new ConsoleHandler(DEFAULT_LEVEL) },
  loggers: {
    [DEFAULT_NAME]: { level: DEFAULT_LEVEL, handlers: [DEFAULT_NAME] },
  },
};

const handlers = new Map<string, BaseHandler>();
const loggers = new Map<string, Logger>();

/**
 * Replaces the configuration: destroys the old handlers, sets the new ones up
 * and makes new loggers. A logger got before keeps its old handlers.
 *
 * @param config the new handlers and loggers
 * @throws {Error} if a logger's level does not exist
 */
export function setup(config: LogConfig): void {
  for (const handler of handlers.values()) handler.destroy();
  handlers.clear();
  loggers.clear();
  const newHandlers = { ...DEFAULT_CONFIG.handlers, ...config.handlers };
  for (const [name, handler] of Object.entries(newHandlers)) {
    handler.setup();
    handlers.set(name, handler);
  }
  const newLoggers = { ...DEFAULT_CONFIG.loggers, ...config.loggers };
  for (const [name, logger] of Object.entries(newLoggers)) {
    const names = logger.handlers ?? [];
    loggers.set(
      name,
      new Logger(name, logger.level ?? DEFAULT_LEVEL, {
        handlers: names.flatMap((name) => handlers.get(name) ?? []),
      }),
    );
  }
}

setup({});

/**
 * Gets a logger of the configuration in force.
 *
 * @param name the logger's name; without one, the default logger's
 * @returns the logger; under a name that was not set up, one with level NOTSET
 * and no handlers
 */
export function getLogger(name?: string): Logger {
  const key = name || DEFAULT_NAME;
  const logger = loggers.get(key) ?? new Logger(key, "NOTSET");
  loggers.set(key, logger);
  return logger;
}
