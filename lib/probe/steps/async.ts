/**
 * `async`: the asynchronous send of ESP-IDF's example, which this service has, too.
 *
 * @module
 */

import { awaitAnswer, ignoreFailure } from "../step/await_answer.ts";
import { pass, skip } from "../step/finding.ts";
import { formatTime, quotedBytes } from "../step/format.ts";
import type { Step } from "../step/step.ts";

const REQUEST = "Trigger async";

const ANSWER = "Async data";

/** Requests an asynchronous send; skipped if the server does not know the request. */
export const async: Step = {
  name: "async",
  expected: `the text "${ANSWER}", if the server knows "${REQUEST}"`,
  source: "",
  async run(target) {
    const connection = await target.shared();
    target.waitingFor = `the answer to "${REQUEST}"`;
    const start = performance.now();
    ignoreFailure(connection.send("text", REQUEST));
    const { payload } = await awaitAnswer(
      connection,
      ({ opcode }) => opcode === "text" ? "answer" : "other",
    );
    const time = performance.now() - start;
    const text = new TextDecoder().decode(payload);
    if (text === ANSWER) {
      return pass(`"${ANSWER}" in ${formatTime(time)}`, { details: { time } });
    }
    return skip(
      text === REQUEST
        ? "unknown to the server: the text came back"
        : `unknown to the server: answered with ${quotedBytes(payload)}`,
    );
  },
};
