/**
 * What the runtime may not have written yet of what was sent to a peer. Its
 * `bufferedAmount` counts payload alone, while every message that waits is a
 * task of the runtime's: a peer that sends messages of a byte, or of none, and
 * reads nothing would take gigabytes before any payload shows.
 *
 * @module
 */

/** Bytes that the runtime holds for a waiting message, its payload apart: 900, and some. */
const MESSAGE_COST = 1024;

/** Messages that may wait however low the limit is. */
const MIN_MESSAGES = 2048;

/** Bytes that are sent between two looks at the runtime's figure, at most. */
const MAX_STEP = 256 * 1024;

/** Least growth of the process by a waiting message, in bytes. */
const LEAST_GROWTH = 512;

/** Times that the process has to grow like that until empty messages are held to be waiting. */
const STRIKES = 3;

/** What was sent up to some time. */
interface Mark {
  /** Messages with a payload. */
  readonly messages: number;
  /** Messages without. */
  readonly empty: number;
  /** Payload bytes, at least. */
  readonly bytes: number;
}

/** An upper bound of what waits for one peer. */
export class Unwritten {
  readonly #limit: number;
  readonly #maxMessages: number;
  readonly #residentBytes: () => number;
  #messages = 0;
  #empty = 0;
  #bytes = 0;
  /** At most what was sent since the last look, in bytes with their cost. */
  #recent = 0;
  /** Above it, it is time for a look. */
  #patience: number;
  /** Oldest first; all before the first is written. */
  #marks: Mark[] = [{ messages: 0, empty: 0, bytes: 0 }];
  /** The process's memory when empty messages were last held to be written. */
  #resident: number | undefined;
  #strikes = 0;
  #waiting = 0;

  /**
   * Starts with nothing sent.
   *
   * @param limit payload bytes that may wait; as many messages as take the same
   * again may
   * @param residentBytes the process's memory
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
    this.#patience = this.#step(0);
  }

  /** Bytes that waited at the last look, with what the messages cost. */
  get waiting(): number {
    return this.#waiting;
  }

  /** Whether so much was sent that the runtime has to be asked before more is. */
  get isUncertain(): boolean {
    return this.#recent > this.#patience;
  }

  /**
   * Notes a message.
   *
   * @param data is sent
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
   * Compares what was sent with the runtime's figure.
   *
   * @param buffered the runtime's `bufferedAmount`
   * @returns whether too much waits
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
    this.#patience = this.#step(buffered);
    // As many messages as the bytes that wait make up, of those since the mark.
    const since = this.#messages - messages;
    const share = buffered / Math.max(this.#bytes - bytes, 1);
    const waiting = Math.min(Math.ceil(since * share), since, buffered);
    this.#waiting = buffered + waiting * MESSAGE_COST;
    return buffered > this.#limit ||
      this.#messages - messages > this.#maxMessages ||
      this.#empty - empty > this.#maxMessages && !this.#areEmptyOnesWritten();
  }

  /** A limit that is nearly reached is looked at more often. */
  #step(buffered: number): number {
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
   * Messages leave in order: where less waits than was sent since a mark, all
   * before the mark has been written.
   */
  #forgetWritten(buffered: number): void {
    const last = this.#marks.findLastIndex(({ bytes }) =>
      buffered < this.#bytes - bytes
    );
    if (last < 0) return;
    this.#marks.splice(0, last);
    this.#resident = undefined;
    this.#strikes = 0;
  }

  /**
   * Of empty messages the runtime says nothing. So many of them would show in the
   * process's memory, if they were waiting.
   */
  #areEmptyOnesWritten(): boolean {
    const resident = this.#residentBytes();
    const grown = resident - (this.#resident ?? resident);
    this.#strikes = grown < this.#maxMessages * LEAST_GROWTH
      ? 0
      : this.#strikes + 1;
    this.#resident = resident;
    this.#marks = this.#marks.slice(-1);
    return this.#strikes < STRIKES;
  }
}
