/**
 * The rows of the catalogue, as data.
 *
 * @module
 */

import type { Need, Phase } from "../engine/step.ts";
import { FAULT_GROUPS } from "../faults/table.ts";
import { keptState } from "../notation/kept_state.ts";
import { needOf } from "../notation/need_of.ts";
import { parsePlan } from "../notation/parse_plan.ts";
import { formOf } from "../notation/parse_step.ts";
import { STEP_GROUPS } from "../steps/table.ts";
import type { ServiceInfo } from "./service_info.ts";

/** A row of the catalogue. */
export interface CatalogueRow {
  /** The title of its group. */
  readonly group: string;
  /** The name of the step or of the named plan. */
  readonly name: string;
  /** The form of the step, or the plan without `/do/`. */
  readonly notation: string;
  /** Path of an example. */
  readonly path: string;
  /** The listener or the wire that the example needs. */
  readonly needs: Need;
  /** Whether the example keeps state between connections, which several threads do not share. */
  readonly needsOneThread: boolean;
  /** The effect. */
  readonly sentence: string;
  /** The behaviour of a correct client. */
  readonly client: string;
  /** The section of the specification; `""` if none. */
  readonly section: string;
  /** Test suites of clients that have the situation. */
  readonly suites: readonly string[];
}

/** A row of a step. */
export interface StepRow extends CatalogueRow {
  /** When the step runs. */
  readonly phase: Phase | "any";
  /** The arguments in order. */
  readonly arguments: readonly {
    /** The name in the form. */
    readonly name: string;
    /** The allowed values. */
    readonly allowed: string;
    /** Whether it may be left out. */
    readonly optional: boolean;
  }[];
}

/** The rows of all steps. */
export const STEP_ROWS: readonly StepRow[] = STEP_GROUPS.flatMap((
  { title, steps },
) =>
  steps.map((step) => ({
    group: title,
    name: step.name,
    notation: formOf(step),
    path: `/do/${step.example}`,
    ...needsOfNotation(step.example),
    sentence: step.sentence,
    client: step.client,
    section: step.section,
    suites: step.suites,
    phase: step.phase,
    arguments: step.arguments.map(({ name, allowed, isOptional = false }) => ({
      name,
      allowed,
      optional: isOptional,
    })),
  }))
);

/** The rows of all named plans. */
export const FAULT_ROWS: readonly CatalogueRow[] = FAULT_GROUPS.flatMap((
  { title, faults },
) =>
  faults.map(({ name, plan, sentence, client, section, suites }) => ({
    group: title,
    name,
    notation: plan,
    path: `/fault/${name}`,
    ...needsOfNotation(plan),
    sentence,
    client,
    section,
    suites,
  }))
);

/**
 * The URL of a row's example: on the edge listener, which each service has, if that can run it.
 *
 * @param row of the catalogue
 * @param service its listeners and threads
 * @returns `undefined`: the service cannot run the example
 */
export function exampleUrlOf(
  { needs, needsOneThread, path }: CatalogueRow,
  { bases, hasSeveralThreads }: ServiceInfo,
): string | undefined {
  const base = bases[needs === "any" ? "edge" : "frame"];
  if (base === undefined || hasSeveralThreads && needsOneThread) {
    return undefined;
  }
  return base + path;
}

function needsOfNotation(
  notation: string,
): Pick<CatalogueRow, "needs" | "needsOneThread"> {
  const plan = parsePlan(notation, "frame");
  return {
    needs: needOf(plan).need,
    needsOneThread: keptState(plan) !== undefined,
  };
}
