/**
 * A step of a plan: the row of the table that describes and runs it.
 *
 * @module
 */

import type { ThreadState } from "../../http/one_thread.ts";
import type { Argument, ValuesOf } from "../arguments/argument.ts";
import type { Draft } from "./draft.ts";
import type { Run } from "./run.ts";

/** When a step runs. A plan has its steps in this order. */
export type Phase = "handshake" | "connection" | "end";

/**
 * The requirement of a step: any listener, a connection of the frame listener, or the
 * bytes of such a connection.
 */
export type Need = "any" | "frame" | "wire";

/** The entry of a step or a named plan in the catalogue. */
export interface Description {
  /** The effect, in one sentence. */
  readonly sentence: string;
  /** The behaviour of a correct client. */
  readonly client: string;
  /** The section of the specification, such as `RFC 6455 §5.5.2`; `""` if none. */
  readonly section: string;
  /** Test suites of clients that have the situation. */
  readonly suites: readonly string[];
}

/** The common fields of a step's row. */
export interface StepCommon extends Description {
  /** The name in a path. */
  readonly name: string;
  /** When it runs; `any`: in the handshake and afterwards. */
  readonly phase: Phase | "any";
  /** Its requirement. */
  readonly needs: Need;
  /** The kind of state that the step keeps between connections. */
  readonly keeps?: ThreadState;
  /** A plan with this step, without `/do/`. */
  readonly example: string;
  /** Whether it takes messages of the client. */
  readonly takesMessages?: true;
  /** Whether it sends something; after a CLOSE, this needs the wire. */
  readonly sends?: true;
  /** Whether it sends parts of the handshake request. */
  readonly showsRequest?: true;
  /** Whether no step after it has an effect. */
  readonly isLast?: true;
  /** Whether it may stand in a plan once only: a second one would replace the first. */
  readonly isOnce?: true;
  /** Whether its arguments are masked in log lines and messages. */
  readonly isSecret?: true;
  /** Whether it changes the 101 and has no effect on a refusal. */
  readonly isFor101?: true;
  /** Whether it ends the output: steps that send have no effect after it. */
  readonly endsOutput?: true;
  /** Steps of which one has to follow, or the step has no effect. */
  readonly needsLater?: "messages" | "echo" | "output" | "state";
  /**
   * Whether the plan runs on the wire if the listener can: the client may leave during
   * the step with these arguments, or the case and the repetition of a field matter.
   */
  readonly prefersWire?: (values: readonly unknown[]) => boolean;
  /** Decides per connection whether the step in its last argument runs. */
  readonly choose?: (
    history: ClientHistory,
    values: readonly unknown[],
  ) => boolean;
  /** The need of the step with these arguments. */
  readonly needsWith?: (values: readonly unknown[]) => Need;
  /** The kind of state that the step with these arguments keeps between connections. */
  readonly keepsWith?: (values: readonly unknown[]) => ThreadState | undefined;
  /** Whether the step with these arguments never ends by itself. */
  readonly isEndless?: (values: readonly unknown[]) => boolean;
  /** Whether the step with these arguments leaves the answer to the client's CLOSE to the plan. */
  readonly takesClose?: (values: readonly unknown[]) => boolean;
  /** Bytes of output that the step makes at once. */
  readonly outputBytes?: (values: readonly unknown[]) => number;
  /** Returns what is wrong with the combination of arguments. */
  readonly check?: (values: readonly unknown[]) => string | undefined;
}

/** A row of the table. */
export interface Step extends StepCommon {
  /** The arguments, in order. */
  readonly arguments: readonly Argument<unknown>[];
  /** Changes the answer to the handshake. */
  readonly draft?:
    | ((
      draft: Draft,
      values: readonly unknown[],
    ) => void | PromiseLike<unknown>)
    | undefined;
  /** Acts on the connection. */
  readonly run?:
    | ((run: Run, values: readonly unknown[]) => void | PromiseLike<unknown>)
    | undefined;
}

/** A row before its types are erased. */
export interface TypedStep<A extends readonly Argument<unknown>[]> extends
  Omit<
    StepCommon,
    | "needsWith"
    | "keepsWith"
    | "prefersWire"
    | "choose"
    | "isEndless"
    | "takesClose"
    | "outputBytes"
    | "check"
  > {
  /** The arguments, in order. */
  readonly arguments: A;
  /** Changes the answer to the handshake. */
  readonly draft?: (
    draft: Draft,
    values: ValuesOf<A>,
  ) => void | PromiseLike<unknown>;
  /** Acts on the connection. */
  readonly run?: (run: Run, values: ValuesOf<A>) => void | PromiseLike<unknown>;
  /** Decides per connection whether the step in its last argument runs. */
  readonly choose?: (history: ClientHistory, values: ValuesOf<A>) => boolean;
  /** The need of the step with these arguments. */
  readonly needsWith?: (values: ValuesOf<A>) => Need;
  /** The kind of state that the step with these arguments keeps between connections. */
  readonly keepsWith?: (values: ValuesOf<A>) => ThreadState | undefined;
  /** Whether the step with these arguments never ends by itself. */
  readonly isEndless?: (values: ValuesOf<A>) => boolean;
  /** Whether the step with these arguments leaves the answer to the client's CLOSE to the plan. */
  readonly takesClose?: (values: ValuesOf<A>) => boolean;
  /** Whether the plan runs on the wire if the listener can. */
  readonly prefersWire?: (values: ValuesOf<A>) => boolean;
  /** Bytes of output that the step makes at once. */
  readonly outputBytes?: (values: ValuesOf<A>) => number;
  /** Returns what is wrong with the combination of arguments. */
  readonly check?: (values: ValuesOf<A>) => string | undefined;
}

/**
 * Makes a row; the values of its functions have the types of its arguments.
 *
 * @param row a row
 */
export function step<const A extends readonly Argument<unknown>[]>(
  row: TypedStep<A>,
): Step {
  return row as unknown as Step;
}

/** The connections of a client whose plans have the step, including the current one. */
export interface ClientHistory {
  /**
   * Counts the connections of the client that have the step in their plan.
   *
   * @returns 1 for the first
   */
  count(): number;
  /**
   * Milliseconds since the client's first connection that has the step in its plan; 0
   * for that connection.
   */
  elapsed(): number;
}

/** A step with its arguments. */
export interface PlannedStep {
  /** Its row. */
  readonly step: Step;
  /** The arguments' values; one that is left out is `undefined`. */
  readonly values: readonly unknown[];
  /** The notation, printable, without secrets. */
  readonly text: string;
  /** The step in its last argument. */
  readonly inner?: PlannedStep;
}

/** A checked list of steps. */
export interface Plan {
  /** The steps in order. */
  readonly steps: readonly PlannedStep[];
}
