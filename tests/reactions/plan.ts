/**
 * What a client does for each named plan, and what it reports.
 *
 * @module
 */

import { FAULTS } from "../../handlers/script/faults/table.ts";

/** What a client does. */
export interface ClientPlan {
  /** The named plan. */
  readonly name: string;
  /** The URL, with a journal. */
  readonly url: string;
  /** The subprotocols that it offers. */
  readonly protocols: readonly string[];
  /** Whether it closes with 1000 as soon as the connection is open. */
  readonly closes: boolean;
  /** Milliseconds after which it reports what it has seen so far. */
  readonly limit: number;
}

/** What a client reports to its user. */
export interface Report {
  /** Whether the connection was open. */
  readonly opened: boolean;
  /** Milliseconds until it reported the end; `null`: no end within the limit. */
  readonly ended: number | null;
  /** The close code; `null`: the client tells none. */
  readonly code: number | null;
  /** Whether it takes the close for a clean one; `null`: the client does not tell. */
  readonly clean: boolean | null;
  /** The code, the class or the text of its error; `null`: no error. */
  readonly error: string | null;
  /** The messages: texts as they are, the sizes of binary ones. */
  readonly messages: readonly string[];
}

/** Plans in which the client starts the closing handshake. */
const CLIENT_CLOSES: readonly string[] = [
  "close-not-answered",
  "cut-on-close",
  "crossing-closes",
];

/** Plans whose end is a time limit of the client, which may be long. */
export const SLOW: readonly string[] = [
  "no-answer",
  "unfinished-message",
  "truncated-frame",
  "deflate-bomb",
  "tcp-left-open",
  "close-not-answered",
  "no-pong",
  "wrong-pong",
  "silence",
];

/** Milliseconds that a client has: more than `REACTION_TIME` of the verdict. */
export const LIMIT = 4000;

/** Milliseconds that a client has for the plans of {@linkcode SLOW}. */
export const SLOW_LIMIT = 75_000;

/** The service that runs the plans. */
export interface Place {
  /** The port of the frame listener, on all addresses of the loopback network. */
  readonly port: number;
  /** Makes the journal's name of a plan. */
  readonly journal: (name: string) => string;
}

/**
 * Makes the plans of a client.
 *
 * @param names of the plans
 * @param place the service that runs them
 * @param limit milliseconds that the client has for each
 */
export function plansOf(
  names: readonly string[],
  { port, journal }: Place,
  limit: number,
): ClientPlan[] {
  return names.map((name, i) => ({
    name,
    // Browsers open one connection at a time to an address (RFC 6455 §4.1).
    url: `ws://127.0.0.${i + 2}:${port}/fault/${name}?journal=${journal(name)}`,
    protocols: name.startsWith("subprotocol-") ? ["chat", "superchat"] : [],
    closes: CLIENT_CLOSES.includes(name),
    limit,
  }));
}

/** The names of the other plans. */
export const QUICK: readonly string[] = [...FAULTS.keys()].filter((name) =>
  !SLOW.includes(name)
);
