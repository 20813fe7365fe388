/**
 * Calls to sessions as instances put them to each other: what is asked over a
 * bus, and the answers.
 *
 * @module
 */

import { flag, object, type Read, text } from "../cluster/bus/shape.ts";
import {
  isCloseCodeAllowed,
  MAX_REASON_BYTES,
} from "../protocol/close_code.ts";
import type { OutsideMessage, RemoteSessions } from "./remote_sessions.ts";

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

const send = object({ id: text, isText: flag });

const sendAll = object({ isText: flag });

const close = object({
  id: text,
  code: (value) =>
    typeof value === "number" && isCloseCodeAllowed(value) ? value : undefined,
  reason: (value) => {
    const reason = text(value);
    return reason !== undefined &&
        encoder.encode(reason).length <= MAX_REASON_BYTES
      ? reason
      : undefined;
  },
});

const readQuestion: Read<Question> = (value) => {
  const { call, route } = Object(value);
  switch (call) {
    case "list":
      return { call };
    case "send": {
      const asked = send(value);
      return asked && { call, ...asked };
    }
    case "sendAll": {
      const asked = sendAll(value);
      if (route !== undefined && text(route) === undefined) return undefined;
      return asked && { call, route, ...asked };
    }
    case "close": {
      const asked = close(value);
      return asked && { call, ...asked };
    }
    default:
      return undefined;
  }
};

/**
 * Answers a question of another instance.
 *
 * @param calls to this instance's own sessions
 * @param question what was asked
 * @param body what came with it
 * @returns nothing where this version does not know the question
 */
export function answerQuestion(
  calls: RemoteSessions,
  question: unknown,
  body: Uint8Array,
): Promise<unknown> | undefined {
  const asked = readQuestion(question);
  switch (asked?.call) {
    case "list":
      return calls.list();
    case "send":
      return calls.send(asked.id, toMessage(asked.isText, body));
    case "sendAll":
      return calls.sendAll(toMessage(asked.isText, body), asked.route);
    case "close":
      return calls.close(asked.id, asked.code, asked.reason);
    case undefined:
      return undefined;
  }
}
