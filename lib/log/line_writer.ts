/**
 * The log's output: bounded, and written without blocking the event loop.
 *
 * @module
 */

import {
  BaseHandler,
  type BaseHandlerOptions,
  type LevelName,
  LogLevels,
  LogRecord,
} from "@std/log";
import { wait } from "../scheduling/wait.ts";

/** Where records go. */
export interface LineOutput {
  /**
   * Starts to write records; not called again before the promise settles.
   *
   * @param records one or more, each without the line end behind it
   * @returns resolves when all are written, rejects when one cannot be
   */
  write(records: readonly string[]): Promise<void>;
}

/** Characters that wait while a write is in progress; further records are dropped. */
const MAX_WAITING = 4 * 1024 * 1024;

/** Characters from which on a write starts before the end of the turn. */
const WRITE_AT_ONCE = 16 * 1024;

/** Events after which the event loop may not turn again. */
const LAST_EVENTS = ["error", "unhandledrejection", "unload"] as const;

/** Milliseconds that such an event waits for the thread that writes. */
const LAST_WAIT = 200;

const encoder = new TextEncoder();

/**
 * The process's standard output. The runtime writes in a thread of its own, so a
 * pipe that is not read stops that thread and not the event loop.
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
 * Writes records as lines. The records of one turn of the event loop leave in one
 * write, and one write is in progress at a time. Records that find the buffer full
 * are dropped; a WARN record says how many as soon as a write succeeds again.
 *
 * An exit of the process that waits for {@linkcode LineWriter.flushed} loses no
 * record unless the output takes longer than that. Any other exit writes the
 * records that wait, unless a write is in progress.
 */
export class LineWriter extends BaseHandler {
  readonly #output: LineOutput;
  #waiting: string[] = [];
  /** Characters of the records that wait. */
  #size = 0;
  /** Records that were dropped, or that a failed write lost, since the last write. */
  #dropped = 0;
  #writing: Promise<void> | undefined;

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
    output: LineOutput = STANDARD_OUTPUT,
  ) {
    super(levelName, options);
    this.#output = output;
  }

  /** Called when the handler comes into use. */
  override setup(): void {
    for (const name of LAST_EVENTS) addEventListener(name, this.#last);
  }

  /** Called when the handler has been replaced. */
  override destroy(): void {
    this.#start();
    for (const name of LAST_EVENTS) removeEventListener(name, this.#last);
  }

  /**
   * Outputs a formatted record.
   *
   * @param msg the text
   */
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
   * Waits until every record is written.
   *
   * @param timeout milliseconds to wait at most
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
        // An output that takes no records is no reason to stop serving.
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

  /** The thread that writes goes on while this one sleeps. */
  readonly #last = (event: { readonly defaultPrevented: boolean }): void => {
    if (event.defaultPrevented) return;
    this.#start();
    if (this.#writing === undefined) return;
    const never = new Int32Array(new SharedArrayBuffer(4));
    Atomics.wait(never, 0, 0, LAST_WAIT);
  };
}
