/**
 * Fair scheduling: work for one connection yields to other work after about a
 * millisecond.
 *
 * Work that may take long checks {@linkcode isSliceOver} in its loop. After the end of
 * the slice it continues by {@linkcode yieldToOthers}: the runtime polls for input
 * first, and work that yielded earlier runs first. A connection with little work
 * therefore waits for a slice of another connection, not for all of its work.
 *
 * @module
 */

import process from "node:process";
import { setImmediate } from "node:timers";
import { InputPoll } from "../runtime/input_poll.ts";

/** Milliseconds of a slice. */
export const SLICE = 1;

/** End of the current slice by `performance.now()`; 0 if no slice has begun. */
let sliceEnd = 0;

const inputPoll = new InputPoll();

/** Work that has yielded, in the order of the calls; entries before `next` have run. */
let waiting: (() => void)[] = [];
let next = 0;
let isScheduled = false;

/**
 * Returns whether the work of this turn of the event loop has used its slice. The first
 * call in a turn begins the slice. A call takes 0.1 µs: call it every few steps.
 */
export function isSliceOver(): boolean {
  const now = performance.now();
  if (sliceEnd > 0) return now >= sliceEnd;
  sliceEnd = now + SLICE;
  // Runs after the callbacks and promise jobs of this turn.
  process.nextTick(endSlice);
  return false;
}

/** A number that identifies the current slice; 0 if none has begun. */
export function currentSlice(): number {
  return sliceEnd;
}

function endSlice(): void {
  sliceEnd = 0;
}

/**
 * Continues work after other work that waits, and never within this call.
 *
 * @param rest the rest of the work; runs with a new slice
 */
export function yieldToOthers(rest: () => void): void {
  waiting.push(rest);
  if (isScheduled) return;
  isScheduled = true;
  inputPoll.poll(runCycle);
}

/**
 * Calls back with a new slice when the runtime has polled for input. Work that has
 * yielded, each other caller and the runtime's own sockets have their turn before.
 *
 * @param continued called once
 */
export function afterInputPoll(continued: () => void): void {
  // After the cycle that the same poll starts.
  inputPoll.poll(() => void setImmediate(continued));
}

/** Returns whether work has yielded and has not continued yet. */
export function hasWaitingWork(): boolean {
  return isScheduled;
}

/** Resolves when the caller may continue; {@linkcode yieldToOthers} for `await`. */
export function nextSlice(): Promise<void> {
  return new Promise(yieldToOthers);
}

/**
 * Makes yielding cheap while a listener runs, by a loopback connection of the process to
 * itself; see {@linkcode InputPoll}.
 *
 * @returns a function that releases the connection and resolves when it is closed; call it
 * once
 */
export function retainScheduler(): () => Promise<void> {
  inputPoll.retain();
  return () => inputPoll.release();
}

/** Runs waiting work for one slice; then the runtime polls again. */
function runCycle(): void {
  sliceEnd = performance.now() + SLICE;
  runOne();
}

/** Runs one piece of work; the next one runs after its promise jobs. */
function runOne(): void {
  const rest = waiting[next]!;
  waiting[next++] = done;
  try {
    rest();
  } finally {
    queueMicrotask(continueCycle);
  }
}

/** Replaces work that has run, so that its memory can be freed. */
function done(): void {}

function continueCycle(): void {
  if (next === waiting.length) {
    waiting = [];
    next = 0;
    isScheduled = false;
    sliceEnd = 0;
  } else if (performance.now() < sliceEnd) {
    runOne();
  } else {
    removeDone();
    sliceEnd = 0;
    inputPoll.poll(runCycle);
  }
}

/** Removes the work that has run, once it is half of the array. */
function removeDone(): void {
  if (next * 2 < waiting.length) return;
  waiting = waiting.slice(next);
  next = 0;
}
