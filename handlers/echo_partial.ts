/**
 * `/ws_partial`: echoes in parts of 64 bytes.
 *
 * @module
 */

import { getLogger } from "@std/log";
import { debugEnabled } from "../lib/log.ts";
import type {
  Connection,
  Frame,
  HandshakeExtras,
  Opcode,
  WebSocketHandler,
} from "../lib/websocket.ts";

/** Bytes of a part. */
const PART = 64;

/** What is known of the message that is being echoed. */
export interface PartialState {
  /** Opcode of the next part. */
  opcode: Opcode | undefined;
  /** Bytes that arrived and are not a whole part yet. */
  rest: Uint8Array;
}

const NOTHING = new Uint8Array(0);

/**
 * Takes a message in piece by piece and sends it back in fragments of 64 bytes,
 * the last one with FIN, without ever holding the whole message.
 */
export const echoPartial: WebSocketHandler<PartialState> = {
  receive: "part",

  handshake(): HandshakeExtras<PartialState> {
    return { state: { opcode: undefined, rest: NOTHING } };
  },

  frame(connection: Connection<PartialState>, piece: Frame): void {
    const { state } = connection;
    if (debugEnabled) logChunk(piece);
    if (piece.opcode !== "continuation") state.opcode ??= piece.opcode;
    let bytes = join(state.rest, piece.payload);
    while (bytes.length > PART) {
      sendPart(connection, bytes.subarray(0, PART), false);
      bytes = bytes.subarray(PART);
    }
    if (piece.final) {
      sendPart(connection, bytes, true);
      connection.state = { opcode: undefined, rest: NOTHING };
    } else {
      state.rest = bytes.slice();
    }
  },
};

function sendPart(
  connection: Connection<PartialState>,
  part: Uint8Array,
  final: boolean,
): void {
  const { state } = connection;
  connection.send(part, { opcode: state.opcode ?? "continuation", final });
  state.opcode = "continuation";
  if (debugEnabled) {
    getLogger("ws_echo_server").debug(
      `Sent fragmented chunk: len=${part.length}, final=${final ? 1 : 0}`,
    );
  }
}

function logChunk(piece: Frame): void {
  getLogger("ws_echo_server").debug(
    `Reading chunk: left_len=${piece.left}, chunk_size=${piece.payload.length}`,
  );
}

function join(rest: Uint8Array, payload: Uint8Array): Uint8Array {
  if (rest.length === 0) return payload;
  const joined = new Uint8Array(rest.length + payload.length);
  joined.set(rest);
  joined.set(payload, rest.length);
  return joined;
}
