/**
 * Log functions of the default logger.
 *
 * @module
 */

import type { GenericFunction } from "./logger.ts";
import { getLogger } from "./setup.ts";

/**
 * Logs what a function returns, with level DEBUG by the default logger.
 *
 * @param msg makes the message; called once if the logger's level lets DEBUG through
 * @param args what formatters find in the record's `args`
 * @returns the message, or `undefined` if the function was not called
 */
export function debug<T>(msg: () => T, ...args: unknown[]): T | undefined;
/**
 * Logs a message with level DEBUG by the default logger.
 *
 * @param msg the message, any value but a function
 * @param args what formatters find in the record's `args`
 * @returns the message, logged or not
 */
export function debug<T>(
  msg: T extends GenericFunction ? never : T,
  ...args: unknown[]
): T;
export function debug(msg: unknown, ...args: unknown[]): unknown {
  return getLogger().debug(msg, ...args);
}

/**
 * Logs what a function returns, with level INFO by the default logger.
 *
 * @param msg makes the message; called once if the logger's level lets INFO through
 * @param args what formatters find in the record's `args`
 * @returns the message, or `undefined` if the function was not called
 */
export function info<T>(msg: () => T, ...args: unknown[]): T | undefined;
/**
 * Logs a message with level INFO by the default logger.
 *
 * @param msg the message, any value but a function
 * @param args what formatters find in the record's `args`
 * @returns the message, logged or not
 */
export function info<T>(
  msg: T extends GenericFunction ? never : T,
  ...args: unknown[]
): T;
export function info(msg: unknown, ...args: unknown[]): unknown {
  return getLogger().info(msg, ...args);
}

/**
 * Logs what a function returns, with level WARN by the default logger.
 *
 * @param msg makes the message; called once if the logger's level lets WARN through
 * @param args what formatters find in the record's `args`
 * @returns the message, or `undefined` if the function was not called
 */
export function warn<T>(msg: () => T, ...args: unknown[]): T | undefined;
/**
 * Logs a message with level WARN by the default logger.
 *
 * @param msg the message, any value but a function
 * @param args what formatters find in the record's `args`
 * @returns the message, logged or not
 */
export function warn<T>(
  msg: T extends GenericFunction ? never : T,
  ...args: unknown[]
): T;
export function warn(msg: unknown, ...args: unknown[]): unknown {
  return getLogger().warn(msg, ...args);
}

/**
 * Logs what a function returns, with level ERROR by the default logger.
 *
 * @param msg makes the message; called once if the logger's level lets ERROR through
 * @param args what formatters find in the record's `args`
 * @returns the message, or `undefined` if the function was not called
 */
export function error<T>(msg: () => T, ...args: unknown[]): T | undefined;
/**
 * Logs a message with level ERROR by the default logger.
 *
 * @param msg the message, any value but a function
 * @param args what formatters find in the record's `args`
 * @returns the message, logged or not
 */
export function error<T>(
  msg: T extends GenericFunction ? never : T,
  ...args: unknown[]
): T;
export function error(msg: unknown, ...args: unknown[]): unknown {
  return getLogger().error(msg, ...args);
}

/**
 * Logs what a function returns, with level CRITICAL by the default logger.
 *
 * @param msg makes the message; called once if the logger's level lets CRITICAL through
 * @param args what formatters find in the record's `args`
 * @returns the message, or `undefined` if the function was not called
 */
export function critical<T>(msg: () => T, ...args: unknown[]): T | undefined;
/**
 * Logs a message with level CRITICAL by the default logger.
 *
 * @param msg the message, any value but a function
 * @param args what formatters find in the record's `args`
 * @returns the message, logged or not
 */
export function critical<T>(
  msg: T extends GenericFunction ? never : T,
  ...args: unknown[]
): T;
export function critical(msg: unknown, ...args: unknown[]): unknown {
  return getLogger().critical(msg, ...args);
}
