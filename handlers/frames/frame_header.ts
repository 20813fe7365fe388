/**
 * Frame headers in the reports of `/frames` and `/control`. Browsers show whole
 * messages only, so the server reports the frames that it received.
 *
 * @module
 */

import { type Frame, type Opcode, OPCODE_NUMBER } from "../../lib/websocket.ts";

/** The reported fields of a frame's header (RFC 6455 §5.2). */
export interface FrameHeader {
  /** The opcode's name. */
  readonly opcode: Opcode;
  /** The opcode's number. */
  readonly number: number;
  /** The FIN bit. */
  readonly final: boolean;
  /** The payload's length in bytes. */
  readonly length: number;
}

/**
 * Returns the header of a received frame.
 *
 * @param frame delivered to a handler
 */
export function headerOf({ opcode, final, length }: Frame): FrameHeader {
  return { opcode, number: OPCODE_NUMBER[opcode], final, length };
}
