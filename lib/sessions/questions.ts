/**
 * Calls to sessions as instances put them to each other: what is asked over a
 * bus, and the answers.
 *
 * @module
 */

import type { OutsideMessage, SessionCalls } from "./calls.ts";

/** A call as it is asked; a message is the body beside it. */
export type Question =
  | { readonly call: "list" }
  | {
    readonly call: "send";
    readonly id: string;
    readonly isText: boolean;
  }
  | {
    readonly call: "sendAll";
    readonly route: string | undefined;
    readonly isText: boolean;
  }
  | {
    readonly call: "close";
    readonly id: string;
    readonly code: number;
    readonly reason: string;
  };

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * A message as the body of a question.
 *
 * @param message from outside
 */
export function toBody(message: OutsideMessage): Uint8Array {
  return typeof message === "string" ? encoder.encode(message) : message;
}

function toMessage(isText: boolean, body: Uint8Array): OutsideMessage {
  return isText ? decoder.decode(body) : body;
}

/**
 * Answers a question of another instance.
 *
 * @param calls to this instance's own sessions
 * @param question what was asked
 * @param body what came with it
 * @throws {TypeError} a question that this version does not know
 */
export function answerQuestion(
  calls: SessionCalls,
  question: unknown,
  body: Uint8Array,
): Promise<unknown> {
  const asked = question as Question;
  switch (asked.call) {
    case "list":
      return calls.list();
    case "send":
      return calls.send(asked.id, toMessage(asked.isText, body));
    case "sendAll":
      return calls.sendAll(toMessage(asked.isText, body), asked.route);
    case "close":
      return calls.close(asked.id, asked.code, asked.reason);
    default:
      throw new TypeError("a question that nobody here understands");
  }
}
