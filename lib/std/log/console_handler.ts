/**
 * Output to the console.
 *
 * @module
 */

import { BaseHandler, type BaseHandlerOptions } from "./base_handler.ts";
import type { LevelName } from "./levels.ts";
import type { LogRecord } from "./record.ts";

/** Options of {@linkcode ConsoleHandler}. */
export interface ConsoleHandlerOptions extends BaseHandlerOptions {
  /**
   * Whether text is coloured by its level; never where `NO_COLOR` is set.
   * @default true
   */
  useColors?: boolean;
}

/** The ANSI sequences around the text of a level. */
const STYLES: Partial<Record<LevelName, readonly [string, string]>> = {
  INFO: ["\x1b[34m", "\x1b[39m"],
  WARN: ["\x1b[33m", "\x1b[39m"],
  ERROR: ["\x1b[31m", "\x1b[39m"],
  CRITICAL: ["\x1b[1m\x1b[31m", "\x1b[39m\x1b[22m"],
};

/** Outputs records by `console.log`. */
export class ConsoleHandler extends BaseHandler {
  readonly #useColors: boolean;

  /**
   * Makes a handler.
   *
   * @param levelName the name of the lowest level that is output
   * @param options how records are output
   * @throws {Error} if there is no such level
   */
  constructor(levelName: LevelName, options: ConsoleHandlerOptions = {}) {
    super(levelName, options);
    this.#useColors = options.useColors ?? true;
  }

  /**
   * Turns a record into the text that is output.
   *
   * @param logRecord the record
   * @returns what the formatter makes of it, in the level's colour
   */
  override format(logRecord: LogRecord): string {
    const text = super.format(logRecord);
    const style = STYLES[logRecord.levelName];
    if (!this.#useColors || Deno.noColor || style === undefined) return text;
    const [start, end] = style;
    return start + text + end;
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
