/**
 * `/ws`: echoes every message, and behaves as its query asks.
 *
 * @module
 */

import { debugEnabled } from "../../lib/log/log.ts";
import type { Frame, WebSocketHandler } from "../../lib/websocket.ts";
import {
  type BehaviourContext,
  behaviourOnRequest,
  checkBehaviour,
} from "../behaviour/handshake.ts";
import type { Answerable } from "../behaviour/delayed_replies.ts";
import { logPacket } from "./packet_log.ts";

/**
 * Echoes text and binary as they came. A text that begins with `Trigger async`
 * is answered by the work queue, after the handler has returned, with the text
 * `Async data`; one that begins with `Ping`, where the listener can send it,
 * with a PING frame.
 */
export const echo: WebSocketHandler = {
  subprotocols: ["echo", "chat"],

  frame: answer,
};

/**
 * The same, and what the query asks for.
 *
 * @param context the running service
 */
export function echoOnRequest(context: BehaviourContext): WebSocketHandler {
  const handshake = behaviourOnRequest(answer, context);
  const checkQuery = checkBehaviour(context);
  return { ...echo, handshakes: "query", handshake, checkQuery };
}

function answer(peer: Answerable, frame: Frame): void {
  if (debugEnabled) logPacket(frame);
  if (frame.opcode !== "text") {
    peer.send(frame);
  } else if (frame.startsWith("Trigger async")) {
    peer.queueWork(() => peer.send("Async data"));
  } else if (frame.startsWith("Ping") && peer.capabilities.controlFrames) {
    peer.queueWork(() => peer.ping());
  } else {
    peer.send(frame);
  }
}
