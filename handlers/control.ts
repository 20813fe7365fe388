/**
 * `/control`: a handler that answers control frames itself.
 *
 * @module
 */

import { debugEnabled } from "../lib/log/log.ts";
import type { Connection, Frame, WebSocketHandler } from "../lib/websocket.ts";
import { logPacket } from "./echo/packet_log.ts";
import { headerOf } from "./frames/frame_header.ts";

/**
 * Reports each PING, PONG and CLOSE as a JSON text, then answers it, and echoes data.
 *
 * A text that begins with `Ping` is answered with a PING, for clients that cannot send
 * one. The edge listener delivers only CLOSE, after the runtime has answered it, and
 * cannot send PING.
 */
export const control: WebSocketHandler = {
  controlFrames: true,

  frame(connection: Connection, frame: Frame): void {
    if (debugEnabled) logPacket(connection, frame);
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
        if (requestsPing(connection, frame)) connection.ping();
        else connection.send(frame);
    }
  },
};

function requestsPing({ capabilities }: Connection, frame: Frame): boolean {
  return capabilities.controlFrames && frame.opcode === "text" &&
    frame.startsWith("Ping");
}

function report(frame: Frame): string {
  return JSON.stringify({ ...headerOf(frame), payload: frame.payload.toHex() });
}
