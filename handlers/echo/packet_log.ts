/**
 * The DEBUG lines of ESP-IDF's example for each packet.
 *
 * @module
 */

import { getLogger } from "@std/log";
import { details, line } from "../../lib/log/fields.ts";
import {
  type Connection,
  type Frame,
  OPCODE_NUMBER,
} from "../../lib/websocket.ts";

/**
 * Logs a received frame. Callers check `debugEnabled` first.
 *
 * @param connection the client
 * @param frame delivered to a handler
 */
export function logPacket(
  { id }: Pick<Connection, "id">,
  frame: Frame,
): void {
  const log = getLogger("ws_echo_server");
  const session = details({ "session.id": id });
  const { opcode, length } = frame;
  if (opcode === "ping") {
    log.debug("Got a WS PING frame, Replying PONG", session);
  }
  log.debug(
    ...line`Frame len is ${{ "websocket.frame.length": length }}`,
    session,
  );
  if (opcode !== "close") {
    log.debug(
      ...line`Got packet with message: ${{
        "websocket.message": frame.text(),
      }}`,
      session,
    );
  }
  log.debug(
    ...line`Packet type: ${{
      "websocket.frame.opcode": OPCODE_NUMBER[opcode],
    }}`,
    session,
  );
}
