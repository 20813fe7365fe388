/**
 * Counts of verdicts.
 *
 * @module
 */

import type { Behavior, BehaviorClose, CaseResult } from "../case/result.ts";

/** Both verdicts of a case. */
export type Verdicts = Pick<CaseResult, "behavior" | "behaviorClose">;

/** The verdicts on frames, the best one first. */
export const BEHAVIORS: readonly Behavior[] = [
  "OK",
  "NON-STRICT",
  "INFORMATIONAL",
  "UNIMPLEMENTED",
  "FAILED",
];

const FAILED_CLOSES: ReadonlySet<BehaviorClose> = new Set<BehaviorClose>([
  "FAILED",
  "WRONG CODE",
  "UNCLEAN",
  "FAILED BY CLIENT",
]);

/**
 * Whether a case has failed: its behaviour is `FAILED`, or its end is `FAILED`,
 * `WRONG CODE`, `UNCLEAN` or `FAILED BY CLIENT`.
 *
 * @param verdicts of the case
 */
export function isFailed({ behavior, behaviorClose }: Verdicts): boolean {
  return behavior === "FAILED" || FAILED_CLOSES.has(behaviorClose);
}

/** Numbers of cases. */
export interface Counts {
  /** All cases. */
  readonly cases: number;
  /** Cases by the verdict on the frames. */
  readonly behaviors: Readonly<Record<Behavior, number>>;
  /** Cases whose frames or whose end have failed. */
  readonly failed: number;
}

/**
 * Counts the verdicts.
 *
 * @param results of any cases
 */
export function countVerdicts(results: readonly Verdicts[]): Counts {
  const behaviors = {
    "OK": 0,
    "NON-STRICT": 0,
    "INFORMATIONAL": 0,
    "UNIMPLEMENTED": 0,
    "FAILED": 0,
  };
  for (const { behavior } of results) behaviors[behavior]++;
  const failed = results.filter(isFailed).length;
  return { cases: results.length, behaviors, failed };
}

/**
 * Formats counts, such as `514 OK, 3 INFORMATIONAL`.
 *
 * @param counts of an agent
 */
export function summaryOf({ behaviors, failed }: Counts): string {
  const parts = BEHAVIORS.filter((behavior) => behaviors[behavior] > 0)
    .map((behavior) => `${behaviors[behavior]} ${behavior}`);
  const closes = failed - behaviors.FAILED;
  if (closes > 0) parts.push(`${closes} with a failed end`);
  return parts.join(", ") || "no case";
}

/**
 * The family of a case.
 *
 * @param id such as `1.1.1`
 */
export function familyOf(id: string): number {
  return Number(id.slice(0, id.indexOf(".")));
}
