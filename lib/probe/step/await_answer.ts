/**
 * Waits for what a server answers.
 *
 * @module
 */

import type { ClientConnection } from "../../client/connection.ts";
import type { ServerMessage } from "../../client/message_reader.ts";
import { StepFailure } from "./step.ts";
import { closeWords, endingWords, messageWords } from "./format.ts";

/**
 * Milliseconds that the right answer has left once something else has come: a
 * greeting may come first, but a server that answers otherwise is to be found
 * out sooner than one that is silent.
 */
const GRACE = 1000;

/** What a message is to the one who waits: the answer, a fault in words, or neither. */
export type Verdict = "answer" | "other" | { readonly fault: string };

/**
 * Goes on while a write is under way. Why one fails is what the reads tell.
 *
 * @param write what was begun
 */
export function meanwhile(write: Promise<void>): void {
  write.catch(() => {});
}

/**
 * Waits for an answer. A PING is answered on the way.
 *
 * @param connection where from
 * @param judge what a message is
 * @returns the answer
 * @throws {StepFailure} another came, a CLOSE, or the end
 */
export async function awaitAnswer(
  connection: ClientConnection,
  judge: (message: ServerMessage) => Verdict,
): Promise<ServerMessage> {
  const others: ServerMessage[] = [];
  using grace = new Grace();
  for (;;) {
    const message = await grace.first(connection.message());
    if (message === "over") throw new StepFailure(otherWords(others));
    if (message === undefined) {
      throw new StepFailure(after(others) + endingWords(connection));
    }
    const verdict = judge(message);
    if (verdict === "answer") return message;
    if (verdict !== "other") throw new StepFailure(verdict.fault);
    switch (message.opcode) {
      case "close":
        throw new StepFailure(
          `${after(others)}the server closed with ${
            closeWords(message.payload)
          }`,
        );
      case "ping":
        meanwhile(connection.send("pong", message.payload));
        break;
      default:
        others.push(message);
        grace.start();
    }
  }
}

/** Nothing to do with the question: what came before the answer, in words. */
function after(others: readonly ServerMessage[]): string {
  return others.length === 0 ? "" : `after ${messageWords(others[0]!)} `;
}

function otherWords([first, ...more]: readonly ServerMessage[]): string {
  const further = more.length === 0 ? "" : `, and ${more.length} more`;
  return `${messageWords(first!)} came instead${further}`;
}

/** The time that is left once something else has come. */
class Grace implements Disposable {
  readonly #over = Promise.withResolvers<"over">();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Starts the time, unless it runs. */
  start(): void {
    this.#timer ??= setTimeout(() => this.#over.resolve("over"), GRACE);
  }

  /** What comes first: a message, or the end of the time. */
  first<T>(message: Promise<T>): Promise<T | "over"> {
    return Promise.race([message, this.#over.promise]);
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }
}

/**
 * Waits for a CLOSE; data before it is passed over.
 *
 * @param connection where from
 * @returns its payload
 * @throws {StepFailure} something else, or the end
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
 * Waits for the end of a connection whose closing handshake is done: the server
 * ends it first (RFC 6455 §7.1.1).
 *
 * @param connection which one
 * @returns what was seen, in words, where it was not the end
 */
export async function endOf(
  connection: ClientConnection,
): Promise<string | undefined> {
  using grace = new Grace();
  grace.start();
  const next = await grace.first(connection.message());
  if (next === "over") return "the TCP connection stays open";
  return next && `${messageWords(next)} behind the CLOSE`;
}
