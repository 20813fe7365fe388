/**
 * `/ws`: echoes every message; its query requests other behaviour.
 *
 * @module
 */

import { debugEnabled } from "../../lib/log/log.ts";
import type { Frame, WebSocketHandler } from "../../lib/websocket.ts";
import type { ReplyConnection } from "../script/replies/delayed_replies.ts";
import type { ScriptContext } from "../script/context.ts";
import { behaviourOnRequest } from "../script/on_request.ts";
import { logPacket } from "./packet_log.ts";

/**
 * Echoes text and binary messages.
 *
 * A text that begins with `Trigger async` is answered with the text `Async data`, sent
 * by the work queue. A text that begins with `Ping` is answered with a PING if the
 * listener can send one.
 */
export const echo: WebSocketHandler = {
  subprotocols: ["echo", "chat"],

  frame: reply,
};

/**
 * Makes the handler of `/ws`: {@linkcode echo} with behaviour on request.
 *
 * @param context parts of the running service
 */
export function echoOnRequest(context: ScriptContext): WebSocketHandler {
  return { ...echo, ...behaviourOnRequest(reply, context) };
}

/** The reply of `/ws` to a message. */
export function reply(connection: ReplyConnection, frame: Frame): void {
  if (debugEnabled) logPacket(connection, frame);
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
}
