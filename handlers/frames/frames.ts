/**
 * `/frames`: echoes frame by frame.
 *
 * @module
 */

import { debugEnabled } from "../../lib/log/log.ts";
import { httpErrorResponse } from "../../lib/protocol/http_error.ts";
import type {
  Connection,
  Frame,
  HandshakeExtras,
  WebSocketHandler,
} from "../../lib/websocket.ts";
import { logPacket } from "../echo/packet_log.ts";
import { type FrameHeader, headerOf } from "./frame_header.ts";

/** Maximum number of frames that a report lists. */
const MAX_LISTED = 1000;

/** The report of the current message; `undefined` without `?report=1`. */
export type FramesState = {
  /** The headers of the first frames. */
  frames: FrameHeader[];
  /** Number of further frames. */
  more: number;
} | undefined;

/**
 * Sends every data frame back with its opcode, payload and FIN bit. The edge listener
 * delivers whole messages, so the result is an echo of messages there.
 *
 * With `?report=1` a JSON text that lists the frames follows each message:
 * `{"frames":[{"opcode":"text","number":1,"final":true,"length":5}]}`.
 */
export const frames: WebSocketHandler<FramesState> = {
  receive: "frame",

  handshake(request: Request): Response | HandshakeExtras<FramesState> {
    const refused = checkQuery(request);
    if (refused !== undefined) return refused;
    const reports = new URL(request.url).searchParams.has("report");
    return reports ? { state: { frames: [], more: 0 } } : {};
  },

  checkQuery,

  frame(connection: Connection<FramesState>, frame: Frame): void {
    if (debugEnabled) logPacket(connection, frame);
    connection.send(frame);
    if (connection.state !== undefined) {
      report(connection, connection.state, frame);
    }
  },
};

function checkQuery(request: Request): Response | undefined {
  const report = new URL(request.url).searchParams.get("report") ?? "1";
  if (report === "1") return undefined;
  return httpErrorResponse(request, {
    status: 400,
    message: "The parameter report must be 1 or left out.",
  });
}

/** Sends the report after the last frame: no message may interrupt another (§5.4). */
function report(
  connection: Connection<FramesState>,
  state: NonNullable<FramesState>,
  frame: Frame,
): void {
  if (state.frames.length < MAX_LISTED) state.frames.push(headerOf(frame));
  else state.more++;
  if (!frame.final) return;
  const { frames, more } = state;
  connection.send(JSON.stringify(more === 0 ? { frames } : { frames, more }));
  state.frames = [];
  state.more = 0;
}
