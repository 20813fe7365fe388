/**
 * `/control`: control frames in the handler's hands.
 *
 * @module
 */

import { debugEnabled } from "../lib/log.ts";
import {
  type Connection,
  type Frame,
  OPCODE_NUMBER,
  type WebSocketHandler,
} from "../lib/websocket.ts";
import { logPacket } from "./packet_log.ts";

/**
 * Answers PING, PONG and CLOSE by itself and reports each to the peer as a text
 * of JSON, before the answer; echoes data. The edge listener shows only CLOSE,
 * after the runtime has answered it.
 */
export const control: WebSocketHandler = {
  controlFrames: true,

  frame(connection: Connection, frame: Frame): void {
    if (debugEnabled) logPacket(frame);
    switch (frame.opcode) {
      case "ping":
        connection.send(report(frame));
        connection.send(frame.payload, { opcode: "pong" });
        break;
      case "pong":
        connection.send(report(frame));
        break;
      case "close":
        connection.send(report(frame));
        connection.send(frame);
        break;
      default:
        connection.send(frame);
    }
  },
};

function report(frame: Frame): string {
  const { opcode, final, length, payload } = frame;
  return JSON.stringify({
    opcode,
    number: OPCODE_NUMBER[opcode],
    final,
    length,
    payload: payload.toHex(),
  });
}
