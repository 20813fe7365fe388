/**
 * `?wait=…&timeout=…` of `/journal/NAME`.
 *
 * @module
 */

import type { Kind } from "../../lib/config/kinds.ts";
import type { Journal } from "./record/journal.ts";

/** Seconds that a request waits, unless it says how long. */
export const DEFAULT_TIMEOUT = 30;

/** Seconds that a request may wait: less than proxies wait for an answer. */
export const MAX_TIMEOUT = 300;

/** A condition that a request waits for. */
export interface Condition {
  /** The parameter's value. */
  readonly text: string;
  /** Returns whether a journal meets it; `undefined`: there is none yet. */
  isMet(journal: Journal | undefined): boolean;
}

/** The kind of the parameter `wait`. */
export const WAIT: Kind<Condition> = {
  allowed: "open, closed or messages:N, N from 1 to 1000000",
  parse(text) {
    const isMet = text === "open"
      ? isOpened
      : text === "closed"
      ? isClosed
      : messagesIn(text);
    return isMet && { text, isMet };
  },
};

/** The kind of the parameter `timeout`; the value is in milliseconds. */
export const TIMEOUT: Kind<number> = {
  allowed: `seconds from 0 to ${MAX_TIMEOUT}, such as 30 or 0.5`,
  parse(text) {
    const value = /^\d{1,3}(\.\d{1,3})?$/.test(text) ? Number(text) : NaN;
    return value <= MAX_TIMEOUT ? Math.round(value * 1000) : undefined;
  },
};

function isOpened(journal: Journal | undefined): boolean {
  return journal?.connections.some(({ state }) => state !== "handshake") ??
    false;
}

/** Whether every connection is over, and there is one. */
function isClosed(journal: Journal | undefined): boolean {
  return journal !== undefined && journal.connections.length > 0 &&
    journal.connections.every(({ isEnded }) => isEnded);
}

function messagesIn(text: string): Condition["isMet"] | undefined {
  const match = /^messages:([1-9]\d{0,6})$/.exec(text);
  const count = Number(match?.[1]);
  if (match === null || count > 1_000_000) return undefined;
  return (journal) => {
    const messages = journal?.connections.reduce(
      (sum, { client }) => sum + client.messages,
      0,
    );
    return (messages ?? 0) >= count;
  };
}
