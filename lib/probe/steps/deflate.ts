/**
 * `deflate`: permessage-deflate (RFC 7692).
 *
 * @module
 */

import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { concat } from "../../client/concat.ts";
import type { ClientConnection } from "../../client/connection.ts";
import { field } from "../../client/handshake.ts";
import { OPCODE_NUMBER } from "../../websocket.ts";
import { ignoreFailure } from "../step/await_answer.ts";
import { pass, skip, StepFailure } from "../step/finding.ts";
import {
  describeClose,
  describeEnd,
  formatBytes,
  quoted,
} from "../step/format.ts";
import type { Step } from "../step/step.ts";

const { Z_SYNC_FLUSH } = constants;

const utf8 = new TextDecoder();

/** The RSV1 bit marks a compressed message (RFC 7692 §6). */
const RSV1 = 4;

/** The bytes that a sender removes from the end of a message (RFC 7692 §7.2.1). */
const TAIL = Uint8Array.of(0x00, 0x00, 0xff, 0xff);

/** Longer than the compression threshold of common servers. */
const TEXT = "There and back again, and again. ".repeat(200);

/** Without context takeover, each message can be inflated on its own. */
const OFFER =
  "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

/** Sends a compressed text; skipped if the server does not negotiate compression. */
export const deflate: Step = {
  name: "deflate",
  expected: "a compressed text comes back, if compression is negotiated",
  source: "RFC 7692 §6",
  async run(target) {
    const connection = await target.open({
      extensions: OFFER,
      allowedRsv: RSV1,
    });
    const { response } = connection.handshake;
    const extensions = field(response, "sec-websocket-extensions");
    if (extensions === undefined) {
      return skip("permessage-deflate is not negotiated");
    }
    target.waitingFor = "the echo of a compressed text";
    ignoreFailure(connection.send("text", deflated(TEXT), { rsv: RSV1 }));
    const echo = await readEcho(connection);
    const back = echo.isCompressed
      ? `in ${formatBytes(echo.size)}`
      : "uncompressed";
    return pass(
      `negotiated ${quoted(extensions)}; ${
        formatBytes(TEXT.length)
      } came back ${back}`,
      { details: { extensions, bytes: TEXT.length, compressed: echo.size } },
    );
  },
};

function deflated(text: string): Uint8Array<ArrayBuffer> {
  const flushed = deflateRawSync(text, { finishFlush: Z_SYNC_FLUSH });
  return new Uint8Array(flushed).subarray(0, -TAIL.length);
}

/** Reads up to the echo and ignores other messages, such as a greeting. */
async function readEcho(
  connection: ClientConnection,
): Promise<{ isCompressed: boolean; size: number }> {
  const fragments: Uint8Array<ArrayBuffer>[] = [];
  let isCompressed = false;
  for (;;) {
    const frame = await connection.frame();
    if (frame === undefined) throw new StepFailure(describeEnd(connection));
    const payload = frame.payload.slice();
    switch (frame.opcode) {
      case OPCODE_NUMBER.close:
        throw new StepFailure(
          `the server closed with ${describeClose(payload)}`,
        );
      case OPCODE_NUMBER.ping:
        ignoreFailure(connection.send("pong", payload));
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
    const message = concat(fragments.splice(0));
    const text = isCompressed ? inflated(message) : utf8.decode(message);
    if (text === TEXT) return { isCompressed, size: message.length };
  }
}

function inflated(message: Uint8Array<ArrayBuffer>): string {
  try {
    const flushed = concat([message, TAIL]);
    return utf8.decode(inflateRawSync(flushed, { finishFlush: Z_SYNC_FLUSH }));
  } catch {
    throw new StepFailure("the echo cannot be inflated");
  }
}
