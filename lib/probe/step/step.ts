/**
 * The interface of a step, and the result of running one.
 *
 * @module
 */

import type { Details, Finding, Outcome } from "./finding.ts";
import type { Target } from "./target.ts";

/** One check of a server. */
export interface Step {
  /** The step's name; `--only` accepts it. */
  readonly name: string;
  /** A name for several steps; `--only` accepts it, too. */
  readonly group?: string;
  /** The reply that passes the step. */
  readonly expected: string;
  /** The rule's section, such as `RFC 6455 §5.6`; `""` if no document has the rule. */
  readonly source: string;
  /**
   * Checks the server.
   *
   * @param target the server and its connections
   * @throws {StepFailure} the server did not meet the expectation
   */
  run(target: Target): Promise<Finding>;
}

/** The result of a step, as the reports show it. */
export interface StepResult {
  /** The step's name. */
  readonly name: string;
  /** How the step ended. */
  readonly outcome: Outcome;
  /** False if the step was skipped because the server accepts no WebSocket. */
  readonly isTried: boolean;
  /** Duration in milliseconds. */
  readonly time: number;
  /** A short description of the server's reply. */
  readonly seen: string;
  /** The reply that passes the step. */
  readonly expected: string;
  /** The rule's section, or `""`. */
  readonly source: string;
  /** A suggestion for the user. */
  readonly hint: string | undefined;
  /** Further lines of the report. */
  readonly lines: readonly string[];
  /** Machine-readable facts. */
  readonly details: Details;
}
