/**
 * `text`, `binary`, `empty`, `fragmented`, `large`: echoes of data messages.
 *
 * @module
 */

import { concat } from "../../client/concat.ts";
import type { ClientConnection } from "../../client/connection.ts";
import { payloadBytes } from "../../client/frame.ts";
import type { ServerMessage } from "../../client/message_reader.ts";
import {
  awaitAnswer,
  ignoreFailure,
  type Verdict,
} from "../step/await_answer.ts";
import { pass } from "../step/finding.ts";
import { formatBytes, formatTime } from "../step/format.ts";
import type { Step } from "../step/step.ts";

/** A message to send, as a list of fragments. */
interface Sent {
  readonly opcode: "text" | "binary";
  readonly fragments: readonly Uint8Array<ArrayBuffer>[];
}

/** Characters of one to four bytes in UTF-8, and a combining one. */
const TEXT = payloadBytes(
  "The quick brown fox — žluťoučký kůň, 素早い狐, 🦊, e\u0301",
);

/** Size of the large message in bytes. */
const LARGE = 2 ** 20;

/** Every byte value. */
const ALL_BYTES = Uint8Array.from({ length: 256 }, (_, i) => i);

/** Echo of a text. */
export const text: Step = echoStep("text", "the text comes back", "5.6", {
  opcode: "text",
  fragments: [TEXT],
});

/** Echo of every byte value. */
export const binary: Step = echoStep(
  "binary",
  "the bytes come back as BINARY",
  "5.6",
  { opcode: "binary", fragments: [ALL_BYTES] },
);

/** Echo of an empty text. */
export const empty: Step = echoStep(
  "empty",
  "an empty text comes back",
  "5.6",
  { opcode: "text", fragments: [new Uint8Array(0)] },
);

/** Echo of a text in fragments; one is empty, and one boundary splits a character. */
export const fragmented: Step = echoStep(
  "fragmented",
  "the fragments come back as one message",
  "5.4",
  { opcode: "text", fragments: fragmentsOf(TEXT) },
);

/** Echo of 1 MiB of pseudo-random bytes. */
export const large: Step = echoStep("large", "1 MiB comes back", "5.2", {
  opcode: "binary",
  fragments: [pseudoRandom(LARGE)],
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
    async run(target) {
      const connection = await target.shared();
      target.waitingFor = "the echo";
      const start = performance.now();
      ignoreFailure(send(connection, sent));
      const payload = concat(sent.fragments);
      const echo = await awaitAnswer(
        connection,
        (message) => isEcho(message, sent.opcode, payload),
      );
      const time = performance.now() - start;
      const { length } = sent.fragments;
      const sentIn = length === 1 ? "" : ` sent in ${length} fragments`;
      const receivedIn = length === 1 && echo.frames === 1
        ? ""
        : ` in ${echo.frames === 1 ? "1 frame" : `${echo.frames} frames`}`;
      return pass(
        `${formatBytes(payload.length)}${sentIn} came back${receivedIn} in ${
          formatTime(time)
        }`,
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
 * Compares a message with the sent one. A message of the same length and different
 * content counts as a wrong echo.
 *
 * @param message from the server
 * @param opcode of the sent message
 * @param payload of the sent message
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
    const [received, expected] = [message.payload, payload].map((bytes) =>
      `0x${bytes[at]!.toString(16).padStart(2, "0")}`
    );
    return { fault: `byte ${at} came back as ${received}, not ${expected}` };
  }
  if (message.opcode === opcode) return "answer";
  return {
    fault:
      `${opcode.toUpperCase()} came back as ${message.opcode.toUpperCase()}`,
  };
}

/** Splits the text into five fragments inside a character; the third is empty. */
function fragmentsOf(
  bytes: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer>[] {
  const dash = bytes.indexOf(0xe2);
  const cuts = [0, 4, dash + 1, dash + 1, dash + 2, bytes.length];
  return cuts.slice(1).map((to, i) => bytes.subarray(cuts[i], to));
}

/** Bytes of a xorshift generator: deterministic and incompressible. */
function pseudoRandom(length: number): Uint8Array<ArrayBuffer> {
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
