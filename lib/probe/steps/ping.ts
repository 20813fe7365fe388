/**
 * `ping`: the PONG that answers a PING.
 *
 * @module
 */

import { awaitAnswer, ignoreFailure } from "../step/await_answer.ts";
import { pass } from "../step/finding.ts";
import { formatBytes, formatTime, quotedBytes } from "../step/format.ts";
import type { Step } from "../step/step.ts";

/** The largest payload of a control frame, in bytes (RFC 6455 §5.5). */
const SIZE = 125;

/** Sends a PING with the largest payload. */
export const ping: Step = {
  name: "ping",
  expected: "a PONG with the PING's payload",
  source: "RFC 6455 §5.5.3",
  async run(target) {
    const connection = await target.shared();
    const payload = crypto.getRandomValues(new Uint8Array(SIZE));
    target.waitingFor = "the PONG";
    const start = performance.now();
    ignoreFailure(connection.send("ping", payload));
    await awaitAnswer(connection, (message) => {
      // An unsolicited PONG is allowed (RFC 6455 §5.5.3) and usually empty.
      if (message.opcode !== "pong" || message.payload.length === 0) {
        return "other";
      }
      const isSame = message.payload.toHex() === payload.toHex();
      return isSame ? "answer" : {
        fault: `PONG with another payload: ${
          formatBytes(message.payload.length)
        }, ${quotedBytes(message.payload)}`,
      };
    });
    const time = performance.now() - start;
    return pass(`PONG with the same ${SIZE} bytes in ${formatTime(time)}`, {
      details: { bytes: SIZE, time },
    });
  },
};
