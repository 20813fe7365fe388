/**
 * The native sockets of a thread: epoll in the thread of the runtime's event loop.
 *
 * While there are events, the loop polls without a wait, for about a millisecond at a
 * time; then the runtime polls its own sockets and does its other work. Without an event it sleeps for a moment,
 * unless the runtime has other work; then another thread waits.
 *
 * Events are edge-triggered: a socket is added once, and its system calls report when
 * it has no more to read or no more room.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import {
  afterInputPoll,
  hasWaitingWork,
  SLICE,
} from "../../../scheduling/scheduler.ts";
import {
  EFD_FLAGS,
  EPOLL_CLOEXEC,
  EPOLL_CTL_ADD,
  EPOLL_CTL_MOD,
  EPOLLIN,
  POLLIN,
} from "./constants.ts";
import { errno, libc, releaseLibc, retainLibc } from "./libc.ts";
import { systemError } from "./system_error.ts";

/** The words of a struct epoll_event, and the index of its data. */
const [EVENT_WORDS, DATA_WORD] = Deno.build.arch === "x86_64" ? [3, 1] : [4, 2];

/** Events of one call. */
const MAX_EVENTS = 256;

/** Events between two checks of the clock; a power of 2. */
const STEP = 8;

/** The value that wakes an eventfd. */
const ONE = new Uint8Array(BigUint64Array.of(1n).buffer);

/** No signal mask. */
const NO_MASK = 0n;

/** Nanoseconds that the thread sleeps when it has just handled events. */
const NAP = 100_000n;

/**
 * Milliseconds that an iteration of the runtime's event loop takes at most when it has no
 * other work.
 */
const QUIET = 0.05;

/**
 * Milliseconds that the other thread waits at most, because the end of a Worker waits
 * for it.
 */
const MAX_WAIT = 1000;

/** Gets the events of a file descriptor. */
export interface Watcher {
  /**
   * Handles events. They may be those of a descriptor with the same number that was
   * closed in the same turn, so a read or write may find that it cannot proceed.
   *
   * @param events a set of EPOLL flags
   */
  ready(events: number): void;
}

/** Work that waits for a later turn. */
export interface Deferred {
  /** Continues; called once for each time that it was deferred. */
  proceed(): void;
}

/** Watches file descriptors. */
export class EventLoop {
  /** Whether a watcher has to defer its work, because the slice is over. */
  mustDefer = false;

  readonly #epoll: number;
  /** An eventfd, which ends the wait of the other thread. */
  readonly #waker: number;
  /** Array of struct epoll_event. */
  readonly #events = new Int32Array(MAX_EVENTS * EVENT_WORDS);
  readonly #eventsBytes = new Uint8Array(this.#events.buffer);
  /** A struct epoll_event. */
  readonly #event = new Int32Array(EVENT_WORDS);
  readonly #eventBytes = new Uint8Array(this.#event.buffer);
  /** A struct pollfd. */
  readonly #pollfd: Uint8Array<ArrayBuffer>;
  /** A struct timespec. */
  readonly #nap = new Uint8Array(BigInt64Array.of(0n, NAP).buffer);
  /** By file descriptor. */
  readonly #watchers: (Watcher | undefined)[] = [];
  #count = 0;
  /** Work of events that came when the slice was over. */
  #late: Deferred[] = [];
  /** Work that had its turn and has more to do. */
  #unfinished: Deferred[] = [];
  /** A turn is under way or scheduled. */
  #isRunning = false;
  /** Another thread waits. */
  #isWaiting = false;
  /** Turns since the last event. */
  #idleTurns = 0;
  /** `performance.now()` when the turn was scheduled after the runtime's other work. */
  #scheduledAt = 0;
  /** Whether the runtime had other work between the last two slices. */
  #isBusy = false;
  #sliceEnd = 0;
  #ended: PromiseWithResolvers<void> | undefined;

  /**
   * Starts without descriptors.
   *
   * @throws {Deno.errors.NotCapable} `--allow-ffi` is missing
   * @throws {Error} the process has no free file descriptor
   */
  constructor() {
    retainLibc();
    this.#epoll = libc.epoll_create1(EPOLL_CLOEXEC);
    this.#waker = libc.eventfd(0, EFD_FLAGS);
    this.#pollfd = new Uint8Array(Int32Array.of(this.#epoll, POLLIN).buffer);
    if (this.#control(EPOLL_CTL_ADD, this.#waker, EPOLLIN)) return;
    const error = systemError("epoll_ctl", errno());
    this.#free();
    throw error;
  }

  /**
   * Watches a descriptor.
   *
   * @param fd the descriptor
   * @param watcher gets its events
   * @param events a set of EPOLL flags
   * @returns false if the system cannot watch it
   */
  add(fd: number, watcher: Watcher, events: number): boolean {
    if (!this.#control(EPOLL_CTL_ADD, fd, events)) return false;
    this.#watchers[fd] = watcher;
    this.#count++;
    this.#run();
    return true;
  }

  /**
   * Changes the events of a descriptor.
   *
   * @param fd the descriptor
   * @param events a set of EPOLL flags
   */
  change(fd: number, events: number): void {
    this.#control(EPOLL_CTL_MOD, fd, events);
  }

  /**
   * Closes a descriptor, which ends its watch.
   *
   * @param fd the descriptor
   */
  close(fd: number): void {
    libc.close(fd);
    this.#watchers[fd] = undefined;
    this.#count--;
    this.#wakeToEnd();
  }

  /**
   * Calls back in the next turn, before its events.
   *
   * @param work of an event that came when the slice was over
   */
  deferEvent(work: Deferred): void {
    this.#late.push(work);
    this.#run();
  }

  /**
   * Calls back in a later turn, after its events: who has just become ready waits for no
   * connection that always has more to read.
   *
   * @param work has had its turn
   */
  deferRest(work: Deferred): void {
    this.#unfinished.push(work);
    this.#run();
  }

  /** Ends the loop when every descriptor is closed; resolves when its resources are. */
  end(): Promise<void> {
    this.#ended ??= Promise.withResolvers();
    this.#wakeToEnd();
    return this.#ended.promise;
  }

  #wakeToEnd(): void {
    if (this.#count > 0 || this.#ended === undefined) return;
    if (this.#isWaiting) libc.write(this.#waker, ONE, ONE.length);
    this.#run();
  }

  #control(operation: number, fd: number, events: number): boolean {
    this.#event[0] = events;
    this.#event[DATA_WORD] = fd;
    const bytes = this.#eventBytes;
    return libc.epoll_ctl(this.#epoll, operation, fd, bytes) === 0;
  }

  #run(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#runLater();
  }

  /** Schedules the next turn after the runtime's other work. */
  #runLater(): void {
    this.#scheduledAt = performance.now();
    setImmediate(this.#beginSlice);
  }

  #beginSlice = (): void => {
    const now = performance.now();
    this.#isBusy = now - this.#scheduledAt > QUIET;
    this.#sliceEnd = now + SLICE;
    this.#turn();
  };

  #turn = (): void => {
    this.mustDefer = performance.now() >= this.#sliceEnd;
    // Work that is deferred during this turn runs in the next one.
    const late = this.#late;
    const unfinished = this.#unfinished;
    this.#late = [];
    this.#unfinished = [];
    const bytes = this.#eventsBytes;
    const count = libc.epoll_wait(this.#epoll, bytes, MAX_EVENTS, 0);
    let done = this.#proceed(late);
    if (done < late.length) this.#late = [...late.slice(done), ...this.#late];
    this.#handleEvents(count);
    done = this.#proceed(unfinished);
    if (done < unfinished.length) {
      this.#unfinished = [...unfinished.slice(done), ...this.#unfinished];
    }
    this.#continue(count > 0);
  };

  #handleEvents(count: number): void {
    const events = this.#events;
    for (let i = 0, at = 0; i < count; i++, at += EVENT_WORDS) {
      if ((i & (STEP - 1)) === STEP - 1) this.#checkSlice();
      try {
        this.#watchers[events[at + DATA_WORD]!]?.ready(events[at]!);
      } catch (error) {
        reportError(error);
      }
    }
  }

  /** Runs work until the slice is over, at least one; returns how many. */
  #proceed(deferred: readonly Deferred[]): number {
    let done = 0;
    while (done < deferred.length && !(this.mustDefer && done > 0)) {
      try {
        deferred[done++]!.proceed();
      } catch (error) {
        reportError(error);
      }
      this.#checkSlice();
    }
    return done;
  }

  #checkSlice(): void {
    this.mustDefer ||= performance.now() >= this.#sliceEnd;
  }

  /** Decides what follows a turn. */
  #continue(hadEvents: boolean): void {
    const isDeferred = this.#late.length > 0 || this.#unfinished.length > 0;
    if (this.#count === 0 && !isDeferred) {
      if (this.#ended !== undefined) return this.#finish();
    } else if (hadEvents || isDeferred) {
      this.#idleTurns = 0;
      // Promise jobs run first.
      if (!this.mustDefer) return queueMicrotask(this.#turn);
      this.#scheduledAt = performance.now();
      return afterInputPoll(this.#beginSlice);
    }
    this.#rest();
  }

  /** There is nothing to do: sleeps for a moment, looks again, then waits. */
  #rest(): void {
    if (!this.#isWaiting) {
      const mayNap = this.#idleTurns === 0 && !this.#isBusy &&
        !this.mustDefer && !hasWaitingWork();
      if (mayNap && libc.ppoll(this.#pollfd, 1, this.#nap, NO_MASK) > 0) {
        return queueMicrotask(this.#turn);
      }
      if (this.#idleTurns++ === 0) return this.#runLater();
      this.#wait();
    }
    this.#isRunning = false;
  }

  #wait(): void {
    this.#isWaiting = true;
    libc.poll(this.#pollfd, 1, MAX_WAIT).then(this.#waited);
  }

  #waited = (): void => {
    this.#isWaiting = false;
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#scheduledAt = performance.now();
    this.#beginSlice();
  };

  /** Releases everything, unless the other thread still waits. */
  #finish(): void {
    this.#isRunning = false;
    if (this.#isWaiting) return;
    this.#free();
    this.#ended!.resolve();
  }

  #free(): void {
    libc.close(this.#epoll);
    libc.close(this.#waker);
    releaseLibc();
  }
}
