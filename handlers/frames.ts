/**
 * `/frames`: every frame as it came.
 *
 * @module
 */

import { debugEnabled } from "../lib/log.ts";
import type { Connection, Frame, WebSocketHandler } from "../lib/websocket.ts";
import { logPacket } from "./packet_log.ts";

/**
 * Sends every data frame back as it came: its opcode, its payload, its FIN. On
 * the edge listener, which shows whole messages, that is an echo.
 */
export const frames: WebSocketHandler = {
  receive: "frame",

  frame(connection: Connection, frame: Frame): void {
    if (debugEnabled) logPacket(frame);
    connection.send(frame);
  },
};
