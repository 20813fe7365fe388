/**
 * A named plan of the catalogue.
 *
 * @module
 */

import type { FaultExpectation } from "../../journal/record/fault.ts";
import type { Description } from "../engine/step.ts";

/** A named plan. */
export interface Fault extends Description {
  /** The name in `/fault/NAME`. */
  readonly name: string;
  /** The plan in the notation of `/do/`. */
  readonly plan: string;
  /** The reaction that the journal's verdict expects; `undefined`: none is judged. */
  readonly expects?: Pick<FaultExpectation, "reaction" | "codes">;
  /**
   * Subprotocols that a client must offer for the reaction to be judged.
   * @default 0
   */
  readonly offers?: number;
}

/** The client fails the connection with 1002. */
export const FAILS = { reaction: "fail", codes: [1002] } as const;

/** The client refuses the handshake. */
export const REFUSES = { reaction: "refuse" } as const;

/** The client continues. */
export const ACCEPTS = { reaction: "accept" } as const;

/**
 * The client fails the connection.
 *
 * @param codes that its CLOSE may have
 */
export function failsWith(
  ...codes: readonly number[]
): NonNullable<Fault["expects"]> {
  return { reaction: "fail", codes };
}
