/**
 * Runs steps, one after the other, each within its time.
 *
 * @module
 */

import { failureOf } from "./failure.ts";
import type { Peer } from "./peer.ts";
import {
  type Finding,
  skip,
  type Step,
  StepFailure,
  type StepResult,
} from "./step.ts";

/**
 * Runs the steps. Where there is no WebSocket to be had at all, the first one
 * says so and the others are not tried.
 *
 * @param peer the server
 * @param steps what to find out
 * @param timeout milliseconds that each may take
 */
export async function* run(
  peer: Peer,
  steps: readonly Step[],
  timeout: number,
): AsyncGenerator<StepResult> {
  let isUnreachable = false;
  for (const step of steps) {
    if (isUnreachable) {
      yield { ...result(step, 0, NOT_TRIED), isTried: false };
      continue;
    }
    const found = await runStep(peer, step, timeout);
    yield found;
    isUnreachable = found.outcome === "fail" && !peer.wasReached;
  }
  peer.startClock(LEAVE_TIME);
  await peer.leave();
  peer.stopClock();
}

/** Milliseconds that the server has for the last CLOSE. */
const LEAVE_TIME = 500;

const NOT_TRIED = skip("not tried: there is no WebSocket");

async function runStep(
  peer: Peer,
  step: Step,
  timeout: number,
): Promise<StepResult> {
  const start = performance.now();
  let found: Finding | StepFailure;
  peer.startClock(timeout);
  try {
    found = await step.run(peer);
  } catch (error) {
    found = peer.isLate
      ? tooLate(peer.waitingFor, timeout)
      : failureOf(error, peer.url);
  } finally {
    peer.stopClock();
  }
  peer.endStep(!(found instanceof StepFailure));
  return result(step, performance.now() - start, found);
}

function tooLate(waitingFor: string, timeout: number): StepFailure {
  const words = `waited ${timeout / 1000} s in vain for ${waitingFor}`;
  return new StepFailure(words, { details: { failure: "timeout" } });
}

function result(
  { name, expected, source }: Step,
  time: number,
  found: Finding | StepFailure,
): StepResult {
  const isFailure = found instanceof StepFailure;
  const more = isFailure ? found.options : found;
  return {
    name,
    outcome: isFailure ? "fail" : found.outcome,
    isTried: true,
    time,
    seen: isFailure ? found.message : found.seen,
    expected,
    source: isFailure ? found.options.source ?? source : source,
    hint: isFailure ? found.options.hint : undefined,
    lines: more.lines ?? [],
    details: more.details ?? {},
  };
}
