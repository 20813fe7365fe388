/**
 * Reads one step: `NAME:ARGUMENT:ARGUMENT`.
 *
 * @module
 */

import { printable } from "../../../lib/log/log.ts";
import type { Argument } from "../arguments/argument.ts";
import type { PlannedStep, Step } from "../engine/step.ts";
import { STEPS } from "../steps/table.ts";
import { maskSteps } from "./mask_steps.ts";
import { PlanError } from "./refusal.ts";

const ROWS: ReadonlyMap<string, Step> = new Map(
  STEPS.map((step) => [step.name, step]),
);

/**
 * Reads a step strictly: a typing error must not result in another plan.
 *
 * @param text percent-encoded, as in the path
 * @throws {PlanError} an unknown step, or an invalid argument
 */
export function parseStep(text: string): PlannedStep {
  const [name = "", ...parts] = text.split(":");
  const step = ROWS.get(decode(name, text));
  if (step === undefined) {
    const names = [...ROWS.keys()].join(", ");
    throw new PlanError(
      `${JSON.stringify(printable(name))} is no step; the steps are ${names}.`,
    );
  }
  const values: unknown[] = [];
  for (const [i, argument] of step.arguments.entries()) {
    const given = argument.isRest ? rest(parts, i) : parts[i];
    values.push(valueOf(argument, given, text, step));
  }
  const last = step.arguments.at(-1);
  if (parts.length > step.arguments.length && !last?.isRest) {
    throw new PlanError(`${shown(text)}: the form is ${formOf(step)}.`);
  }
  const fault = step.check?.(values);
  if (fault !== undefined) throw new PlanError(`${shown(text)}: ${fault}.`);
  return {
    step,
    values,
    text: printable(maskSteps(text)),
    ...(last?.isStep && { inner: innerOf(values.at(-1) as string, text) }),
  };
}

/**
 * The form of a step, such as `close[:CODE[:REASON]]`.
 *
 * @param step a row of the table
 */
export function formOf({ name, arguments: list }: Step): string {
  let form = name;
  let end = "";
  for (const { name, isOptional } of list) {
    form += isOptional ? `[:${name}` : `:${name}`;
    if (isOptional) end += "]";
  }
  return form + end;
}

function rest(parts: readonly string[], from: number): string | undefined {
  return parts.length > from ? parts.slice(from).join(":") : undefined;
}

function valueOf(
  argument: Argument<unknown>,
  given: string | undefined,
  text: string,
  step: Step,
): unknown {
  const { name, allowed, isOptional, isRaw } = argument;
  if (given === undefined) {
    if (isOptional) return undefined;
    throw new PlanError(
      `${shown(text)} lacks ${name}: the form is ${
        formOf(step)
      }; allowed: ${allowed}.`,
    );
  }
  const value = argument.parse(isRaw ? given : decode(given, text));
  if (value !== undefined) return value;
  throw new PlanError(
    `${shown(text)}: ${name} is not valid; allowed: ${allowed}.`,
  );
}

/** A step in a step: one level, so that a plan stays readable and bounded. */
function innerOf(notation: string, text: string): PlannedStep {
  const inner = parseStep(notation);
  if (inner.step.choose === undefined) return inner;
  throw new PlanError(
    `${shown(text)}: ${inner.step.name} has no effect there.`,
  );
}

function decode(part: string, text: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw new PlanError(`${shown(text)} has an invalid percent-encoding.`);
  }
}

/** Bytes of a step that a message shows. */
const MAX_SHOWN = 100;

function shown(text: string): string {
  const masked = maskSteps(text);
  const isShort = masked.length <= MAX_SHOWN;
  return printable(isShort ? masked : `${masked.slice(0, MAX_SHOWN)}…`);
}
