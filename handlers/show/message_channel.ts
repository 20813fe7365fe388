/**
 * `/channel?uuid=NAME&direction=read|write`: messages from several clients to one, which
 * may connect later, in the JSON protocol of web-platform-tests' `msg_channel`.
 *
 * @module
 */

import { oneOf } from "../../lib/config/kinds.ts";
import { checkNames, readParameter } from "../../lib/http/query.ts";
import { CLOSE_CODE } from "../../lib/protocol/close_code.ts";
import { RefusedError } from "../../lib/protocol/http_error.ts";
import { isSliceOver, nextSlice } from "../../lib/scheduling/scheduler.ts";
import type { Connection, WebSocketHandler } from "../../lib/websocket.ts";
import { checkName } from "../journal/name.ts";
import { MAX_WAITING } from "./channel.ts";
import type { Queue, Queued, QueueStore, Reader } from "./queue_store.ts";

/** Bytes of a message. To parse and write a byte of nested JSON may take a microsecond. */
export const MAX_COMMAND = 64 * 1024;

/** A client of a channel. */
export interface Member {
  /** The channel. */
  readonly name: string;
  /** Whether the client reads; others write. */
  readonly reads: boolean;
  /** What the channel gives to a client that reads. */
  reader?: Reader;
  /** The queue, once the connection is open. */
  queue?: Queue;
}

/** A message of a client: `["message", VALUE]` or another command. */
type Command = readonly [name: string, value?: unknown];

const DIRECTION = oneOf("read", "write");

const BAD_QUERY = {
  status: 400,
  message: "A channel needs ?uuid=NAME&direction=read, or write.",
};

/**
 * Makes the handler of `/channel` without a name. A client that writes sends
 * `["message", VALUE]`, and the client that reads gets VALUE as JSON.
 * `["disconnectReader"]` closes the reader, `["delete"]` removes what waits; a reader
 * closes itself with `["close"]`.
 *
 * @param store holds the messages that wait for a reader
 */
export function messageChannel(store: QueueStore): WebSocketHandler<Member> {
  return {
    maxPayload: MAX_COMMAND,

    handshake(request) {
      const query = new URL(request.url).searchParams;
      checkNames(query, ["uuid", "direction"]);
      const direction = readParameter(query, "direction", DIRECTION);
      const uuid = query.get("uuid");
      if (uuid === null || direction === undefined) {
        throw new RefusedError(BAD_QUERY);
      }
      const name = checkName("channel", uuid);
      const reads = direction === "read";
      store.check(name, reads);
      return { state: { name, reads } };
    },

    open(connection) {
      const { state } = connection;
      if (state.reads) state.reader = readerOf(connection);
      try {
        state.queue = store.join(state.name, state.reader);
      } catch (error) {
        // Several handshakes may have found the last place.
        closeFor(connection, error);
      }
    },

    frame(connection, frame) {
      const { name, reads, queue } = connection.state;
      const command = parse(frame.text());
      if (command === undefined || queue === undefined) {
        return connection.close(CLOSE_CODE.policyViolation, BAD_MESSAGE);
      }
      if (reads) {
        if (command[0] === "close") connection.close(CLOSE_CODE.normal);
        return;
      }
      try {
        obey(store, name, queue, command);
      } catch (error) {
        closeFor(connection, error);
      }
      return isSliceOver() ? nextSlice() : undefined;
    },

    close({ state: { name, queue, reader } }) {
      if (queue !== undefined) store.leave(name, queue, reader);
    },
  };
}

/** Sends messages to a client that reads; a slow one is closed. */
function readerOf(connection: Connection<Member>): Reader {
  return (message: Queued) => {
    if (message === undefined) return connection.close(CLOSE_CODE.normal);
    if (connection.bufferedAmount + message.length > MAX_WAITING) {
      return connection.close(CLOSE_CODE.policyViolation, "reads too slowly");
    }
    connection.send(message);
  };
}

const BAD_MESSAGE = "a message is a JSON array with a command";

function parse(text: string): Command | undefined {
  try {
    const command = JSON.parse(text);
    return Array.isArray(command) && typeof command[0] === "string"
      ? command as unknown as Command
      : undefined;
  } catch {
    return undefined;
  }
}

/** @throws {RefusedError} there is no room for the message */
function obey(
  store: QueueStore,
  name: string,
  queue: Queue,
  [command, value = null]: Command,
): void {
  switch (command) {
    case "message":
      return store.send(queue, JSON.stringify(value));
    case "disconnectReader":
      return store.send(queue, undefined);
    case "delete":
      return store.remove(name, queue);
  }
}

function closeFor(connection: Connection<Member>, error: unknown): void {
  if (!(error instanceof RefusedError)) throw error;
  connection.close(CLOSE_CODE.tryAgainLater, error.answer.message);
}
