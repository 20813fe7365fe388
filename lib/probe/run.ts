/**
 * Runs the steps one after another, each with a timeout.
 *
 * @module
 */

import { withSchemeHint } from "./scheme.ts";
import { isUnreachable, toStepFailure } from "./step/failure.ts";
import { type Finding, skip, StepFailure } from "./step/finding.ts";
import type { Step, StepResult } from "./step/step.ts";
import type { Target } from "./step/target.ts";

/** Milliseconds for the closing handshake of the shared WebSocket. */
const CLOSE_TIMEOUT = 500;

const NO_WEBSOCKET = skip("not tried: there is no WebSocket");

const NO_LONGER = "the server no longer accepts a WebSocket";

const UNREACHABLE = skip(`not tried: ${NO_LONGER}`);

/**
 * Runs the steps. If the server accepts no WebSocket, or no longer, the step that
 * detects this fails and the remaining steps are skipped.
 *
 * @param target the server
 * @param steps to run
 * @param timeout milliseconds for each step
 */
export async function* run(
  target: Target,
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
    const found = await runStep(target, step, timeout);
    const time = performance.now() - start;
    if (!(found instanceof StepFailure)) {
      yield result(step, time, found);
      continue;
    }
    const reached = target.wasReached;
    const failure = reached
      ? await withReachabilityHint(target, found, timeout)
      : await withSchemeHint(target.url, found);
    if (!reached) end = NO_WEBSOCKET;
    else if (failure !== found) end = UNREACHABLE;
    yield result(step, time, failure);
  }
  await close(target);
}

async function close(target: Target): Promise<void> {
  target.startTimeout(CLOSE_TIMEOUT);
  await target.close();
  target.stopTimeout();
}

async function runStep(
  target: Target,
  step: Step,
  timeout: number,
): Promise<Finding | StepFailure> {
  const found = await within(target, timeout, () => step.run(target));
  target.endStep(!(found instanceof StepFailure));
  return found;
}

/** Runs a function with the timeout; its error becomes a failure. */
async function within<T>(
  target: Target,
  timeout: number,
  run: () => Promise<T>,
): Promise<T | StepFailure> {
  target.startTimeout(timeout);
  try {
    return await run();
  } catch (error) {
    return target.isTimedOut
      ? timeoutFailure(target.waitingFor, timeout)
      : toStepFailure(error, target.url);
  } finally {
    target.stopTimeout();
  }
}

/**
 * Connects again after a failure: a server that has stopped is the cause of this
 * failure, and every further step would fail.
 *
 * @returns the same failure if the server is reachable; otherwise one with a hint
 */
async function withReachabilityHint(
  target: Target,
  failure: StepFailure,
  timeout: number,
): Promise<StepFailure> {
  const found = await within(target, timeout, () => target.shared());
  // A server may accept only one connection at a time.
  await close(target);
  if (!(found instanceof StepFailure) || !isUnreachable(found)) {
    return failure;
  }
  const cause = found.message === failure.message ? "" : `: ${found.message}`;
  return new StepFailure(failure.message, {
    ...failure.options,
    hint: NO_LONGER + cause,
  });
}

function timeoutFailure(waitingFor: string, timeout: number): StepFailure {
  const seconds = timeout / 1000;
  return new StepFailure(
    `timed out after ${seconds} s, waiting for ${waitingFor}`,
    { details: { failure: "timeout" } },
  );
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
