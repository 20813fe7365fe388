/**
 * An upper bound of the sent data that the runtime has not written.
 *
 * The runtime's `bufferedAmount` counts payload alone, but each unwritten message
 * is a task of some 900 bytes (seen in Deno 2.9.6). A client that sends empty or
 * one-byte messages and reads nothing would take gigabytes before the payload exceeds
 * the limit.
 *
 * @module
 */

/** Bytes that the runtime holds for an unwritten message in addition to its payload. */
const MESSAGE_COST = 1024;

/** Unwritten messages that are allowed with the lowest limit. */
const MIN_MESSAGES = 2048;

/** Most bytes that are sent between two checks of the runtime's figure. */
const MAX_STEP = 256 * 1024;

/** Minimum growth of the process per unwritten message, in bytes. */
const MIN_GROWTH = 512;

/** Consecutive growths of the process after which empty messages count as unwritten. */
const MAX_GROWTHS = 3;

/** The totals sent up to some time. */
interface Mark {
  /** Messages with a payload. */
  readonly messages: number;
  /** Messages without a payload. */
  readonly empty: number;
  /** A lower bound of the payload bytes. */
  readonly bytes: number;
}

/** Counts the unwritten data of one connection. */
export class UnwrittenData {
  readonly #limit: number;
  readonly #maxMessages: number;
  readonly #residentBytes: () => number;
  #messages = 0;
  #empty = 0;
  #bytes = 0;
  /** An upper bound of the bytes sent since the last check, with the cost of each message. */
  #recent = 0;
  /** Recent bytes above which the next check is due. */
  #step: number;
  /** Oldest first; everything before the first mark is written. */
  #marks: Mark[] = [{ messages: 0, empty: 0, bytes: 0 }];
  /** The process's memory when the empty messages were last checked. */
  #resident: number | undefined;
  #growths = 0;
  #waiting = 0;

  /**
   * Starts with nothing sent.
   *
   * @param limit payload bytes that may be unwritten, and bytes that their
   * messages may cost in addition
   * @param residentBytes measures the process's memory
   */
  constructor(
    limit: number,
    residentBytes: () => number = () => Deno.memoryUsage().rss,
  ) {
    this.#limit = limit;
    this.#maxMessages = Math.max(
      Math.ceil(limit / MESSAGE_COST),
      MIN_MESSAGES,
    );
    this.#residentBytes = residentBytes;
    this.#step = this.#nextStep(0);
  }

  /** Unwritten bytes at the last check, with the cost of each message. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Whether a check is due before more is sent. */
  get isCheckDue(): boolean {
    return this.#recent > this.#step;
  }

  /**
   * Counts a message.
   *
   * @param data of the message
   */
  sent(data: string | ArrayBuffer | Uint8Array): void {
    // A UTF-16 unit is 1 to 3 bytes of UTF-8.
    const isText = typeof data === "string";
    const bytes = isText ? data.length : data.byteLength;
    if (bytes === 0) this.#empty++;
    else this.#messages++;
    this.#bytes += bytes;
    this.#recent += MESSAGE_COST + (isText ? 3 * bytes : bytes);
  }

  /**
   * Compares the sent data with the runtime's figure.
   *
   * @param buffered the runtime's `bufferedAmount`
   * @returns whether more than the limit is unwritten
   */
  exceeds(buffered: number): boolean {
    this.#forgetWritten(buffered);
    const { messages, empty, bytes } = this.#marks[0]!;
    this.#marks.push({
      messages: this.#messages,
      empty: this.#empty,
      bytes: this.#bytes,
    });
    this.#recent = 0;
    this.#step = this.#nextStep(buffered);
    // The unwritten bytes' share of the messages since the mark.
    const since = this.#messages - messages;
    const share = buffered / Math.max(this.#bytes - bytes, 1);
    const waiting = Math.min(Math.ceil(since * share), since, buffered);
    this.#waiting = buffered + waiting * MESSAGE_COST;
    return buffered > this.#limit ||
      this.#messages - messages > this.#maxMessages ||
      this.#empty - empty > this.#maxMessages && !this.#areEmptyWritten();
  }

  /** Checks are more frequent when the limit is near. */
  #nextStep(buffered: number): number {
    return Math.max(
      Math.min(
        MAX_STEP,
        this.#maxMessages * MESSAGE_COST / 8,
        this.#limit - buffered,
      ),
      0,
    );
  }

  /**
   * Drops the marks before the written data. Messages are written in order: where
   * less is unwritten than was sent since a mark, everything before it is written.
   */
  #forgetWritten(buffered: number): void {
    const last = this.#marks.findLastIndex(({ bytes }) =>
      buffered < this.#bytes - bytes
    );
    if (last < 0) return;
    this.#marks.splice(0, last);
    this.#resident = undefined;
    this.#growths = 0;
  }

  /**
   * Estimates from the process's memory whether empty messages are written: the
   * runtime's figure does not count them, but many of them take memory.
   */
  #areEmptyWritten(): boolean {
    const resident = this.#residentBytes();
    const grown = resident - (this.#resident ?? resident);
    this.#growths = grown < this.#maxMessages * MIN_GROWTH
      ? 0
      : this.#growths + 1;
    this.#resident = resident;
    this.#marks = this.#marks.slice(-1);
    return this.#growths < MAX_GROWTHS;
  }
}
