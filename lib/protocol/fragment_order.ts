/**
 * The order in which data frames may be sent (RFC 6455 §5.4); both listeners
 * hold a handler to it.
 *
 * @module
 */

import { FragmentOrderError } from "./errors.ts";
import type { Frame, Opcode } from "../websocket.ts";

/**
 * Checks a data frame against what was sent before it.
 *
 * @param inMessage whether a fragmented message has been started and not ended
 * @param isContinuation whether the next frame's opcode is `continuation`
 * @throws {FragmentOrderError} when the frame may not be sent now
 */
export function checkFragmentOrder(
  inMessage: boolean,
  isContinuation: boolean,
): void {
  if (inMessage === isContinuation) return;
  throw new FragmentOrderError(
    inMessage
      ? "a fragmented message has to be ended before a new one starts"
      : "there is no fragmented message to continue",
  );
}

/**
 * The opcode that a received frame is sent with: a piece of a frame, if it is not
 * the frame's first, continues the message.
 *
 * @param frame a message, a frame or a piece of one
 */
export function opcodeToSend(frame: Frame): Opcode {
  const { opcode, length, left, payload } = frame;
  return length - left > payload.length ? "continuation" : opcode;
}
