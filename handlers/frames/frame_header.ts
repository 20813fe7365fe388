/**
 * Frames as their peer gets to see them in a report: a browser shows its scripts
 * whole messages only, so the server tells what it received.
 *
 * @module
 */

import { type Frame, type Opcode, OPCODE_NUMBER } from "../../lib/websocket.ts";

/** What stands in a frame's header (RFC 6455 §5.2), as far as it is of use. */
export interface FrameHead {
  /** What the payload is. */
  readonly opcode: Opcode;
  /** The opcode's number on the wire. */
  readonly number: number;
  /** FIN. */
  readonly final: boolean;
  /** Bytes of payload. */
  readonly length: number;
}

/**
 * The head of a frame that was received.
 *
 * @param frame as the handler got it
 */
export function headOf({ opcode, final, length }: Frame): FrameHead {
  return { opcode, number: OPCODE_NUMBER[opcode], final, length };
}
