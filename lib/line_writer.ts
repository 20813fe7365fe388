/**
 * The log's output: the lines of one turn of the event loop leave in one write.
 *
 * @module
 */

import {
  BaseHandler,
  type BaseHandlerOptions,
  type LevelName,
  LogLevels,
  type LogRecord,
} from "@std/log";

/** Where lines go: a part of `Deno.stdout`. */
export interface LineOutput {
  /**
   * Writes some of the bytes, the first at least.
   *
   * @param bytes the lines
   * @returns how many are written
   */
  writeSync(bytes: Uint8Array): number;
}

/** Characters that wait for the end of the turn; more are written at once. */
const MAX_WAITING = 16 * 1024;

/** Events behind which there may be no turn any more. */
const LAST_EVENTS = ["error", "unload"] as const;

const encoder = new TextEncoder();

/**
 * Writes records as lines. What is less than an error waits until the code that
 * runs just now and the promises behind it are done, so that many peers at once
 * cost one system call; an error takes what waits along at once. The end of the
 * process loses nothing.
 */
export class LineWriter extends BaseHandler {
  readonly #output: LineOutput;
  readonly #flush = () => this.flush();
  #waiting = "";

  /**
   * Makes a handler.
   *
   * @param levelName the name of the lowest level that is output
   * @param options how records are output
   * @param output where to
   */
  constructor(
    levelName: LevelName,
    options: BaseHandlerOptions,
    output: LineOutput = Deno.stdout,
  ) {
    super(levelName, options);
    this.#output = output;
  }

  /** Called when the handler comes into use. */
  override setup(): void {
    for (const name of LAST_EVENTS) addEventListener(name, this.#flush);
  }

  /** Called when the handler has been replaced. */
  override destroy(): void {
    this.flush();
    for (const name of LAST_EVENTS) removeEventListener(name, this.#flush);
  }

  /**
   * Formats and outputs a record, unless it is below the handler's level.
   *
   * @param record the record
   */
  override handle(record: LogRecord): void {
    super.handle(record);
    if (record.level >= LogLevels.ERROR) this.flush();
  }

  /**
   * Outputs a formatted record.
   *
   * @param msg the text
   */
  override log(msg: string): void {
    if (this.#waiting === "") queueMicrotask(this.#flush);
    this.#waiting += `${msg}\n`;
    if (this.#waiting.length >= MAX_WAITING) this.flush();
  }

  /** Writes what waits. */
  flush(): void {
    if (this.#waiting === "") return;
    let rest = encoder.encode(this.#waiting);
    this.#waiting = "";
    try {
      while (rest.length > 0) {
        rest = rest.subarray(this.#output.writeSync(rest));
      }
    } catch {
      // A log that nobody reads any more is no reason to stop serving.
    }
  }
}
