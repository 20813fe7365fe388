/**
 * permessage-deflate (RFC 7692), where the server has it.
 *
 * @module
 */

import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { joined } from "../../client/concat.ts";
import type { ClientConnection } from "../../client/connection.ts";
import { field } from "../../client/handshake.ts";
import { OPCODE_NUMBER } from "../../websocket.ts";
import { meanwhile } from "../step/await_answer.ts";
import { pass, skip, type Step, StepFailure } from "../step/step.ts";
import { closeWords, endingWords, inBytes, quoted } from "../step/format.ts";

const { Z_SYNC_FLUSH } = constants;

const utf8 = new TextDecoder();

/** RSV1 as a number. */
const RSV1 = 4;

/** What the end of a message leaves out (RFC 7692 §7.2.1). */
const TAIL = Uint8Array.of(0x00, 0x00, 0xff, 0xff);

/** Long enough to be worth compressing for any server. */
const TEXT = "There and back again, and again. ".repeat(200);

/** Every message starts with an empty window, so that each can be read alone. */
const OFFER =
  "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

/** Offers compression; a server need not have it. */
export const deflate: Step = {
  name: "deflate",
  expected: "a compressed text comes back, where compression is agreed on",
  source: "RFC 7692 §6",
  async run(peer) {
    const connection = await peer.connect({
      extensions: OFFER,
      allowedRsv: RSV1,
    });
    const { response } = connection.handshake;
    const extensions = field(response, "sec-websocket-extensions");
    if (extensions === undefined) {
      return skip("permessage-deflate is not agreed on");
    }
    peer.waitingFor = "the echo of a compressed text";
    meanwhile(connection.send("text", compressed(TEXT), { rsv: RSV1 }));
    const echo = await readEcho(connection);
    const back = echo.isCompressed
      ? `in ${inBytes(echo.size)}`
      : "uncompressed";
    return pass(
      `agreed on ${quoted(extensions)}; ${
        inBytes(TEXT.length)
      } came back ${back}`,
      { details: { extensions, bytes: TEXT.length, compressed: echo.size } },
    );
  },
};

function compressed(text: string): Uint8Array<ArrayBuffer> {
  const flushed = deflateRawSync(text, { finishFlush: Z_SYNC_FLUSH });
  return new Uint8Array(flushed).subarray(0, -TAIL.length);
}

/** Reads up to the echo; passes over what is none, such as a greeting. */
async function readEcho(
  connection: ClientConnection,
): Promise<{ isCompressed: boolean; size: number }> {
  const fragments: Uint8Array<ArrayBuffer>[] = [];
  let isCompressed = false;
  for (;;) {
    const frame = await connection.frame();
    if (frame === undefined) throw new StepFailure(endingWords(connection));
    const payload = frame.payload.slice();
    switch (frame.opcode) {
      case OPCODE_NUMBER.close:
        throw new StepFailure(`the server closed with ${closeWords(payload)}`);
      case OPCODE_NUMBER.ping:
        meanwhile(connection.send("pong", payload));
        continue;
      case OPCODE_NUMBER.pong:
        continue;
      case OPCODE_NUMBER.continuation:
        break;
      default:
        isCompressed = frame.rsv === RSV1;
    }
    fragments.push(payload);
    if (!frame.final) continue;
    const message = joined(fragments.splice(0));
    const text = isCompressed ? inflated(message) : utf8.decode(message);
    if (text === TEXT) return { isCompressed, size: message.length };
  }
}

function inflated(message: Uint8Array<ArrayBuffer>): string {
  try {
    const flushed = joined([message, TAIL]);
    return utf8.decode(inflateRawSync(flushed, { finishFlush: Z_SYNC_FLUSH }));
  } catch {
    throw new StepFailure("what came back cannot be inflated");
  }
}
