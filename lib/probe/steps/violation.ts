/**
 * `utf8`, `unmasked`, `close-illegal`: protocol violations; one connection per step.
 *
 * @module
 */

import type { ClientConnection } from "../../client/connection.ts";
import { readClose } from "../../client/message_reader.ts";
import { CLOSE_CODE } from "../../protocol/close_code.ts";
import { awaitClose, awaitEnd, ignoreFailure } from "../step/await_answer.ts";
import { pass, StepFailure } from "../step/finding.ts";
import { describeClose } from "../step/format.ts";
import type { Step } from "../step/step.ts";

/** A text whose third byte is invalid (RFC 3629 §3). */
const NOT_UTF8 = Uint8Array.of(0x68, 0x69, 0xff, 0x21);

/** Sends a text that is not UTF-8. */
export const utf8: Step = violationStep(
  "utf8",
  CLOSE_CODE.invalidPayload,
  "a text that is not UTF-8",
  "8.1",
  (connection) => connection.send("text", NOT_UTF8),
);

/** Sends a frame without a mask. */
export const unmasked: Step = violationStep(
  "unmasked",
  CLOSE_CODE.protocolError,
  "a frame without a mask",
  "5.1",
  (connection) => connection.send("text", "unmasked", { mask: "none" }),
);

/** Sends a CLOSE with the reserved code 1005. */
export const closeIllegal: Step = {
  ...violationStep(
    "close-illegal",
    CLOSE_CODE.protocolError,
    `CLOSE ${CLOSE_CODE.noStatus}, which no endpoint may send`,
    "7.4.1",
    (connection) => connection.sendClose(CLOSE_CODE.noStatus),
  ),
  group: "close",
};

function violationStep(
  name: string,
  code: number,
  action: string,
  section: string,
  violate: (connection: ClientConnection) => Promise<void>,
): Step {
  return {
    name,
    expected: `CLOSE ${code} in answer to ${action}`,
    source: `RFC 6455 §${section}`,
    async run(target) {
      const connection = await target.open();
      target.waitingFor = "a CLOSE";
      ignoreFailure(violate(connection));
      const payload = await awaitClose(connection);
      const seen = `answered with ${describeClose(payload)}`;
      const { code: answer, reason } = readClose(payload);
      const details = { code: answer, reason };
      if (answer !== code) throw new StepFailure(seen, { details });
      ignoreFailure(connection.sendClose(code));
      const fault = await awaitEnd(connection);
      return pass(fault === undefined ? seen : `${seen}; ${fault}`, {
        details,
      });
    },
  };
}
