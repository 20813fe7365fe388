/**
 * `Trigger async`, which ESP-IDF's example and this service answer by their work
 * queue.
 *
 * @module
 */

import { awaitAnswer, meanwhile } from "../step/await_answer.ts";
import { pass, skip, type Step } from "../step/step.ts";
import { inTime, quotedBytes } from "../step/format.ts";

const QUESTION = "Trigger async";

const ANSWER = "Async data";

/** Asks for an asynchronous send; other servers need not know it. */
export const async: Step = {
  name: "async",
  expected: `the text "${ANSWER}", where the server knows "${QUESTION}"`,
  source: "",
  async run(peer) {
    const connection = await peer.shared();
    peer.waitingFor = `the answer to "${QUESTION}"`;
    const start = performance.now();
    meanwhile(connection.send("text", QUESTION));
    const { payload } = await awaitAnswer(
      connection,
      ({ opcode }) => opcode === "text" ? "answer" : "other",
    );
    const time = performance.now() - start;
    const text = new TextDecoder().decode(payload);
    if (text === ANSWER) {
      return pass(`"${ANSWER}" in ${inTime(time)}`, { details: { time } });
    }
    return skip(
      text === QUESTION
        ? "not known here: it came back as it was sent"
        : `not known here: answered with ${quotedBytes(payload)}`,
    );
  },
};
