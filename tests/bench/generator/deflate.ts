/**
 * A compressed message and its echo (RFC 7692). Each server compresses in its own
 * way, so the first echo is inflated and compared. The later echoes must have the
 * same bytes, as each message starts with an empty window.
 *
 * @module
 */

import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { concat } from "../../../lib/client/concat.ts";
import { ClientConnection } from "../../../lib/client/connection.ts";
import { encodeFrame } from "../../../lib/client/frame.ts";
import { field } from "../../../lib/client/handshake.ts";
import type { Target } from "./handshake.ts";
import { json } from "./json.ts";
import { Streams } from "./streams.ts";

/** The offer of the handshake. */
export const OFFER =
  "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

/** RSV1 in the three reserved bits. */
const RSV1 = 4;

/** The bytes that the end of a message omits (RFC 7692 §7.2.1). */
const TAIL = Uint8Array.of(0x00, 0x00, 0xff, 0xff);

const { Z_SYNC_FLUSH } = constants;

/**
 * Sends one message to a server and expects its echo for all later messages.
 *
 * @param target the server
 * @param size bytes of the uncompressed message
 * @param depth messages that may be sent in one write
 * @throws {Error} the server does not compress, or the echo is wrong
 */
export async function deflatedStreams(
  { port, path }: Target,
  size: number,
  depth: number,
): Promise<Streams> {
  const text = json(size);
  const flushed = deflateRawSync(text, { finishFlush: Z_SYNC_FLUSH });
  const payload = new Uint8Array(flushed).subarray(0, -TAIL.length);
  const sent = encodeFrame("text", payload, { rsv: RSV1 });
  using connection = await ClientConnection.open(
    `ws://127.0.0.1:${port}${path}`,
    { extensions: OFFER, allowedRsv: RSV1 },
  );
  const { response } = connection.handshake;
  if (field(response, "sec-websocket-extensions") === undefined) {
    throw new Error("the server does not compress");
  }
  await connection.write(sent);
  const { frames, message } = await echo(connection);
  const inflated = inflateRawSync(concat([message, TAIL]), {
    finishFlush: Z_SYNC_FLUSH,
  });
  if (new TextDecoder().decode(inflated) !== text) {
    throw new Error("something else came back than was sent");
  }
  return Streams.repeating(sent, frames, depth);
}

/** Reads the frames of a compressed message and its payload. */
async function echo(
  connection: ClientConnection,
): Promise<
  { frames: Uint8Array<ArrayBuffer>; message: Uint8Array<ArrayBuffer> }
> {
  const frames: Uint8Array<ArrayBuffer>[] = [];
  const payloads: Uint8Array<ArrayBuffer>[] = [];
  for (;;) {
    const { opcode, final, rsv, payload } = await connection.nextFrame();
    if (payloads.length === 0 && rsv !== RSV1) {
      throw new Error("the echo is not compressed");
    }
    payloads.push(payload);
    frames.push(encodeFrame(opcode, payload, { final, rsv, mask: "none" }));
    if (final) return { frames: concat(frames), message: concat(payloads) };
  }
}
