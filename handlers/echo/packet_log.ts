/**
 * The DEBUG lines of ESP-IDF's example for each packet.
 *
 * @module
 */

import { getLogger } from "@std/log";
import { printable } from "../../lib/log/log.ts";
import { type Frame, OPCODE_NUMBER } from "../../lib/websocket.ts";

/**
 * Logs a received frame. Callers check `debugEnabled` first.
 *
 * @param frame delivered to a handler
 */
export function logPacket(frame: Frame): void {
  const log = getLogger("ws_echo_server");
  if (frame.opcode === "ping") {
    log.debug("Got a WS PING frame, Replying PONG");
  }
  log.debug(`Frame len is ${frame.length}`);
  if (frame.opcode !== "close") {
    log.debug(`Got packet with message: ${printable(frame.text())}`);
  }
  log.debug(`Packet type: ${OPCODE_NUMBER[frame.opcode]}`);
}
