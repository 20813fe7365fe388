/**
 * Bounds what repeated warnings and errors write to the log.
 *
 * @module
 */

import { BaseHandler, LogLevels, LogRecord } from "@std/log";
import { printable } from "./printable.ts";

/** Seconds in which records of one kind are counted instead of written. */
const WINDOW = 10;

/**
 * Warnings of one kind that are written in a window: a client's tests may look for
 * the line of each of a few refused handshakes. Of errors it is one.
 */
const WARNINGS = 10;

/** Kinds of records, and places of errors, that are told apart. */
const MAX_KINDS = 1000;

/**
 * Names of errors that a client or the operating system causes, so that they have
 * no stack worth reading.
 */
const OUTSIDE_ERRORS: ReadonlySet<string> = new Set([
  ...Object.keys(Deno.errors),
  "QueryError",
  "RefusedError",
  "WorkQueueFullError",
]);

/** A frame of the program itself, not of the runtime below it. */
const PROGRAM_FRAME = /^ {4}at .*\b(?:file|https?|data|blob|npm|jsr):.*$/m;

/** Records of one kind in one window. */
interface Repetition {
  /** Records that may still be written. */
  left: number;
  /** Records after those that were written. */
  count: number;
  /** The latest of them. */
  latest: LogRecord;
  readonly timer: ReturnType<typeof setInterval>;
}

/**
 * Passes records on to another handler, but of those with level WARN and above:
 *
 * - The first error of a kind and the first ten warnings are passed on. Those that
 *   follow within 10 s are counted, and one record tells how many they were. Records are of one kind if level,
 *   logger and message are the same, numbers aside, and their errors were thrown at
 *   the same place; other arguments may differ.
 * - An error has its stack once for each place where it was thrown, and none if
 *   a client or the operating system caused it. Everything else is one line.
 */
export class DeduplicatingHandler extends BaseHandler {
  readonly #output: BaseHandler;
  readonly #repetitions = new Map<string, Repetition>();
  readonly #shown = new Set<string>();

  /**
   * Makes a handler of the same level.
   *
   * @param output gets the records
   */
  constructor(output: BaseHandler) {
    super(output.levelName);
    this.#output = output;
  }

  /** Called when the handler comes into use. */
  override setup(): void {
    this.#output.setup();
  }

  /** Called when the handler has been replaced. */
  override destroy(): void {
    this.unfold();
    this.#output.destroy();
  }

  /**
   * Passes a record on or counts it.
   *
   * @param record the record
   */
  override handle(record: LogRecord): void {
    if (record.level < this.level) return;
    if (record.level < LogLevels.WARN) return this.#output.handle(record);
    const kind = this.#kindOf(record);
    const repetition = this.#repetitions.get(kind) ?? this.#begin(kind, record);
    if (repetition.left > 0) {
      repetition.left--;
      this.#pass(record, record.args.map((arg) => this.#argument(arg)));
    } else {
      repetition.count++;
      repetition.latest = record;
    }
  }

  /** Not called: the other handler formats and outputs. */
  override log(): void {}

  /** Passes on what was counted so far. */
  unfold(): void {
    for (const [kind, { timer }] of this.#repetitions) {
      this.#tell(kind);
      clearTimeout(timer);
    }
    this.#repetitions.clear();
  }

  #begin(kind: string, latest: LogRecord): Repetition {
    const timer = setInterval(() => this.#endWindow(kind), WINDOW * 1000);
    Deno.unrefTimer(timer);
    const left = latest.level < LogLevels.ERROR ? WARNINGS : 1;
    const repetition = { left, count: 0, latest, timer };
    this.#repetitions.set(kind, repetition);
    return repetition;
  }

  #endWindow(kind: string): void {
    if (this.#tell(kind)) return;
    clearTimeout(this.#repetitions.get(kind)?.timer);
    this.#repetitions.delete(kind);
  }

  /** Says how many records of a kind were counted; whether there were any. */
  #tell(kind: string): boolean {
    const repetition = this.#repetitions.get(kind);
    if (repetition === undefined || repetition.count === 0) return false;
    const { count, latest } = repetition;
    repetition.count = 0;
    const args = latest.args.map(oneLine);
    this.#pass(latest, [...args, `... ${count} more in ${WINDOW} s`]);
    return true;
  }

  #pass({ msg, level, loggerName }: LogRecord, args: unknown[]): void {
    this.#output.handle(new LogRecord({ msg, args, level, loggerName }));
  }

  #kindOf({ level, loggerName, msg, args }: LogRecord): string {
    const places = args.map((arg) => arg instanceof Error ? placeOf(arg) : "");
    const message = msg.replace(/\d+/g, "#");
    const kind = [level, loggerName, message, ...places].join(" ");
    const isKnown = this.#repetitions.has(kind) ||
      this.#repetitions.size < MAX_KINDS;
    return isKnown ? kind : `${level} ${loggerName}`;
  }

  #argument(arg: unknown): unknown {
    if (!(arg instanceof Error) || isFromOutside(arg)) return oneLine(arg);
    const place = placeOf(arg);
    if (this.#shown.has(place) || this.#shown.size >= MAX_KINDS) {
      return oneLine(arg);
    }
    this.#shown.add(place);
    return [oneLine(arg), ...framesOf(arg)].join("\n");
  }
}

/** Where an error was thrown. */
function placeOf(error: Error): string {
  return `${error.name} ${PROGRAM_FRAME.exec(error.stack ?? "")?.[0] ?? ""}`;
}

function isFromOutside({ name, stack }: Error): boolean {
  return OUTSIDE_ERRORS.has(name) ||
    stack !== undefined && !PROGRAM_FRAME.test(stack);
}

/** An error's message may have been made from what a client sent. */
function oneLine(arg: unknown): string {
  return arg instanceof Error
    ? `${arg.name}: ${printable(arg.message)}`
    : String(arg);
}

function framesOf({ message, stack = "" }: Error): string[] {
  const start = stack.indexOf(message);
  const frames = start < 0 ? stack : stack.slice(start + message.length);
  return frames.split("\n").filter((line) => line.startsWith("    at "));
}
