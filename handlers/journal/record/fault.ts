/**
 * The reactions of a correct client to a server that violates a rule on purpose.
 *
 * @module
 */

/**
 * The right reaction of a client:
 *
 * - `fail`: it fails the WebSocket connection (RFC 6455 §7.1.7): it may send a CLOSE with
 *   one of the codes, sends no further data, and ends TCP;
 * - `refuse`: it refuses the handshake (§4.1): it sends no frame, or a CLOSE with the
 *   code of an error, and ends TCP;
 * - `accept`: it continues, because the server's behaviour is unusual but legal.
 */
export type Reaction = "fail" | "refuse" | "accept";

/** The behaviour of a correct client after a fault. */
export interface FaultExpectation {
  /** The right reaction. */
  readonly reaction: Reaction;
  /** The rule, such as `RFC 6455 §5.1`. */
  readonly section: string;
  /**
   * Codes that its CLOSE may have, if it sends one.
   * @default 1002 for `fail`; for `refuse` also 1007 to 1010
   */
  readonly codes?: readonly number[];
  /**
   * Milliseconds that the reaction may take.
   * @default {@linkcode REACTION_TIME}
   */
  readonly within?: number;
}

/** Milliseconds that a reaction may take: a round trip, and a busy client. */
export const REACTION_TIME = 2000;
