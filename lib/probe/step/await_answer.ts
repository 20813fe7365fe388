/**
 * Waits for the server's reply: an answer, a CLOSE, or the end of the connection.
 *
 * @module
 */

import type { ClientConnection } from "../../client/connection.ts";
import { TimeoutError } from "../../client/errors.ts";
import type { ServerMessage } from "../../client/message_reader.ts";
import { StepFailure } from "./finding.ts";
import { describeClose, describeEnd, describeMessage } from "./format.ts";

/**
 * Milliseconds to wait for the answer after another message has arrived. The other
 * message may be a greeting; a wrong answer should not take the whole timeout.
 */
const GRACE_PERIOD = 1000;

/** How a message relates to the request: it answers it, violates a rule, or neither. */
export type Verdict = "answer" | "other" | { readonly fault: string };

/**
 * Starts a write and ignores its failure: the next read reports how the connection
 * ended.
 *
 * @param write the pending write
 */
export function ignoreFailure(write: Promise<void>): void {
  write.catch(() => {});
}

/**
 * Waits for an answer, and answers PINGs meanwhile.
 *
 * @param connection to read from
 * @param judge classifies each message
 * @returns the answer
 * @throws {StepFailure} a fault, only other messages, a CLOSE, or the end of the
 * connection
 */
export async function awaitAnswer(
  connection: ClientConnection,
  judge: (message: ServerMessage) => Verdict,
): Promise<ServerMessage> {
  const others: ServerMessage[] = [];
  let end = Infinity;
  for (;;) {
    const message = await messageBefore(end, connection);
    if (message === "over") throw new StepFailure(describeOthers(others));
    if (message === undefined) {
      throw new StepFailure(after(others) + describeEnd(connection));
    }
    const verdict = judge(message);
    if (verdict === "answer") return message;
    if (verdict !== "other") throw new StepFailure(verdict.fault);
    switch (message.opcode) {
      case "close":
        throw new StepFailure(
          `${after(others)}the server closed with ${
            describeClose(message.payload)
          }`,
        );
      case "ping":
        ignoreFailure(connection.send("pong", message.payload));
        break;
      default:
        others.push(message);
        end = Math.min(end, performance.now() + GRACE_PERIOD);
    }
  }
}

function after(others: readonly ServerMessage[]): string {
  return others.length === 0 ? "" : `after ${describeMessage(others[0]!)} `;
}

function describeOthers([first, ...more]: readonly ServerMessage[]): string {
  const further = more.length === 0 ? "" : `, and ${more.length} more`;
  return `${describeMessage(first!)} came instead${further}`;
}

/** Reads the next message; "over" at a time on the clock of `performance.now()`. */
async function messageBefore(
  end: number,
  connection: ClientConnection,
): Promise<ServerMessage | undefined | "over"> {
  if (end === Infinity) return await connection.message();
  try {
    return await connection.message({ timeout: end - performance.now() });
  } catch (error) {
    if (error instanceof TimeoutError) return "over";
    throw error;
  }
}

/**
 * Waits for a CLOSE and ignores data before it.
 *
 * @param connection to read from
 * @returns the payload of the CLOSE
 * @throws {StepFailure} no CLOSE within the grace period, or the end of the
 * connection
 */
export async function awaitClose(
  connection: ClientConnection,
): Promise<Uint8Array> {
  const { payload } = await awaitAnswer(
    connection,
    ({ opcode }) => opcode === "close" ? "answer" : "other",
  );
  return payload;
}

/**
 * Waits for the server to end TCP after the closing handshake (RFC 6455 §7.1.1).
 *
 * @param connection whose closing handshake is complete
 * @returns `undefined` at the end of TCP; otherwise a description of the fault
 */
export async function awaitEnd(
  connection: ClientConnection,
): Promise<string | undefined> {
  const end = performance.now() + GRACE_PERIOD;
  const next = await messageBefore(end, connection);
  if (next === "over") return "the TCP connection stays open";
  return next && `${describeMessage(next)} follows the CLOSE`;
}
