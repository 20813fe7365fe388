/**
 * Data that comes back as it was sent: text, binary, empty, fragmented, large.
 *
 * @module
 */

import { joined } from "../../client/concat.ts";
import type { ClientConnection } from "../../client/connection.ts";
import { payloadBytes } from "../../client/frame.ts";
import type { ServerMessage } from "../../client/message_reader.ts";
import { awaitAnswer, meanwhile, type Verdict } from "../step/await_answer.ts";
import { pass, type Step } from "../step/step.ts";
import { inBytes, inTime } from "../step/format.ts";

/** A message to send, in its fragments. */
interface Sent {
  readonly opcode: "text" | "binary";
  readonly fragments: readonly Uint8Array<ArrayBuffer>[];
}

/** Characters of one to four bytes, and one that is made of two. */
const TEXT = payloadBytes(
  "The quick brown fox — žluťoučký kůň, 素早い狐, 🦊, e\u0301",
);

/** Bytes of the large message. */
const LARGE = 2 ** 20;

/** Every byte there is. */
const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, i) => i);

/** A text of characters of all lengths. */
export const text: Step = echoStep("text", "the text comes back", "5.6", {
  opcode: "text",
  fragments: [TEXT],
});

/** Every byte there is. */
export const binary: Step = echoStep(
  "binary",
  "the bytes come back as BINARY",
  "5.6",
  { opcode: "binary", fragments: [ALL_BYTES] },
);

/** A text without characters. */
export const empty: Step = echoStep(
  "empty",
  "an empty text comes back",
  "5.6",
  { opcode: "text", fragments: [new Uint8Array(0)] },
);

/** A text in fragments, a character cut in two and an empty fragment among them. */
export const fragmented: Step = echoStep(
  "fragmented",
  "the fragments come back as one message",
  "5.4",
  { opcode: "text", fragments: fragmentsOf(TEXT) },
);

/** 1 MiB of bytes that do not repeat soon. */
export const large: Step = echoStep("large", "1 MiB comes back", "5.2", {
  opcode: "binary",
  fragments: [noise(LARGE)],
});

function echoStep(
  name: string,
  expected: string,
  section: string,
  sent: Sent,
): Step {
  return {
    name,
    expected,
    source: `RFC 6455 §${section}`,
    async run(peer) {
      const connection = await peer.shared();
      peer.waitingFor = "the echo";
      const start = performance.now();
      meanwhile(send(connection, sent));
      const payload = joined(sent.fragments);
      const echo = await awaitAnswer(
        connection,
        (message) => isEcho(message, sent.opcode, payload),
      );
      const time = performance.now() - start;
      const { length } = sent.fragments;
      const how = length === 1 ? "" : ` sent in ${length} fragments`;
      const back = length === 1 && echo.frames === 1
        ? ""
        : ` in ${echo.frames === 1 ? "1 frame" : `${echo.frames} frames`}`;
      return pass(
        `${inBytes(payload.length)}${how} came back${back} in ${inTime(time)}`,
        { details: { bytes: payload.length, frames: echo.frames, time } },
      );
    },
  };
}

async function send(
  connection: ClientConnection,
  { opcode, fragments }: Sent,
): Promise<void> {
  for (const [i, fragment] of fragments.entries()) {
    const final = i === fragments.length - 1;
    await connection.send(i === 0 ? opcode : "continuation", fragment, {
      final,
    });
  }
}

/**
 * Whether a message is the echo of another. One of the same length that is not
 * the same is taken for a wrong echo.
 *
 * @param message what came
 * @param opcode what was sent
 * @param payload what was sent
 */
export function isEcho(
  message: ServerMessage,
  opcode: string,
  payload: Uint8Array,
): Verdict {
  const isData = message.opcode === "text" || message.opcode === "binary";
  if (!isData || message.payload.length !== payload.length) return "other";
  const at = message.payload.findIndex((byte, i) => byte !== payload[i]);
  if (at >= 0) {
    const [is, was] = [message.payload, payload].map((bytes) =>
      `0x${bytes[at]!.toString(16).padStart(2, "0")}`
    );
    return { fault: `byte ${at} came back as ${is}, not ${was}` };
  }
  if (message.opcode === opcode) return "answer";
  return {
    fault:
      `${opcode.toUpperCase()} came back as ${message.opcode.toUpperCase()}`,
  };
}

/** Cuts a text into five, one of them empty, inside a character. */
function fragmentsOf(
  bytes: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer>[] {
  const dash = bytes.indexOf(0xe2);
  const cuts = [0, 4, dash + 1, dash + 1, dash + 2, bytes.length];
  return cuts.slice(1).map((to, i) => bytes.subarray(cuts[i], to));
}

/** A xorshift generator's bytes: the same each time, without a short period. */
function noise(length: number): Uint8Array<ArrayBuffer> {
  const words = new Uint32Array(length / 4);
  let state = 0x9e3779b9;
  for (let i = 0; i < words.length; i++) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[i] = state;
  }
  return new Uint8Array(words.buffer);
}
