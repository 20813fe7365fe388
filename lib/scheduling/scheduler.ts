/**
 * Fair scheduling: the work of one connection yields to all others after about a
 * millisecond.
 *
 * Work that may take long asks {@linkcode isSliceOver} in its loop. When the slice
 * is over, it goes on by {@linkcode yieldToOthers}: after the runtime has polled
 * for input, and behind all work that yielded before. So a connection with
 * little work waits for one slice of the others, not for their whole work.
 *
 * @module
 */

import process from "node:process";
import { InputPoll } from "../runtime/input_poll.ts";

/** Milliseconds of work until the others have their turn. */
export const SLICE = 1;

/** When the current slice ends, by `performance.now`; 0: it has not begun. */
let sliceEnd = 0;

const inputPoll = new InputPoll();

/** Work that has yielded, in the order of the calls; before `next` it has run. */
let waiting: (() => void)[] = [];
let next = 0;
let isScheduled = false;

/**
 * Whether the work of this turn of the event loop has used up its slice. The
 * first call in a turn begins the slice. A call costs 0.1 µs: ask after some
 * steps, not after each.
 */
export function isSliceOver(): boolean {
  const now = performance.now();
  if (sliceEnd > 0) return now >= sliceEnd;
  sliceEnd = now + SLICE;
  // Runs when all that this turn has called, promises included, has returned.
  process.nextTick(endSlice);
  return false;
}

function endSlice(): void {
  sliceEnd = 0;
}

/**
 * Goes on with work after the others. Never calls back inside of this call.
 *
 * @param goOn the rest of the work; it has a slice of its own
 */
export function yieldToOthers(goOn: () => void): void {
  waiting.push(goOn);
  if (isScheduled) return;
  isScheduled = true;
  inputPoll.poll(runCycle);
}

/** Whether work has yielded and not gone on yet. */
export function hasWaitingWork(): boolean {
  return isScheduled;
}

/** The same as {@linkcode yieldToOthers}, for `await`. */
export function othersFirst(): Promise<void> {
  return new Promise(yieldToOthers);
}

/**
 * Makes yielding cheap for as long as a listener runs: it opens a loopback
 * connection of the process to itself.
 *
 * @returns ends that; to be called once, and resolves when the connection is closed
 */
export function retainScheduler(): () => Promise<void> {
  inputPoll.retain();
  return () => inputPoll.release();
}

/** Runs what waits for a slice of time; then the runtime polls again. */
function runCycle(): void {
  sliceEnd = performance.now() + SLICE;
  runOne();
}

/** One after the other, each in a microtask of its own: what awaits runs in its turn. */
function runOne(): void {
  const goOn = waiting[next]!;
  waiting[next++] = forgotten;
  try {
    goOn();
  } finally {
    queueMicrotask(goOnWithCycle);
  }
}

function forgotten(): void {}

function goOnWithCycle(): void {
  if (next === waiting.length) {
    waiting = [];
    next = 0;
    isScheduled = false;
    sliceEnd = 0;
  } else if (performance.now() < sliceEnd) {
    runOne();
  } else {
    forgetRun();
    sliceEnd = 0;
    inputPoll.poll(runCycle);
  }
}

/** Lets go of what has run, once it is half of the array. */
function forgetRun(): void {
  if (next * 2 < waiting.length) return;
  waiting = waiting.slice(next);
  next = 0;
}
