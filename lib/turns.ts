/**
 * Lets the other connections go first.
 *
 * While one callback of `setImmediate` follows another, the runtime asks the
 * operating system only once in 61 rounds of its event loop who has sent
 * something: a few busy peers keep all the others waiting for a tenth of a
 * second. It does ask while a timer is awaited, but that takes two milliseconds.
 * So busy peers go on by immediates, but not for long.
 *
 * @module
 */

import { setImmediate } from "node:timers";

/** Milliseconds for which peers may go on by immediates. */
const PATIENCE = 5;

let waiting: (() => void)[] = [];

/** When the last timer fired. */
let asked = 0;

/**
 * Calls back after the others have had their turn.
 *
 * @param goOn what to call
 */
export function afterOthers(goOn: () => void): void {
  if (waiting.push(goOn) > 1) return;
  if (performance.now() - asked < PATIENCE) setImmediate(callAll);
  else setTimeout(askAndCallAll, 0);
}

function askAndCallAll(): void {
  asked = performance.now();
  callAll();
}

function callAll(): void {
  const called = waiting;
  waiting = [];
  for (const goOn of called) goOn();
}
