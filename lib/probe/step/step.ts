/**
 * What a step of the probe is, and what comes of one.
 *
 * @module
 */

import type { Peer } from "./target.ts";

/**
 * How a step ended: as it should, not so, or it does not apply to this server
 * or could not be tried.
 */
export type Outcome = "pass" | "fail" | "skip";

/** Something to find out about a server. */
export interface Step {
  /** What `--only` calls it. */
  readonly name: string;
  /** What `--only` calls it together with others. */
  readonly group?: string;
  /** What a server has to do to pass, in a few words. */
  readonly expected: string;
  /** Where that is written, such as `RFC 6455 §5.6`; `""` where it is nowhere. */
  readonly source: string;
  /**
   * Finds it out.
   *
   * @param peer the server
   * @throws {StepFailure} the server did something else
   */
  run(peer: Peer): Promise<Finding>;
}

/** Facts for a machine; times in milliseconds. */
export type Details = Readonly<Record<string, unknown>>;

/** What was found. */
export interface Finding {
  /** Whether the server did what it should, or the step does not apply to it. */
  readonly outcome: "pass" | "skip";
  /** What was seen, in a few words. */
  readonly seen: string;
  /** Further lines about it. */
  readonly lines?: readonly string[];
  /** The same for a machine. */
  readonly details?: Details;
}

/** What a step comes to. */
export interface StepResult {
  /** The step's name. */
  readonly name: string;
  /** How it ended. */
  readonly outcome: Outcome;
  /** False where there was nothing to try it on. */
  readonly isTried: boolean;
  /** Milliseconds that it took. */
  readonly time: number;
  /** What was seen, in a few words. */
  readonly seen: string;
  /** What would have been right. */
  readonly expected: string;
  /** Where that is written, or `""`. */
  readonly source: string;
  /** What may help, where there is such a thing. */
  readonly hint: string | undefined;
  /** Further lines about it. */
  readonly lines: readonly string[];
  /** The same for a machine. */
  readonly details: Details;
}

/**
 * What a server should have done.
 *
 * @param seen what was seen
 * @param more further lines, and the same for a machine
 */
export function pass(
  seen: string,
  more: Omit<Finding, "outcome" | "seen"> = {},
): Finding {
  return { outcome: "pass", seen, ...more };
}

/**
 * A step that does not apply.
 *
 * @param seen why
 */
export function skip(seen: string): Finding {
  return { outcome: "skip", seen };
}

/** What a {@linkcode StepFailure} may say beside what was seen. */
export interface FailureOptions {
  /** Where the rule is written, if not where the step says. */
  readonly source?: string;
  /** What may help. */
  readonly hint?: string | undefined;
  /** Further lines. */
  readonly lines?: readonly string[];
  /** The same for a machine. */
  readonly details?: Details;
}

/** A server that did something else. */
export class StepFailure extends Error {
  /** The class's name. */
  override readonly name = "StepFailure";
  /** What else is to be said. */
  readonly options: FailureOptions;

  /**
   * Makes a failure.
   *
   * @param seen what was seen, in a few words
   * @param options what else is to be said
   */
  constructor(seen: string, options: FailureOptions = {}) {
    super(seen);
    this.options = options;
  }
}
