/**
 * Runs steps, one after the other, each within its time.
 *
 * @module
 */

import { failureOf, isWithoutServer } from "./step/failure.ts";
import type { Peer } from "./step/target.ts";
import { withScheme } from "./scheme.ts";
import {
  type Finding,
  skip,
  type Step,
  StepFailure,
  type StepResult,
} from "./step/step.ts";

/**
 * Runs the steps. Where there is no WebSocket to be had at all, or none any more,
 * the step that finds this says so and the others are not tried.
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
  let end: Finding | undefined;
  for (const step of steps) {
    if (end !== undefined) {
      yield { ...result(step, 0, end), isTried: false };
      continue;
    }
    const start = performance.now();
    const found = await runStep(peer, step, timeout);
    const time = performance.now() - start;
    if (!(found instanceof StepFailure)) {
      yield result(step, time, found);
      continue;
    }
    const reached = peer.wasReached;
    const failure = reached
      ? await withReachability(peer, found, timeout)
      : await withScheme(peer.url, found);
    if (!reached) end = NO_WEBSOCKET;
    else if (failure !== found) end = GONE;
    yield result(step, time, failure);
  }
  await leave(peer);
}

async function leave(peer: Peer): Promise<void> {
  peer.startClock(LEAVE_TIME);
  await peer.leave();
  peer.stopClock();
}

/** Milliseconds that the server has for the last CLOSE. */
const LEAVE_TIME = 500;

const NO_WEBSOCKET = skip("not tried: there is no WebSocket");

const NO_LONGER = "the server no longer accepts a WebSocket";

const GONE = skip(`not tried: ${NO_LONGER}`);

async function runStep(
  peer: Peer,
  step: Step,
  timeout: number,
): Promise<Finding | StepFailure> {
  const found = await within(peer, timeout, () => step.run(peer));
  peer.endStep(!(found instanceof StepFailure));
  return found;
}

/** Runs something with the peer for a time at most. */
async function within<T>(
  peer: Peer,
  timeout: number,
  run: () => Promise<T>,
): Promise<T | StepFailure> {
  peer.startClock(timeout);
  try {
    return await run();
  } catch (error) {
    return peer.isLate
      ? tooLate(peer.waitingFor, timeout)
      : failureOf(error, peer.url);
  } finally {
    peer.stopClock();
  }
}

/**
 * Connects once more after a failure: a server that has died is the cause of it,
 * and of the failure of every step that would follow.
 *
 * @returns the same failure where the server is there
 */
async function withReachability(
  peer: Peer,
  failure: StepFailure,
  timeout: number,
): Promise<StepFailure> {
  const found = await within(peer, timeout, () => peer.shared());
  // A server with room for one connection has it free again for the next step.
  await leave(peer);
  if (!(found instanceof StepFailure) || !isWithoutServer(found)) {
    return failure;
  }
  const cause = found.message === failure.message ? "" : `: ${found.message}`;
  return new StepFailure(failure.message, {
    ...failure.options,
    hint: NO_LONGER + cause,
  });
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
