/**
 * `/frames`: every frame as it came.
 *
 * @module
 */

import { httpErrorResponse } from "../../lib/protocol/http_error.ts";
import { debugEnabled } from "../../lib/log/log.ts";
import type {
  Connection,
  Frame,
  HandshakeExtras,
  WebSocketHandler,
} from "../../lib/websocket.ts";
import { type FrameHead, headOf } from "./frame_header.ts";
import { logPacket } from "../echo/packet_log.ts";

/** Frames of a message that a report lists; of the others it gives the number. */
const LISTED = 1000;

/** The message that is being received, for its report. */
export interface FramesState {
  /** Its first frames. */
  frames: FrameHead[];
  /** How many frames came after those. */
  more: number;
}

/**
 * Sends every data frame back as it came: its opcode, its payload, its FIN. On
 * the edge listener, which shows whole messages, that is an echo.
 *
 * With `?report=1` each message is followed by a text of JSON that lists the
 * frames it came in: `{"frames":[{"opcode":"text","number":1,"final":true,
 * "length":5}]}`.
 */
export const frames: WebSocketHandler<FramesState | undefined> = {
  receive: "frame",

  handshake(
    request: Request,
  ): Response | HandshakeExtras<FramesState | undefined> {
    const refused = checkQuery(request);
    if (refused !== undefined) return refused;
    const report = new URL(request.url).searchParams.has("report");
    return report ? { state: { frames: [], more: 0 } } : {};
  },

  checkQuery,

  frame(
    connection: Connection<FramesState | undefined>,
    frame: Frame,
  ): void {
    if (debugEnabled) logPacket(frame);
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
    message: "The parameter report is 1, or left out.",
  });
}

/** A text between the fragments of a message would break it (RFC 6455 §5.4). */
function report(
  connection: Connection,
  state: FramesState,
  frame: Frame,
): void {
  if (state.frames.length < LISTED) state.frames.push(headOf(frame));
  else state.more++;
  if (!frame.final) return;
  const { frames, more } = state;
  connection.send(JSON.stringify(more === 0 ? { frames } : { frames, more }));
  state.frames = [];
  state.more = 0;
}
