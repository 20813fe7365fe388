/**
 * The outcome of a step: a finding, or a failure.
 *
 * @module
 */

/**
 * How a step ended. `skip`: the step does not apply to this server, or the server
 * accepts no WebSocket.
 */
export type Outcome = "pass" | "fail" | "skip";

/** Machine-readable facts, written by `--json`; times are in milliseconds. */
export type Details = Readonly<Record<string, unknown>>;

/** The outcome of a step that did not fail. */
export interface Finding {
  /** Whether the server met the expectation, or the step does not apply to it. */
  readonly outcome: "pass" | "skip";
  /** A short description of the server's reply. */
  readonly seen: string;
  /** Further lines of the report. */
  readonly lines?: readonly string[];
  /** Machine-readable facts. */
  readonly details?: Details;
}

/**
 * Makes the finding of a step that passed.
 *
 * @param seen a short description of the server's reply
 * @param more further lines and facts
 */
export function pass(
  seen: string,
  more: Pick<Finding, "lines" | "details"> = {},
): Finding {
  return { outcome: "pass", seen, ...more };
}

/**
 * Makes the finding of a step that does not apply.
 *
 * @param seen the reason
 */
export function skip(seen: string): Finding {
  return { outcome: "skip", seen };
}

/** The optional parts of a {@linkcode StepFailure}. */
export interface FailureOptions {
  /**
   * The section that contains the violated rule.
   * @default the step's source
   */
  readonly source?: string;
  /** A suggestion for the user. */
  readonly hint?: string | undefined;
  /** Further lines of the report. */
  readonly lines?: readonly string[];
  /** Machine-readable facts. */
  readonly details?: Details;
}

/** Thrown by a step when the server did not meet the expectation. */
export class StepFailure extends Error {
  /** The class's name. */
  override readonly name = "StepFailure";
  /** Source, hint, lines and details. */
  readonly options: FailureOptions;

  /**
   * Makes a failure.
   *
   * @param seen a short description of the server's reply
   * @param options source, hint, lines and details
   */
  constructor(seen: string, options: FailureOptions = {}) {
    super(seen);
    this.options = options;
  }
}
