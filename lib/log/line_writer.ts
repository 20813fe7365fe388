/**
 * The log output: bounded, and without blocking the event loop.
 *
 * @module
 */

import {
  BaseHandler,
  type BaseHandlerOptions,
  type LevelName,
  LogLevels,
  LogRecord,
} from "../std/log.ts";
import { wait } from "../scheduling/wait.ts";

/** A destination of log records. */
export interface LineOutput {
  /**
   * Writes records; not called again before the promise settles.
   *
   * @param records one or more, each without a line end
   * @returns resolves when all are written, rejects if one cannot be written
   */
  write(records: readonly string[]): Promise<void>;
}

/** Characters of waiting records at most; further records are dropped. */
const MAX_WAITING = 4 * 1024 * 1024;

/** Characters of waiting records that start a write before the end of the turn. */
const WRITE_AT_ONCE = 16 * 1024;

/** Events after which the process may exit without another turn of the event loop. */
const LAST_EVENTS = ["error", "unhandledrejection", "unload"] as const;

/** Milliseconds that such an event waits for the writing thread. */
const LAST_WAIT = 200;

const encoder = new TextEncoder();

/**
 * The standard output of the process. The runtime writes in another thread, so a pipe that
 * is not read blocks that thread, not the event loop.
 */
export const STANDARD_OUTPUT: LineOutput = {
  async write(records) {
    let rest = encoder.encode(`${records.join("\n")}\n`);
    while (rest.length > 0) {
      rest = rest.subarray(await Deno.stdout.write(rest));
    }
  },
};

/**
 * Writes records as lines. The records of one turn of the event loop are written at once;
 * one write is in progress at a time. While the buffer is full, records are dropped. After
 * the next successful write, a WARN record has their number.
 *
 * If an exit of the process waits for {@linkcode LineWriter.flushed}, no record is lost
 * unless that times out. Any other exit writes the waiting records unless a write is in
 * progress.
 */
export class LineWriter extends BaseHandler {
  readonly #output: LineOutput;
  #waiting: string[] = [];
  /** Characters of the waiting records. */
  #size = 0;
  /** Records that were dropped, or lost by a failed write, since the last success. */
  #dropped = 0;
  #writing: Promise<void> | undefined;

  /**
   * Makes a handler.
   *
   * @param levelName name of the lowest level that is written
   */
  constructor(
    levelName: LevelName,
    options: BaseHandlerOptions,
    output: LineOutput = STANDARD_OUTPUT,
  ) {
    super(levelName, options);
    this.#output = output;
  }

  /** Starts to listen to the last events of the process. */
  override setup(): void {
    for (const name of LAST_EVENTS) addEventListener(name, this.#last);
  }

  /** Writes the waiting records, and stops to listen. */
  override destroy(): void {
    this.#start();
    for (const name of LAST_EVENTS) removeEventListener(name, this.#last);
  }

  /** Adds a formatted record. */
  override log(msg: string): void {
    if (this.#size + msg.length > MAX_WAITING) {
      this.#dropped++;
      return;
    }
    if (this.#waiting.length === 0) queueMicrotask(this.#start);
    this.#waiting.push(msg);
    this.#size += msg.length;
    if (this.#size >= WRITE_AT_ONCE) this.#start();
  }

  /**
   * Resolves when all records are written, or after the timeout.
   *
   * @param timeout milliseconds
   */
  async flushed(timeout: number): Promise<void> {
    this.#start();
    if (this.#writing === undefined) return;
    const written = new AbortController();
    this.#writing.then(() => written.abort());
    await wait(timeout, [written.signal]);
  }

  readonly #start = (): void => {
    if (this.#writing !== undefined || this.#waiting.length === 0) return;
    this.#writing = this.#write();
  };

  async #write(): Promise<void> {
    while (this.#waiting.length > 0) {
      const dropped = this.#dropped;
      const records = this.#waiting;
      this.#waiting = [];
      this.#size = 0;
      this.#dropped = 0;
      try {
        await this.#output.write(
          dropped === 0 ? records : [...records, this.#notice(dropped)],
        );
      } catch {
        // The service continues without its log; the next success reports the number.
        this.#dropped += dropped + records.length;
      }
    }
    this.#writing = undefined;
  }

  #notice(dropped: number): string {
    return this.format(
      new LogRecord({
        msg: `${dropped} log records were dropped: ` +
          "the log's output did not take them in time",
        args: [],
        level: LogLevels.WARN,
        loggerName: "ws_echo_server",
      }),
    );
  }

  /** Sleeps, so that the writing thread can finish. */
  readonly #last = (event: { readonly defaultPrevented: boolean }): void => {
    if (event.defaultPrevented) return;
    this.#start();
    if (this.#writing === undefined) return;
    const never = new Int32Array(new SharedArrayBuffer(4));
    Atomics.wait(never, 0, 0, LAST_WAIT);
  };
}
