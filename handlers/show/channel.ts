/**
 * `/channel/NAME`: relays each message to all other clients of the channel.
 *
 * @module
 */

import { CLOSE_CODE } from "../../lib/protocol/close_code.ts";
import { RefusedError, retryLater } from "../../lib/protocol/http_error.ts";
import { isSliceOver, nextSlice } from "../../lib/scheduling/scheduler.ts";
import type {
  Connection,
  Frame,
  WebSocketHandler,
} from "../../lib/websocket.ts";
import { checkName } from "../journal/name.ts";

/** Channels at a time. */
export const MAX_CHANNELS = 1000;

/** Clients of a channel: a message is sent to each of them. */
export const MAX_MEMBERS = 64;

/** Bytes of a message: 64 times this is 16 MiB. */
export const MAX_MESSAGE = 256 * 1024;

/** Bytes that may wait for a client; with more, the client is closed with 1008. */
export const MAX_WAITING = 1024 * 1024;

/**
 * Makes the handler of `/channel/:name`. A client that reads too slowly is closed, so that
 * it delays no other.
 */
export function channel(): WebSocketHandler {
  const channels = new Map<string, Set<Connection>>();
  return {
    maxPayload: MAX_MESSAGE,

    handshake(_request, { params }) {
      const members = channels.get(checkName("channel", params.name ?? ""));
      const isFull = members === undefined
        ? channels.size >= MAX_CHANNELS
        : members.size >= MAX_MEMBERS;
      if (isFull) throw new RefusedError(FULL);
    },

    open(connection) {
      const name = connection.params.name!;
      const members = channels.get(name) ?? new Set();
      // Several handshakes may have found the last place.
      if (members.size >= MAX_MEMBERS) {
        return connection.close(
          CLOSE_CODE.tryAgainLater,
          "the channel is full",
        );
      }
      channels.set(name, members.add(connection));
    },

    frame(connection, frame) {
      const members = channels.get(connection.params.name!)?.values() ?? [];
      for (const member of members) {
        if (member !== connection && mayGet(member, frame.length)) {
          member.send(frame);
        }
        if (!isSliceOver()) continue;
        // A read may have thousands of messages, each for all clients.
        const rest = [...members].filter((member) => member !== connection);
        return rest.length === 0
          ? nextSlice()
          : sendToRest(rest, frame.payload.slice(), frame.opcode);
      }
      return undefined;
    },

    close(connection) {
      const name = connection.params.name!;
      const members = channels.get(name);
      members?.delete(connection);
      if (members?.size === 0) channels.delete(name);
    },
  };
}

/** Sends a message to clients in slices. */
async function sendToRest(
  members: readonly Connection[],
  bytes: Uint8Array<ArrayBuffer>,
  opcode: Frame["opcode"],
): Promise<void> {
  await nextSlice();
  for (const member of members) {
    if (!member.isOpen) continue;
    if (mayGet(member, bytes.length)) member.send(bytes, { opcode });
    if (isSliceOver()) await nextSlice();
  }
}

/** Whether a client reads fast enough for a message; closes one that does not. */
function mayGet(member: Connection, length: number): boolean {
  if (member.bufferedAmount + length <= MAX_WAITING) return true;
  member.close(CLOSE_CODE.policyViolation, "reads too slowly");
  return false;
}

const FULL = retryLater(
  503,
  `There are ${MAX_CHANNELS} channels, or the channel has ${MAX_MEMBERS} clients.`,
);
