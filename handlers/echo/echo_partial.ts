/**
 * `/ws_partial`: echoes in fragments of 64 bytes.
 *
 * @module
 */

import { getLogger } from "@std/log";
import { details, line } from "../../lib/log/fields.ts";
import { debugEnabled } from "../../lib/log/log.ts";
import {
  type Connection,
  type Frame,
  type HandshakeExtras,
  type Opcode,
  OPCODE_NUMBER,
  type WebSocketHandler,
} from "../../lib/websocket.ts";

/** Size of a part in bytes. */
const PART = 64;

/** The state of the current message. */
export interface PartialState {
  /** Opcode of the next fragment; `undefined` before the first. */
  opcode: Opcode | undefined;
  /** Received bytes that do not fill a part. */
  rest: Uint8Array;
}

const EMPTY = new Uint8Array(0);

/**
 * Receives a message in parts of at most 64 bytes and sends it back in fragments of 64
 * bytes, the last with FIN. It never holds the whole message.
 */
export const echoPartial: WebSocketHandler<PartialState> = {
  receive: "part",
  maxPart: PART,

  handshake(): HandshakeExtras<PartialState> {
    return { state: { opcode: undefined, rest: EMPTY } };
  },

  frame(connection: Connection<PartialState>, piece: Frame): void {
    const { state } = connection;
    if (debugEnabled) logRead(connection, piece);
    if (piece.opcode !== "continuation") state.opcode ??= piece.opcode;
    let bytes = join(state.rest, piece.payload);
    // If more of the frame follows, a full part is not the last one: send it now.
    const max = piece.left > 0 ? PART - 1 : PART;
    while (bytes.length > max) {
      sendPart(connection, bytes.subarray(0, PART), false);
      bytes = bytes.subarray(PART);
    }
    if (piece.final) {
      sendPart(connection, bytes, true);
      connection.state = { opcode: undefined, rest: EMPTY };
    } else {
      state.rest = bytes.slice();
    }
    if (debugEnabled && piece.left === 0) logType(connection, piece);
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
      ...line`Sent fragmented chunk: len=${{
        "websocket.part.size": part.length,
      }}, final=${{ "websocket.frame.final": final ? 1 : 0 }}`,
      details({ "session.id": connection.id }),
    );
  }
}

/** `left_len` includes the part itself: ESP-IDF's example logs before it reads. */
function logRead(
  { id }: Pick<Connection, "id">,
  { length, offset, left, payload }: Frame,
): void {
  const log = getLogger("ws_echo_server");
  const session = details({ "session.id": id });
  const size = payload.length;
  if (offset === 0) {
    log.debug(
      ...line`Frame len is ${{ "websocket.frame.length": length }}`,
      session,
    );
  }
  if (size === 0) return;
  log.debug(
    ...line`Reading chunk: left_len=${{
      "websocket.part.left": left + size,
    }}, chunk_size=${{ "websocket.part.size": size }}`,
    session,
  );
}

function logType(
  { id }: Pick<Connection, "id">,
  { opcode }: Frame,
): void {
  getLogger("ws_echo_server").debug(
    ...line`Packet type: ${{
      "websocket.frame.opcode": OPCODE_NUMBER[opcode],
    }}`,
    details({ "session.id": id }),
  );
}

function join(rest: Uint8Array, payload: Uint8Array): Uint8Array {
  if (rest.length === 0) return payload;
  const joined = new Uint8Array(rest.length + payload.length);
  joined.set(rest);
  joined.set(payload, rest.length);
  return joined;
}
