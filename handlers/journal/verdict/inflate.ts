/**
 * Inflates the recorded messages of a client (RFC 7692 §7.2.2), to see whether they are
 * valid.
 *
 * @module
 */

import { MessageInflater } from "../../../lib/frame/connection/message_inflater.ts";
import type { WindowUse } from "../../../lib/frame/connection/zlib_pool.ts";
import { CLOSE_CODE } from "../../../lib/protocol/close_code.ts";
import { zlibStreamsWork } from "../../../lib/runtime/zlib_stream.ts";
import { OPCODE_NUMBER } from "../../../lib/websocket.ts";
import type { CompressedMessage } from "../record/message_tracker.ts";

/** Bytes that recorded messages may have after inflating: some milliseconds of work. */
const MAX_INFLATED = 4 * 2 ** 20;

/** The result of {@linkcode inflateMessages}. */
export type Inflated =
  | {
    /** `unknown`: too large, or the runtime has no inflater. */
    readonly kind: "valid" | "unknown";
  }
  | {
    readonly kind: "invalid";
    /** Index of the first invalid message. */
    readonly index: number;
    /** The reason. */
    readonly reason: string;
  };

/**
 * Inflates messages one after the other, and checks that texts are UTF-8.
 *
 * @param messages of the client, from the first one on
 * @param use the agreement about the client's window
 */
export function inflateMessages(
  messages: readonly CompressedMessage[],
  use: WindowUse,
): Inflated {
  if (!zlibStreamsWork()) return { kind: "unknown" };
  const inflater = new MessageInflater(use, MAX_INFLATED);
  let total = 0;
  try {
    for (const [index, message] of messages.entries()) {
      const fault = inflate(inflater, message);
      if (fault?.code === CLOSE_CODE.tooBig) return { kind: "unknown" };
      if (fault !== undefined) {
        return { kind: "invalid", index, reason: fault.reason };
      }
      total += inflater.length;
      inflater.take();
      if (total > MAX_INFLATED) return { kind: "unknown" };
    }
  } finally {
    inflater.free();
  }
  return { kind: "valid" };
}

const NOTHING = new Uint8Array();

function inflate(
  inflater: MessageInflater,
  { isText, chunks }: CompressedMessage,
) {
  const opcode = isText ? OPCODE_NUMBER.text : OPCODE_NUMBER.binary;
  for (const chunk of [...chunks, NOTHING]) {
    const final = chunk === NOTHING;
    let result = inflater.push(opcode, chunk, 0, chunk.length, final);
    while (result === "more") {
      result = inflater.resume(chunk, chunk.length, final);
    }
    if (result !== undefined) return result;
  }
  return undefined;
}
