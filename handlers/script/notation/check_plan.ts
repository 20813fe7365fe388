/**
 * The rules of a plan: a step without an effect is an error of its author.
 *
 * @module
 */

import type { ListenerName } from "../../../lib/websocket.ts";
import { MAX_BIG_FIELDS, MAX_TIME } from "../arguments/argument.ts";
import type { Plan, PlannedStep } from "../engine/step.ts";
import { needOf, needOfStep } from "./need_of.ts";
import { handshakeLength, phaseOf } from "./phase_of.ts";
import { PlanError } from "./refusal.ts";

/**
 * Checks the order of the steps, their effects and their needs.
 *
 * @param plan a list of steps
 * @param listener that received the request
 * @throws {PlanError} names the step and what is allowed
 */
export function checkPlan(plan: Plan, listener: ListenerName): void {
  const { steps } = plan;
  steps.forEach((planned, i) => {
    checkOrder(planned, steps.slice(0, i));
    checkLater(planned, steps.slice(i + 1));
  });
  checkRefusal(steps);
  checkTime(steps);
  checkHead(steps);
  checkListener(plan, listener);
}

/** Checks what stands before a step. */
function checkOrder(
  planned: PlannedStep,
  before: readonly PlannedStep[],
): void {
  const { step, text } = planned;
  const own = innermost(planned);
  const previous = before.at(-1);
  if (previous === undefined) return;
  const last = before.find(({ step }) => step.isLast);
  if (last !== undefined) {
    throw ineffective(text, `nothing follows ${last.text}`);
  }
  const started = before[handshakeLength(before)];
  if (phaseOf(planned) === "handshake" && started !== undefined) {
    throw ineffective(
      text,
      `it belongs to the handshake, before ${started.text}`,
    );
  }
  // Of two steps of the handshake that are alternatives, each has an effect.
  const isStrict = own === step || own.phase === "connection";
  if (
    own.isOnce && isStrict && before.some((other) => innermost(other) === own)
  ) {
    throw ineffective(text, `${own.name} is allowed once`);
  }
  const ended = before.find(({ step }) => step.endsOutput);
  if (ended !== undefined && (step.sends || step.name === "close")) {
    throw ineffective(text, `nothing is sent after ${ended.text}`);
  }
  const endless = before.find((other, i) =>
    other.step.isEndless?.(other.values) &&
    before[i - 1]?.step.name !== "within"
  );
  if (endless !== undefined) {
    throw ineffective(
      text,
      `${endless.text} does not end; use ${endless.step.name}:N or within:MS before it`,
    );
  }
}

function innermost({ step, inner }: PlannedStep): PlannedStep["step"] {
  return inner?.step ?? step;
}

/** Checks what a step needs after it. */
function checkLater(planned: PlannedStep, later: readonly PlannedStep[]): void {
  const { step, text } = planned;
  const all = later.map(innermost);
  switch (step.needsLater) {
    case "messages":
      if (later[0]?.step.takesMessages) return;
      throw ineffective(text, "echo or await has to follow it");
    case "echo":
      if (all.some(isEchoing)) return;
      throw ineffective(text, "echo has to follow it");
    case "output":
      if (all.some((step) => step.sends || isSending(step))) return;
      throw ineffective(text, "a step that sends has to follow it");
    case "state":
      if (later.some(({ step }) => step.choose !== undefined)) return;
      throw ineffective(text, "first, every or down has to follow it");
  }
}

function isEchoing({ name }: PlannedStep["step"]): boolean {
  return name === "echo" || name === "say-goodbye";
}

function isSending({ name }: PlannedStep["step"]): boolean {
  return name === "close" || name === "close-then-keep-open";
}

/** Checks that a refused handshake has no step for the 101. */
function checkRefusal(steps: readonly PlannedStep[]): void {
  const refusing = steps.find((planned) =>
    planned.step.isLast && phaseOf(planned) === "handshake"
  );
  if (refusing === undefined) return;
  const useless = steps.find(({ step }) => step.isFor101);
  if (useless === undefined) return;
  throw ineffective(useless.text, `${refusing.text} sends no 101`);
}

/** Checks that a handshake does not wait for more than the plan's time. */
function checkTime(steps: readonly PlannedStep[]): void {
  const times = steps.filter(({ step }) => step.name === "late")
    .map(({ values }) => values[0] as number);
  const sum = times.reduce((one, other) => one + other, 0);
  if (sum <= MAX_TIME) return;
  throw new PlanError(
    `The steps late take ${sum} ms in total; allowed: at most ${MAX_TIME} ms.`,
  );
}

/** Checks the bytes of the answer's big fields: its head is made within one turn. */
function checkHead(steps: readonly PlannedStep[]): void {
  const sizes = steps.map((planned) => planned.inner ?? planned)
    .filter(({ step }) => step.name === "big-field")
    .map(({ values }) => values[0] as number);
  const sum = sizes.reduce((one, other) => one + other, 0);
  if (sum <= MAX_BIG_FIELDS) return;
  throw new PlanError(
    `The steps big-field add ${sum} bytes in total; allowed: at most ${MAX_BIG_FIELDS} bytes.`,
  );
}

/** Checks that the listener can run the plan. */
function checkListener(plan: Plan, listener: ListenerName): void {
  if (listener === "frame") return;
  const { planned } = needOf(plan);
  if (planned === undefined) return;
  const isAlone = needOfStep(planned) !== "any";
  const place = isAlone ? "" : " after a close";
  throw new PlanError(
    `${planned.text}${place} works on the frame listener only`,
    true,
  );
}

function ineffective(text: string, why: string): PlanError {
  return new PlanError(`${text} has no effect: ${why}.`);
}
