/**
 * Fair reading: limits how far ahead of the other clients one client is read. A client
 * is ahead if it has used up its quota of messages while data that was sent to it is
 * unwritten, or within one turn of the event loop.
 *
 * The runtime reads as fast as a client sends. Each sent message is a task of its
 * own, and the runtime runs 61 tasks between two polls for input. A few clients
 * that flood delay all others by seconds and fill the memory, whether they read
 * the answers or not. Here a client that is ahead is not read from until half of its
 * unwritten data is written.
 *
 * The runtime documents no way to stop reading. Its event loop of a socket ends
 * where the socket's state is "closed" after a message, and continues where it is
 * called again. Both are properties under symbols (seen in Deno 2.9.6). Without
 * them the runtime reads on, and `SEND_BUFFER_LIMIT` alone limits the unwritten
 * data.
 *
 * PONGs count, too: the runtime reads them in the same loop, without an event. One
 * poll of its event loop reads up to a million PONGs, which takes 180 ms. The loop
 * restarts the socket's idle timer for each PONG and each message, by a method under
 * a symbol, and this file replaces that method.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import { type Internals, symbolOf } from "../../runtime/internals.ts";
import {
  currentSlice,
  isSliceOver,
  yieldToOthers,
} from "../../scheduling/scheduler.ts";

/** Messages that all clients that are ahead share, roughly. */
const TOTAL_QUOTA = 256;

/** Bounds of the quota of one client, in messages. */
const MIN_QUOTA = 8;
const MAX_QUOTA = 64;

/** Bytes of payload that count as one message. */
const MESSAGE_BYTES = 4096;

/** Bytes of payload between two checks of the time slice. */
const CHECKED_BYTES = 16 * 1024;

/**
 * Milliseconds without progress in writing after which a client is read from all
 * the same: only reading shows that the client has disconnected.
 */
const WRITE_TIMEOUT = 250;

/** Milliseconds after which one message of a held client is read, for the same reason. */
const HOLD_TIMEOUT = 1000;

/**
 * Milliseconds between two checks of a paused client, by the number of checks so
 * far; 0: after the runtime has had the chance to write.
 */
const CHECK_DELAYS = [0, 0, 0, 0, 1, 2, 4, 8, 16, 32];

/** Messages in one read above which the next check resumes no other client. */
const LONG_READ = 2 * MAX_QUOTA;

/**
 * Clients of a kind, light or not, that one check resumes at most: their input arrives all
 * at once.
 */
const MAX_RESUMED = 16;

/** PONGs without a message in between that count as one message; 0.1 ms of work. */
const PONGS = 512;

/** The message count of a paused client; a small integer in V8. */
const PAUSED = 2 ** 29;

/** The quota where reading cannot be paused. */
const UNLIMITED = 2 * PAUSED - 1;

/** The runtime's loop over the messages of a socket. */
const EVENT_LOOP = "[[eventLoop]]";

/** The state of a socket. */
const READY_STATE = "[[readyState]]";

/** Called by the loop for each message, before its listeners, and for each PONG. */
const RESTART_TIMER = "[[serverHandleIdleTimeout]]";

/** The reader of a socket. */
const READER = Symbol("reader");

type WatchedSocket = Internals & { [READER]: SocketReader };

/** One function for all sockets, which V8 can inline; a closure for each costs 3 %. */
function noteBefore(restart: () => void): (this: WatchedSocket) => void {
  return function () {
    this[READER].noteRead();
    restart.call(this);
  };
}

/** Reads one client's socket within the quota of its {@linkcode ReadScheduler}. */
export class SocketReader {
  readonly #scheduler: ReadScheduler;
  readonly #socket: Internals;
  /** Whether the messages before the last pause were more than twice the quota. */
  wasLongRead = false;
  /** Messages since the last check; {@linkcode PAUSED} while reading is paused. */
  #messages = 0;
  /** PONGs since the last message. */
  #pongs = 0;
  /** Bytes of payload since the last check of the time slice. */
  #unchecked = 0;
  /** The slice of that check. */
  #checkedSlice = 0;
  /** The event loop turn of the last check. */
  #turn = 0;
  /** Unwritten bytes at which reading resumes. */
  #resumeAt = 0;
  /** The fewest unwritten bytes since the pause. */
  #unwritten = 0;
  /** Time of the pause, or of the last progress in writing. */
  #lastProgress = 0;
  #isStateHidden = false;
  /** Calls of {@linkcode SocketReader.hold} without a release. */
  #holds = 0;
  /** Whether holds have no effect, so that the end of the connection is seen. */
  #isEnding = false;

  /**
   * Starts reading.
   *
   * @param scheduler of the listener
   * @param socket the runtime's socket
   */
  constructor(scheduler: ReadScheduler, socket: WebSocket) {
    this.#scheduler = scheduler;
    this.#socket = socket as Internals;
    scheduler.watchReads(this.#socket, this);
  }

  /** Whether reading is paused. */
  get isPaused(): boolean {
    return this.#messages >= PAUSED;
  }

  /** Whether a paused client waits for nothing, and was not read from for long before. */
  get isLight(): boolean {
    return !this.wasLongRead && this.#socket.bufferedAmount <= this.#resumeAt;
  }

  /** Stops reading after the next message; each call needs a {@linkcode SocketReader.release}. */
  hold(): void {
    this.#holds++;
    this.#messages = Math.max(this.#messages, MAX_QUOTA);
  }

  /** Ends one {@linkcode SocketReader.hold}. */
  release(): void {
    this.#holds--;
  }

  /** Reads to the end of the connection, whatever the holds. */
  readToEnd(): void {
    this.#isEnding = true;
  }

  get #isHeld(): boolean {
    return this.#holds > 0 && !this.#isEnding;
  }

  /**
   * Counts a message before it is handled.
   *
   * @param bytes of its payload
   * @returns whether to call {@linkcode SocketReader.pause} after the message is handled
   */
  noteMessage(bytes: number): boolean {
    this.#pongs = 0;
    this.#messages += bytes < MESSAGE_BYTES ? 1 : 1 + bytes / MESSAGE_BYTES | 0;
    return this.#messages >= this.#scheduler.quota && this.#isAhead();
  }

  /**
   * Returns whether a client whose messages take long to handle has used up its slice,
   * after a message is handled: whether to call {@linkcode SocketReader.pause}.
   *
   * @param bytes of its payload
   */
  hasUsedSlice(bytes: number): boolean {
    this.#unchecked += bytes;
    if (this.#unchecked < CHECKED_BYTES || this.isPaused) return false;
    this.#unchecked = 0;
    const before = this.#checkedSlice;
    const isOver = isSliceOver();
    this.#checkedSlice = currentSlice();
    return isOver && this.#checkedSlice === before && this.#scheduler.canPause;
  }

  /** Stops reading; to be called at the end of the listener of a message. */
  pause(): void {
    const socket = this.#socket;
    if (socket.readyState !== WebSocket.OPEN) return;
    this.wasLongRead = this.#messages > LONG_READ;
    this.#messages = PAUSED;
    this.#unwritten = socket.bufferedAmount;
    this.#resumeAt = this.#unwritten / 2;
    this.#lastProgress = performance.now();
    // The runtime's loop checks the state right after this listener.
    this.#isStateHidden = true;
    this.#scheduler.hideState(socket);
    queueMicrotask(() => this.restoreState());
    this.#scheduler.addPaused(this, this.#unwritten > 0);
  }

  /** Sets the socket's state to "open" again; to be called before the socket is used. */
  restoreState(): void {
    if (!this.#isStateHidden) return;
    this.#isStateHidden = false;
    this.#scheduler.restoreState(this.#socket);
  }

  /**
   * Resumes reading where enough is written or a time limit has passed.
   *
   * @param now in milliseconds
   * @returns whether reading has resumed
   */
  tryResume(now: number): boolean {
    const isHeld = this.#isHeld;
    if (isHeld && now - this.#lastProgress <= HOLD_TIMEOUT) return false;
    // The runtime's figure is 0 while the socket is closing.
    const unwritten = this.#socket.bufferedAmount;
    if (unwritten < this.#unwritten) {
      this.#unwritten = unwritten;
      this.#lastProgress = now;
    }
    if (
      unwritten > this.#resumeAt && now - this.#lastProgress <= WRITE_TIMEOUT
    ) return false;
    this.#messages = isHeld ? MAX_QUOTA : 0;
    this.#scheduler.runLoop(this.#socket);
    return true;
  }

  /** Counts a PONG, or a message before {@linkcode SocketReader.noteMessage} counts it. */
  noteRead(): void {
    if (++this.#pongs < PONGS) return;
    this.#pongs = 0;
    this.#messages++;
    if (this.#isAhead()) this.pause();
  }

  /** With nothing unwritten, a client is ahead that used up its quota within one turn. */
  #isAhead(): boolean {
    if (this.isPaused) return this.#revokePause();
    if (this.#isHeld || this.#socket.bufferedAmount > 0) return true;
    const turn = this.#scheduler.currentTurn();
    const isAhead = this.#turn === turn;
    this.#turn = turn;
    this.#messages = 0;
    return isAhead;
  }

  /**
   * Handles a message of a paused client. Where {@linkcode SocketReader.noteRead} has
   * paused right before the message, the pause has to come after the message instead.
   * In any other case the runtime does not pause.
   *
   * @returns whether to pause after the message is handled
   */
  #revokePause(): boolean {
    if (!this.#isStateHidden) {
      this.#scheduler.disable();
      return false;
    }
    this.restoreState();
    this.#messages = 0;
    this.#scheduler.removeLastPaused();
    return true;
  }
}

/** Schedules the reading of all clients of one listener. */
export class ReadScheduler {
  readonly #loop: symbol | undefined = symbolOf(
    WebSocket.prototype,
    EVENT_LOOP,
  );
  /** Set on each socket in place of its {@linkcode RESTART_TIMER}. */
  #noteAndRestart: ((this: WatchedSocket) => void) | undefined;
  readonly #restartTimer: symbol | undefined = symbolOf(
    WebSocket.prototype,
    RESTART_TIMER,
  );
  /** Known from the first socket on. */
  #state: symbol | undefined;
  /** Whether the runtime's reading can be paused. */
  #isSupported = false;
  /** Paused readers by the number of checks so far. */
  readonly #paused: SocketReader[][] = CHECK_DELAYS.map(() => []);
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  #pausedCount = 0;
  #turn = 1;
  /** Whether a callback at the end of this turn is set. */
  #isCounting = false;
  #quota = UNLIMITED;

  /** Messages that one client may be ahead. */
  get quota(): number {
    return this.#quota;
  }

  /** Whether the runtime's reading can be paused. */
  get canPause(): boolean {
    return this.#isSupported;
  }

  /** The number of the event loop's turn; counted only while it is asked for. */
  currentTurn(): number {
    if (!this.#isCounting) setImmediate(this.#countTurn);
    this.#isCounting = true;
    return this.#turn;
  }

  /**
   * Notes that a socket has opened; the first one shows whether reading can be paused.
   *
   * @param socket the runtime's socket
   */
  opened(socket: WebSocket): void {
    if (this.#state !== undefined || this.#loop === undefined) return;
    this.#state = symbolOf(socket, READY_STATE);
    if (this.#state === undefined) return;
    this.#isSupported = (socket as Internals)[this.#state] === WebSocket.OPEN;
    this.#updateQuota();
  }

  /**
   * Counts what the runtime reads from a socket.
   *
   * @param socket the runtime's socket
   * @param reader notified of each message, before its listeners, and of each PONG
   */
  watchReads(socket: Internals, reader: SocketReader): void {
    if (this.#restartTimer === undefined) return;
    (socket as WatchedSocket)[READER] = reader;
    this.#noteAndRestart ??= noteBefore(
      socket[this.#restartTimer] as () => void,
    );
    socket[this.#restartTimer] = this.#noteAndRestart;
  }

  /**
   * Adds a paused reader and schedules its checks.
   *
   * @param reader has just been paused
   * @param isWriting whether its socket has unwritten data
   */
  addPaused(reader: SocketReader, isWriting: boolean): void {
    this.#pausedCount++;
    this.#updateQuota();
    if (this.#paused[0]!.push(reader) > 1) return;
    if (isWriting) this.#scheduleCheck(0);
    else yieldToOthers(() => this.#check(0));
  }

  /** Undoes the last {@linkcode ReadScheduler.addPaused}, in the same turn. */
  removeLastPaused(): void {
    this.#paused[0]!.pop();
    this.#pausedCount--;
    this.#updateQuota();
  }

  /**
   * Sets the state that the runtime sees to "closed".
   *
   * @param socket is open
   */
  hideState(socket: Internals): void {
    socket[this.#state!] = WebSocket.CLOSED;
  }

  /**
   * Sets the state that the runtime sees to "open".
   *
   * @param socket is open
   */
  restoreState(socket: Internals): void {
    socket[this.#state!] = WebSocket.OPEN;
  }

  /**
   * Runs the runtime's loop over a socket's messages.
   *
   * @param socket its loop has ended
   */
  runLoop(socket: Internals): void {
    if (this.#isSupported) (socket[this.#loop!] as () => void).call(socket);
  }

  /** Pauses no client any more: the runtime reads all the same. */
  disable(): void {
    this.#isSupported = false;
    this.#quota = UNLIMITED;
  }

  /** Forgets all paused readers. */
  clear(): void {
    for (const readers of this.#paused) readers.length = 0;
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  #countTurn = (): void => {
    this.#turn++;
    this.#isCounting = false;
  };

  /** Resumes readers of one level; the rest is checked again at the next level. */
  #check(level: number): void {
    const now = performance.now();
    const next = Math.min(level + 1, CHECK_DELAYS.length - 1);
    const later = this.#paused[next]!;
    const isScheduled = next !== level && later.length > 0;
    // Clients with little to read do not wait for those with much.
    let light = MAX_RESUMED;
    let others = MAX_RESUMED;
    for (const reader of this.#paused[level]!.splice(0)) {
      const { isLight } = reader;
      if ((isLight ? light : others) <= 0 || !reader.tryResume(now)) {
        later.push(reader);
        continue;
      }
      this.#pausedCount--;
      if (isLight) light--;
      else others -= reader.wasLongRead ? MAX_RESUMED : 1;
    }
    this.#updateQuota();
    if (later.length > 0 && !isScheduled) this.#scheduleCheck(next);
  }

  #scheduleCheck(level: number): void {
    const delay = CHECK_DELAYS[level]!;
    if (delay === 0) {
      setImmediate(() => this.#check(level));
      return;
    }
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#check(level);
    }, delay);
    this.#timers.add(timer);
  }

  #updateQuota(): void {
    if (!this.#isSupported) return;
    const quota = Math.floor(TOTAL_QUOTA / (this.#pausedCount + 1));
    this.#quota = Math.min(Math.max(quota, MIN_QUOTA), MAX_QUOTA);
  }
}
