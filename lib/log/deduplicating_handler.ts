/**
 * Deduplication of repeated warnings and errors in the log.
 *
 * @module
 */

import { BaseHandler, LogLevels, LogRecord } from "../std/log.ts";
import { errorFields, LogFields } from "./fields.ts";

/** Seconds of a window. */
const WINDOW = 10;

/**
 * Warnings of one kind that are written per window; of errors it is one. It is several so
 * that tests of a client can match the line of each refused handshake.
 */
const WARNINGS = 10;

/** Kinds of records, and places of errors, in memory at most. */
const MAX_KINDS = 1000;

/** Names of errors that a client or the operating system causes; their stacks are not logged. */
const OUTSIDE_ERRORS: ReadonlySet<string> = new Set([
  ...Object.keys(Deno.errors),
  "QueryError",
  "RefusedError",
  "WorkQueueFullError",
]);

/** A stack frame of the program, not of the runtime. */
const PROGRAM_FRAME = /^ {4}at .*\b(?:file|https?|data|blob|npm|jsr):.*$/m;

/** Records of one kind in one window. */
interface Repetition {
  /** Records that may be written in this window. */
  left: number;
  /** Records that were not written. */
  count: number;
  /** The latest record. */
  latest: LogRecord;
  readonly timer: ReturnType<typeof setInterval>;
}

/**
 * Passes records to another handler, and deduplicates those of level WARN and above and
 * those whose fields ask for it ({@linkcode LogFields.folds}):
 *
 * - The first error of a kind, and the first ten warnings, are passed on. Further records
 *   within 10 s are counted, and one record has their number. Records of one kind have the
 *   same level, logger and message, apart from numbers. Their errors were thrown at the
 *   same place. Other arguments may differ.
 * - The stack of an error is logged once for each place where it was thrown. It is not
 *   logged if a client or the operating system caused the error. Other arguments are one
 *   line.
 */
export class DeduplicatingHandler extends BaseHandler {
  readonly #output: BaseHandler;
  readonly #repetitions = new Map<string, Repetition>();
  readonly #shown = new Set<string>();

  /** Makes a handler with the level of the output. */
  constructor(output: BaseHandler) {
    super(output.levelName);
    this.#output = output;
  }

  /** Sets the output up. */
  override setup(): void {
    this.#output.setup();
  }

  /** Passes on the counts, and destroys the output. */
  override destroy(): void {
    this.flush();
    this.#output.destroy();
  }

  /** Passes a record on, or counts it. */
  override handle(record: LogRecord): void {
    if (record.level < this.level) return;
    if (record.level < LogLevels.WARN && !record.args.some(isFolded)) {
      return this.#output.handle(record);
    }
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

  /** Not called: the output formats and writes records. */
  override log(): void {}

  /** Passes on the counts of all kinds. */
  flush(): void {
    for (const [kind, { timer }] of this.#repetitions) {
      this.#passCount(kind);
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
    if (this.#passCount(kind)) return;
    clearTimeout(this.#repetitions.get(kind)?.timer);
    this.#repetitions.delete(kind);
  }

  /** Passes on the count of a kind; returns whether it was above 0. */
  #passCount(kind: string): boolean {
    const repetition = this.#repetitions.get(kind);
    if (repetition === undefined || repetition.count === 0) return false;
    const { count, latest } = repetition;
    repetition.count = 0;
    const fields = new LogFields(
      { "log.repetitions": count, "log.window": WINDOW },
      { text: `… ${count} more in ${WINDOW} s` },
    );
    this.#pass(latest, [...latest.args.map(oneLine), fields]);
    return true;
  }

  #pass({ msg, level, loggerName }: LogRecord, args: unknown[]): void {
    this.#output.handle(new LogRecord({ msg, args, level, loggerName }));
  }

  #kindOf({ level, loggerName, msg, args }: LogRecord): string {
    const places = args.map((arg) => arg instanceof Error ? placeOf(arg) : "");
    const named = args.findLast((arg) =>
      arg instanceof LogFields && arg.kind !== undefined
    ) as LogFields | undefined;
    const message = named?.kind ?? msg.replace(/\d+/g, "#");
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
    return errorFields(arg, framesOf(arg).join("\n"));
  }
}

/** Returns name and place of an error. */
function placeOf(error: Error): string {
  return `${error.name} ${PROGRAM_FRAME.exec(error.stack ?? "")?.[0] ?? ""}`;
}

function isFromOutside({ name, stack }: Error): boolean {
  return OUTSIDE_ERRORS.has(name) ||
    stack !== undefined && !PROGRAM_FRAME.test(stack);
}

/** Makes an error one line; its message may contain text of a client. */
function oneLine(arg: unknown): unknown {
  return arg instanceof Error ? errorFields(arg) : arg;
}

/** Whether the fields of a record ask for the deduplication. */
function isFolded(arg: unknown): boolean {
  return arg instanceof LogFields && arg.folds;
}

function framesOf({ message, stack = "" }: Error): string[] {
  const start = stack.indexOf(message);
  const frames = start < 0 ? stack : stack.slice(start + message.length);
  return frames.split("\n").filter((line) => line.startsWith("    at "));
}
