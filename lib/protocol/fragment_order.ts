/**
 * The order of data frames that a handler sends (RFC 6455 §5.4), for both listeners.
 *
 * @module
 */

import { FragmentOrderError } from "./errors.ts";

/**
 * Checks whether a data frame may be sent.
 *
 * @param inMessage whether a fragmented message is unfinished
 * @param isContinuation whether the frame's opcode is `continuation`
 * @throws {FragmentOrderError} the frame may not be sent now
 */
export function checkFragmentOrder(
  inMessage: boolean,
  isContinuation: boolean,
): void {
  if (inMessage === isContinuation) return;
  throw new FragmentOrderError(
    inMessage
      ? "a fragmented message has to end before the next message starts"
      : "there is no fragmented message to continue",
  );
}
