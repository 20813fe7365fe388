/**
 * `close-…`: the closing handshake, started by the client; one connection per step.
 *
 * @module
 */

import { readClose } from "../../client/message_reader.ts";
import { awaitClose, awaitEnd, ignoreFailure } from "../step/await_answer.ts";
import { pass, StepFailure } from "../step/finding.ts";
import { describeClose } from "../step/format.ts";
import type { Step } from "../step/step.ts";

/** Codes of RFC 6455 §7.4.1, of a library and of an application (§7.4.2). */
const CODES = [1000, 1001, 3000, 4999];

/** One step per close code. */
export const closeCodes: readonly Step[] = CODES.map((code) =>
  closeStep(`close-${code}`, code, `CLOSE ${code}, then the end of TCP`)
);

/** A CLOSE without a code. */
export const closeEmpty: Step = closeStep(
  "close-empty",
  undefined,
  "an empty CLOSE or CLOSE 1000, then the end of TCP",
);

function closeStep(
  name: string,
  code: number | undefined,
  expected: string,
): Step {
  return {
    name,
    group: "close",
    expected,
    source: "RFC 6455 §5.5.1",
    async run(target) {
      const connection = await target.open();
      target.waitingFor = "a CLOSE";
      ignoreFailure(
        connection.sendClose(code, code === undefined ? "" : "bye"),
      );
      const payload = await awaitClose(connection);
      const seen = `answered with ${describeClose(payload)}`;
      const { code: answer, reason } = readClose(payload);
      const details = { code: answer, reason };
      const isEchoed = answer === code ||
        code === undefined && answer === 1000;
      if (!isEchoed) throw new StepFailure(seen, { details });
      target.waitingFor = "the end of the TCP connection";
      const fault = await awaitEnd(connection);
      if (fault === undefined) return pass(seen, { details });
      throw new StepFailure(`${seen}, but ${fault}`, { details });
    },
  };
}
