/**
 * Reading in turns. The runtime reads from a peer as fast as it sends, and every
 * message that is sent to it waits as a task of its own, 61 of which are done
 * between two rounds of reading: a few peers that flood make others wait for
 * seconds and fill the memory, whether they read or not. Here a peer that is too
 * far ahead is not read from until half of what waits for it is written.
 *
 * The runtime documents no way to stop reading. But its loop over a socket's
 * messages ends where the socket's state is "closed" behind a message, and goes
 * on where it is called again. Both are under symbols; a runtime without them
 * reads as it likes, and `SEND_BUFFER_LIMIT` alone bounds what piles up.
 *
 * PONGs count as messages: the runtime reads them in the same loop, and shows
 * them to no listener. One poll of its event loop takes 128 reads of 64 KiB, which is
 * a million PONGs and 180 ms; the operating system is asked for other input after
 * many such polls. But the loop restarts the keep-alive for each PONG, by a method
 * under a symbol, and that method is replaced here.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import { yieldToOthers } from "../scheduling/scheduler.ts";
import { type Internals, symbolOf } from "./internals.ts";

/** Messages that all peers who are ahead may be ahead, about. */
const TOGETHER = 256;

/** Messages that one may be ahead at least, and at most. */
const LEAST = 8;
const MOST = 64;

/** Bytes of payload that count as a message. */
const MESSAGE_BYTES = 4096;

/**
 * Milliseconds without a byte written until a peer is read from again all the
 * same: that alone shows that it has gone.
 */
const WRITE_TIMEOUT = 250;

/** Milliseconds until one message of a peer that is held is read, for the same reason. */
const HOLD_TIMEOUT = 1000;

/**
 * Milliseconds until those that are not ready are looked at again, each time
 * later; 0 is as soon as the runtime has written some more.
 */
const PAUSES = [0, 0, 0, 0, 1, 2, 4, 8, 16, 32];

/** Messages that take long to handle, or bytes of one that count as many. */
const MUCH = 2 * MOST;

/** Peers that are read from again at a look: what they send comes at once. */
const MOST_AT_ONCE = 16;

/** PONGs in a row that count as a message; 0.1 ms of work. */
const PONGS = 512;

/** More messages than anybody sends between two looks; small enough for V8 to count fast. */
const COUNTLESS = 2 ** 29;

/** The share where nobody can be paused. */
const UNLIMITED = 2 * COUNTLESS - 1;

/** The loop over a socket's messages. */
const EVENT_LOOP = "[[eventLoop]]";

/** A socket's state. */
const READY_STATE = "[[readyState]]";

/** The loop calls it for each message, before the listeners, and for each PONG. */
const RESTART = "[[serverHandleIdleTimeout]]";

/** A peer that is read from in turns. */
export class Reading {
  readonly #turns: ReadingTurns;
  readonly #socket: Internals;
  /** Whether what it brought last took long to handle. */
  broughtMuch = false;
  /** Messages since the last look; countless while it is not read from. */
  #messages = 0;
  /** PONGs since the last message, and that message. */
  #pongs = 0;
  /** The turn of the last look. */
  #turn = 0;
  /** Bytes unwritten with which reading goes on. */
  #enough = 0;
  /** Bytes unwritten at the last look. */
  #unwritten = 0;
  /** When they became fewer, or reading was paused. */
  #since = 0;
  #isHidden = false;
  /** Reasons to read nothing more for now. */
  #holds = 0;
  /** Whether it is read from whatever holds it, up to its end. */
  #isEnding = false;

  /**
   * A peer that is read from.
   *
   * @param turns of all peers
   * @param socket the runtime's socket of this one
   */
  constructor(turns: ReadingTurns, socket: WebSocket) {
    this.#turns = turns;
    this.#socket = socket as Internals;
    turns.watch(this.#socket, () => this.#read());
  }

  /** Whether it is not read from at the moment. */
  get isPaused(): boolean {
    return this.#messages >= COUNTLESS;
  }

  /** Reads nothing more until {@linkcode Reading.release}; each call needs one. */
  hold(): void {
    this.#holds++;
    // The next message is the last one.
    this.#messages = Math.max(this.#messages, MOST);
  }

  /** Ends a {@linkcode Reading.hold}. */
  release(): void {
    this.#holds--;
  }

  /** Reads whatever holds it, so that the end of the connection is seen. */
  end(): void {
    this.#isEnding = true;
  }

  get #isHeld(): boolean {
    return this.#holds > 0 && !this.#isEnding;
  }

  /**
   * Notes a message, before it is handled.
   *
   * @param bytes of its payload
   * @returns whether to call {@linkcode Reading.pause} when it has been
   */
  heard(bytes: number): boolean {
    this.#pongs = 0;
    this.#messages += bytes < MESSAGE_BYTES ? 1 : 1 + bytes / MESSAGE_BYTES | 0;
    return this.#messages >= this.#turns.share && this.#isAhead();
  }

  /** Stops reading; only in the listener of a message, and at its end. */
  pause(): void {
    const socket = this.#socket;
    if (socket.readyState !== WebSocket.OPEN) return;
    this.broughtMuch = this.#messages > MUCH;
    this.#messages = COUNTLESS;
    this.#unwritten = socket.bufferedAmount;
    this.#enough = this.#unwritten / 2;
    this.#since = performance.now();
    // The loop looks at it right behind this listener.
    this.#isHidden = true;
    this.#turns.hide(socket, true);
    queueMicrotask(() => this.show());
    this.#turns.rest(this, this.#unwritten > 0);
  }

  /** The socket is open again, as it has been: to be called before it is used. */
  show(): void {
    if (!this.#isHidden) return;
    this.#isHidden = false;
    this.#turns.hide(this.#socket, false);
  }

  /**
   * Whether its turn has come; if so, it is read from.
   *
   * @param now in milliseconds
   */
  goesOn(now: number): boolean {
    const isHeld = this.#isHeld;
    if (isHeld && now - this.#since <= HOLD_TIMEOUT) return false;
    // 0 where it is being closed, too.
    const unwritten = this.#socket.bufferedAmount;
    if (unwritten < this.#unwritten) {
      this.#unwritten = unwritten;
      this.#since = now;
    }
    if (unwritten > this.#enough && now - this.#since <= WRITE_TIMEOUT) {
      return false;
    }
    this.#messages = isHeld ? MOST : 0;
    this.#turns.readFrom(this.#socket);
    return true;
  }

  /** The runtime has read a PONG, or a message that {@linkcode Reading.heard} gets next. */
  #read(): void {
    if (++this.#pongs < PONGS) return;
    this.#pongs = 0;
    this.#messages++;
    if (this.#isAhead()) this.pause();
  }

  /** With nothing unwritten it is ahead if it has left no turn to others. */
  #isAhead(): boolean {
    if (this.isPaused) return this.#wasPausedTooSoon();
    if (this.#isHeld || this.#socket.bufferedAmount > 0) return true;
    const turn = this.#turns.current();
    const isAhead = this.#turn === turn;
    this.#turn = turn;
    this.#messages = 0;
    return isAhead;
  }

  /** Whether {@linkcode Reading.#read} paused before this message, and not after a PONG. */
  #wasPausedTooSoon(): boolean {
    if (!this.#isHidden) {
      this.#turns.giveUp();
      return false;
    }
    this.show();
    this.#messages = 0;
    this.#turns.unrest();
    return true;
  }
}

/** The turns of one listener's peers. */
export class ReadingTurns {
  readonly #loop: symbol | undefined = symbolOf(
    WebSocket.prototype,
    EVENT_LOOP,
  );
  readonly #restart: symbol | undefined = symbolOf(
    WebSocket.prototype,
    RESTART,
  );
  /** Known from the first socket on. */
  #state: symbol | undefined;
  /** Whether the runtime lets itself be paused. */
  #works = false;
  /** Who is not read from, by how often they have been looked at. */
  readonly #resting: Reading[][] = PAUSES.map(() => []);
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #paused = 0;
  #turn = 1;
  /** Whether the end of this turn is awaited: not while nobody asks. */
  #isCounting = false;
  #share = UNLIMITED;

  /** Messages that a peer may be ahead of the others. */
  get share(): number {
    return this.#share;
  }

  /** The turn of the event loop. */
  current(): number {
    if (!this.#isCounting) setImmediate(this.#count);
    this.#isCounting = true;
    return this.#turn;
  }

  /**
   * A socket has opened.
   *
   * @param socket the runtime's
   */
  opened(socket: WebSocket): void {
    if (this.#state !== undefined || this.#loop === undefined) return;
    this.#state = symbolOf(socket, READY_STATE);
    if (this.#state === undefined) return;
    this.#works = (socket as Internals)[this.#state] === WebSocket.OPEN;
    this.#divide();
  }

  /**
   * Tells what the runtime reads from a socket.
   *
   * @param socket the runtime's
   * @param read called for each message, before its listeners, and for each PONG
   */
  watch(socket: Internals, read: () => void): void {
    if (this.#restart === undefined) return;
    const restart = socket[this.#restart] as () => void;
    socket[this.#restart] = () => {
      read();
      restart.call(socket);
    };
  }

  /**
   * Does not read from somebody for a while.
   *
   * @param reading is paused
   * @param isWriting whether something is to be written meanwhile
   */
  rest(reading: Reading, isWriting: boolean): void {
    this.#paused++;
    this.#divide();
    if (this.#resting[0]!.push(reading) > 1) return;
    if (isWriting) this.#lookLater(0);
    else yieldToOthers(() => this.#look(0));
  }

  /** Takes the last {@linkcode ReadingTurns.rest} back, in the same call of a listener. */
  unrest(): void {
    this.#resting[0]!.pop();
    this.#paused--;
    this.#divide();
  }

  /**
   * Hides from the runtime that a socket is open.
   *
   * @param socket is open
   * @param isHidden false: no longer
   */
  hide(socket: Internals, isHidden: boolean): void {
    socket[this.#state!] = isHidden ? WebSocket.CLOSED : WebSocket.OPEN;
  }

  /**
   * Goes on reading.
   *
   * @param socket is not read from
   */
  readFrom(socket: Internals): void {
    if (this.#works) (socket[this.#loop!] as () => void).call(socket);
  }

  /** The runtime goes on reading all the same. */
  giveUp(): void {
    this.#works = false;
    this.#share = UNLIMITED;
  }

  /** Forgets everybody. */
  clear(): void {
    for (const readings of this.#resting) readings.length = 0;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #count = (): void => {
    this.#turn++;
    this.#isCounting = false;
  };

  /** Those that are not ready are looked at again, the next time later. */
  #look(level: number): void {
    const now = performance.now();
    const next = Math.min(level + 1, PAUSES.length - 1);
    const later = this.#resting[next]!;
    const isScheduled = next !== level && later.length > 0;
    let left = MOST_AT_ONCE;
    for (const reading of this.#resting[level]!.splice(0)) {
      if (left > 0 && reading.goesOn(now)) {
        this.#paused--;
        left -= reading.broughtMuch ? MOST_AT_ONCE : 1;
      } else later.push(reading);
    }
    this.#divide();
    if (later.length > 0 && !isScheduled) this.#lookLater(next);
  }

  #lookLater(level: number): void {
    const pause = PAUSES[level]!;
    if (pause === 0) {
      setImmediate(() => this.#look(level));
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#look(level);
    }, pause);
    this.#timers.add(timer);
  }

  #divide(): void {
    if (!this.#works) return;
    const share = Math.floor(TOGETHER / (this.#paused + 1));
    this.#share = Math.min(Math.max(share, LEAST), MOST);
  }
}
