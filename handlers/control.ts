/**
 * `/control`: control frames in the handler's hands.
 *
 * @module
 */

import { debugEnabled } from "../lib/log/log.ts";
import type { Connection, Frame, WebSocketHandler } from "../lib/websocket.ts";
import { headOf } from "./frames/frame_header.ts";
import { logPacket } from "./echo/packet_log.ts";

/**
 * Answers PING, PONG and CLOSE by itself and reports each to the peer as a text
 * of JSON, before the answer; echoes data. A text that begins with `Ping` is
 * answered with a PING frame instead, for peers that cannot send one but whose
 * PONG is of interest. The edge listener shows only CLOSE, after the runtime has
 * answered it, and sends no PING.
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
        if (asksForPing(connection, frame)) connection.ping();
        else connection.send(frame);
    }
  },
};

function asksForPing({ capabilities }: Connection, frame: Frame): boolean {
  return capabilities.controlFrames && frame.opcode === "text" &&
    frame.startsWith("Ping");
}

function report(frame: Frame): string {
  return JSON.stringify({ ...headOf(frame), payload: frame.payload.toHex() });
}
