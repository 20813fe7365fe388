/**
 * The closing handshake, started by the client, on a connection of its own each.
 *
 * @module
 */

import { readClose } from "../../client/message_reader.ts";
import { awaitClose, endOf, meanwhile } from "../step/await_answer.ts";
import { pass, type Step, StepFailure } from "../step/step.ts";
import { closeWords } from "../step/format.ts";

/** Codes that are passed back: of the protocol, of a library, of an application. */
const CODES = [1000, 1001, 3000, 4999];

/** A CLOSE with each of some codes. */
export const closeCodes: readonly Step[] = CODES.map((code) =>
  closing(`close-${code}`, code, `CLOSE ${code}, and the end`)
);

/** A CLOSE without a code. */
export const closeEmpty: Step = closing(
  "close-empty",
  undefined,
  "an empty CLOSE, or CLOSE 1000, and the end",
);

function closing(
  name: string,
  code: number | undefined,
  expected: string,
): Step {
  return {
    name,
    group: "close",
    expected,
    source: "RFC 6455 §5.5.1",
    async run(peer) {
      const connection = await peer.connect();
      peer.waitingFor = "a CLOSE";
      meanwhile(connection.sendClose(code, code === undefined ? "" : "bye"));
      const payload = await awaitClose(connection);
      const seen = `answered with ${closeWords(payload)}`;
      const { code: answer, reason } = readClose(payload);
      const details = { code: answer, reason };
      const isPassedBack = answer === code ||
        code === undefined && answer === 1000;
      if (!isPassedBack) throw new StepFailure(seen, { details });
      peer.waitingFor = "the end of the TCP connection";
      const after = await endOf(connection);
      if (after === undefined) return pass(seen, { details });
      throw new StepFailure(`${seen}, but ${after}`, { details });
    },
  };
}
