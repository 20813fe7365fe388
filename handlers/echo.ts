/**
 * `/ws`: echoes every message.
 *
 * @module
 */

import { debugEnabled } from "../lib/log.ts";
import type { Connection, Frame, WebSocketHandler } from "../lib/websocket.ts";
import { logPacket } from "./packet_log.ts";

/**
 * Echoes text and binary as they came. A text that begins with `Trigger async`
 * is answered by the work queue, after the handler has returned, with the text
 * `Async data`; one that begins with `Ping`, where the listener can send it,
 * with a PING frame.
 */
export const echo: WebSocketHandler = {
  subprotocols: ["echo", "chat"],

  frame(connection: Connection, frame: Frame): void {
    if (debugEnabled) logPacket(frame);
    if (frame.opcode !== "text") {
      connection.send(frame);
    } else if (frame.startsWith("Trigger async")) {
      connection.queueWork(() => connection.send("Async data"));
    } else if (
      frame.startsWith("Ping") && connection.capabilities.controlFrames
    ) {
      connection.queueWork(() => connection.ping());
    } else {
      connection.send(frame);
    }
  },
};
