/**
 * PING and PONG.
 *
 * @module
 */

import { awaitAnswer, meanwhile } from "../step/await_answer.ts";
import { pass, type Step } from "../step/step.ts";
import { inBytes, inTime, quotedBytes } from "../step/format.ts";

/** Bytes of the payload: as many as a control frame can have. */
const SIZE = 125;

/** A PING with a payload of the largest size. */
export const ping: Step = {
  name: "ping",
  expected: "a PONG with the PING's payload",
  source: "RFC 6455 §5.5.3",
  async run(peer) {
    const connection = await peer.shared();
    const payload = crypto.getRandomValues(new Uint8Array(SIZE));
    peer.waitingFor = "the PONG";
    const start = performance.now();
    meanwhile(connection.send("ping", payload));
    await awaitAnswer(connection, (message) => {
      // A PONG that nobody asked for is allowed, and has no such payload.
      if (message.opcode !== "pong" || message.payload.length === 0) {
        return "other";
      }
      const isSame = message.payload.toHex() === payload.toHex();
      return isSame ? "answer" : {
        fault: `PONG with another payload: ${
          inBytes(message.payload.length)
        }, ${quotedBytes(message.payload)}`,
      };
    });
    const time = performance.now() - start;
    return pass(`PONG with the same ${SIZE} bytes in ${inTime(time)}`, {
      details: { bytes: SIZE, time },
    });
  },
};
