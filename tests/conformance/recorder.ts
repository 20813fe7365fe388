/**
 * Handlers that record their frames.
 *
 * @module
 */

import type {
  Connection,
  Frame,
  WebSocketHandler,
} from "../../lib/websocket.ts";
import { Inbox } from "../integration/support/inbox.ts";

/** A frame that a handler received; the payload is a copy, in hex. */
export interface Seen {
  readonly opcode: Frame["opcode"];
  readonly final: boolean;
  readonly payload: string;
  readonly length: number;
  readonly offset: number;
  readonly left: number;
}

/** A handler, and a record of its frames. */
export interface Recorder {
  readonly handler: WebSocketHandler;
  /** Everything so far, in order. */
  readonly seen: readonly Seen[];
  /** The next one. */
  next(): Promise<Seen>;
}

/**
 * Records a frame.
 *
 * @param frame a received frame
 */
export function note(frame: Frame): Seen {
  const { opcode, final, payload, length, offset, left } = frame;
  return { opcode, final, payload: payload.toHex(), length, offset, left };
}

/**
 * The record of a whole message or frame.
 *
 * @param opcode the frame's
 * @param payload its payload; a string stands for its UTF-8
 * @param final FIN
 */
export function whole(
  opcode: Frame["opcode"],
  payload: string | Uint8Array = "",
  final = true,
): Seen {
  const bytes = typeof payload === "string"
    ? new TextEncoder().encode(payload)
    : payload;
  const { length } = bytes;
  return {
    opcode,
    final,
    payload: bytes.toHex(),
    length,
    offset: 0,
    left: 0,
  };
}

/**
 * Makes a handler that records.
 *
 * @param options options of the handler
 * @param answer is called with each frame
 */
export function recorder(
  options: Partial<WebSocketHandler>,
  answer: (connection: Connection, frame: Frame) => void | Promise<void> =
    () => {},
): Recorder {
  const seen: Seen[] = [];
  const inbox = new Inbox<Seen>("a call of the handler's frame");
  return {
    seen,
    next: () => inbox.next(),
    handler: {
      ...options,
      frame(connection, frame) {
        const item = note(frame);
        seen.push(item);
        inbox.push(item);
        return answer(connection, frame);
      },
    },
  };
}
