/**
 * What a server does when a rule is broken, on a connection of its own each.
 *
 * @module
 */

import type { ClientConnection } from "../../client/connection.ts";
import { readClose } from "../../client/message_reader.ts";
import { CLOSE_CODE } from "../../protocol/close_code.ts";
import { awaitClose, endOf, meanwhile } from "../step/await_answer.ts";
import { pass, type Step, StepFailure } from "../step/step.ts";
import { closeWords } from "../step/format.ts";

/** A text whose third byte begins no character (RFC 3629 §3). */
const NOT_UTF8 = Uint8Array.of(0x68, 0x69, 0xff, 0x21);

/** A text that is not UTF-8. */
export const utf8: Step = violation(
  "utf8",
  CLOSE_CODE.invalidPayload,
  "a text that is not UTF-8",
  "8.1",
  (connection) => connection.send("text", NOT_UTF8),
);

/** A frame without MASK. */
export const unmasked: Step = violation(
  "unmasked",
  CLOSE_CODE.protocolError,
  "a frame without a mask",
  "5.1",
  (connection) => connection.send("text", "unmasked", { mask: "none" }),
);

/** A CLOSE with a code that stands for the lack of one. */
export const closeIllegal: Step = {
  ...violation(
    "close-illegal",
    CLOSE_CODE.protocolError,
    `CLOSE ${CLOSE_CODE.noStatus}, which nobody may send`,
    "7.4.1",
    (connection) => connection.sendClose(CLOSE_CODE.noStatus),
  ),
  group: "close",
};

function violation(
  name: string,
  code: number,
  what: string,
  section: string,
  commit: (connection: ClientConnection) => Promise<void>,
): Step {
  return {
    name,
    expected: `CLOSE ${code} in answer to ${what}`,
    source: `RFC 6455 §${section}`,
    async run(peer) {
      const connection = await peer.connect();
      peer.waitingFor = "a CLOSE";
      meanwhile(commit(connection));
      const payload = await awaitClose(connection);
      const seen = `answered with ${closeWords(payload)}`;
      const { code: answer, reason } = readClose(payload);
      const details = { code: answer, reason };
      if (answer !== code) throw new StepFailure(seen, { details });
      meanwhile(connection.sendClose(code));
      const after = await endOf(connection);
      return pass(after === undefined ? seen : `${seen}; ${after}`, {
        details,
      });
    },
  };
}
