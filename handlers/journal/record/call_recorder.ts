/**
 * Records a connection of the edge listener from the calls between the listener and the
 * handler: the runtime shows messages and the end, no frames.
 *
 * @module
 */

import { closePayload } from "../../../lib/client/frame.ts";
import { CLOSE_CODE } from "../../../lib/protocol/close_code.ts";
import {
  type CloseEventInfo,
  type Connection,
  type Frame,
  OPCODE_NUMBER,
  type WebSocketHandler,
} from "../../../lib/websocket.ts";
import type { ConnectionRecord } from "./connection_record.ts";
import type { Head } from "./head.ts";
import { RecordedConnection } from "./recorded_connection.ts";

/**
 * Wraps the handler of a connection, so that its calls are recorded.
 *
 * @param handler of the connection
 * @param record gets the entries
 * @param response that opens the connection
 * @returns a handler with the same options
 */
export function recordCalls(
  handler: WebSocketHandler,
  record: ConnectionRecord,
  response: Head,
): WebSocketHandler {
  let recorded: RecordedConnection | undefined;
  const of = (connection: Connection) =>
    recorded ??= new RecordedConnection(connection, record);
  const calls = {
    open(connection: Connection) {
      record.responded(response);
      return handler.open?.(of(connection));
    },
    frame(connection: Connection, frame: Frame) {
      if (frame.opcode !== "close") recordReceived(record, frame);
      return handler.frame(of(connection), frame);
    },
    close(connection: Connection, event: CloseEventInfo) {
      recordEnd(record, event);
      return handler.close?.(of(connection), event);
    },
  };
  // A handler may be an instance of any class.
  return new Proxy(handler, {
    get: (target, name) =>
      Object.hasOwn(calls, name)
        ? calls[name as keyof typeof calls]
        : Reflect.get(target, name),
  });
}

/** Records a message, or the part of one that the handler gets. */
function recordReceived(record: ConnectionRecord, frame: Frame): void {
  const { payload, final } = frame;
  record.message("client", OPCODE_NUMBER[frame.opcode], payload, final);
  if (final) record.client.messages++;
}

/** Records the client's CLOSE, which the runtime has answered, and the end. */
function recordEnd(record: ConnectionRecord, event: CloseEventInfo): void {
  const { code, reason } = event;
  const wasCut = code === CLOSE_CODE.abnormal;
  if (!wasCut) {
    const payload = code === CLOSE_CODE.noStatus
      ? closePayload()
      : closePayload(code, reason);
    record.message("client", OPCODE_NUMBER.close, payload);
  }
  record.end(wasCut ? "failed" : "closed", wasCut ? "client" : "server");
}
