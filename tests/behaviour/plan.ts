/**
 * Every parameter of `/ws`, alone and in pairs: the plan for a client, and the checks
 * of its observations. Clients and listeners share them.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  type Parameter,
  type ParameterName,
  PARAMETERS,
} from "../../handlers/script/query/parameters.ts";
import type { ListenerUnderTest } from "../integration/support/suite.ts";

/** One value per parameter. */
const VALUES: Readonly<Record<ParameterName, string>> = {
  hello: "hi",
  delay: "60",
  jitter: "40",
  fragment: "2",
  mute: "1",
  stall: "1",
  tick: "25",
  ping: "25",
  close: "4001",
  reason: "enough",
  abort: "1",
  after: "2",
  in: "1500",
  reject: "503",
  subprotocol: "mqtt",
  compression: "off",
};

/** The texts that a client sends when it is connected. */
const TEXTS = ["one", "two", "three"];

/** Number of ticks and PINGs to wait for. */
const REPEATS = 2;

/** Milliseconds without a message that prove that no message is sent. */
const SILENCE = 100;

/** The actions of a client, as JSON values. */
export interface Plan {
  /** The address. */
  readonly url: string;
  /** Subprotocols to offer. */
  readonly protocols: readonly string[];
  /** Texts to send when connected. */
  readonly texts: readonly string[];
  /** Number of texts to wait for, without ticks. */
  readonly answers: number;
  /** Number of ticks to wait for: texts that begin with `{`. */
  readonly ticks: number;
  /** Number of PINGs to wait for, if the client exposes them. */
  readonly pings: number;
  /** Whether to wait for the server to end the connection. */
  readonly closes: boolean;
  /** Minimum duration of the connection in milliseconds. */
  readonly quiet: number;
}

/** The observations of a client; times in milliseconds since the start. */
export interface Seen {
  /** The refusal of the handshake, as far as the client exposes it. */
  readonly refused?: { readonly status?: number; readonly body?: string };
  /** The negotiated subprotocol. */
  readonly protocol: string;
  /** The negotiated extensions, if the client offers any. */
  readonly extensions?: string;
  /** Every text. */
  readonly texts: readonly (readonly [ms: number, text: string])[];
  /** Every PING, if the client exposes them. */
  readonly pings?: readonly string[];
  /** The end of the connection, if the server ended it. */
  readonly close?: {
    readonly ms: number;
    readonly code: number;
    readonly reason: string;
  };
}

/** A query and its parameters. */
export interface Case {
  /** The query, encoded. */
  readonly query: string;
  /** The parameters. */
  readonly given: ReadonlyMap<string, string>;
}

const ROWS: readonly Parameter[] = PARAMETERS;

/** Every parameter alone and in pairs, plus a parameter that it needs. */
export const CASES: readonly Case[] = ROWS.flatMap(({ name }, i) => [
  caseOf([name]),
  ...ROWS.slice(i + 1).map((other) => caseOf([name, other.name])),
]);

function caseOf(names: readonly string[]): Case {
  const all = new Set(names);
  for (const name of names) {
    const { needs } = rowOf(name);
    if (needs !== undefined && !needs.some((other) => all.has(other))) {
      all.add(needs[0]!);
    }
  }
  const given = new Map(
    [...all].map((name) => [name, VALUES[name as ParameterName]]),
  );
  return { given, query: String(new URLSearchParams([...given])) };
}

function rowOf(name: string): Parameter {
  return ROWS.find((row) => row.name === name)!;
}

/**
 * Makes the plan for a query.
 *
 * @param it the query
 * @param listener to connect to
 * @param base address of the route
 */
export function planOf(
  { query, given }: Case,
  listener: ListenerUnderTest["name"],
  base: string,
): Plan {
  const closes = ends(given);
  return {
    url: `${base}?${query}`,
    protocols: ["mqtt", "chat"],
    texts: textsTo(given, listener),
    answers: closes ? 0 : textsFor(given).length,
    ticks: given.has("tick") && !closes ? REPEATS : 0,
    pings: given.has("ping") && !closes ? REPEATS : 0,
    closes,
    quiet: given.has("mute") || given.has("stall") ? SILENCE : 0,
  };
}

/** On the edge, no text may cross the CLOSE: the runtime then drops the connection. */
function textsTo(
  given: Case["given"],
  listener: ListenerUnderTest["name"],
): string[] {
  if (!ends(given)) return TEXTS;
  if (!given.has("after") && !given.has("in")) return [];
  if (listener === "frame") return TEXTS;
  return given.has("after") ? TEXTS.slice(0, Number(VALUES.after)) : [];
}

function ends(given: Case["given"]): boolean {
  return given.has("close") || given.has("abort");
}

/** A connection that closes at once does not stall. */
function isOnWire(given: Case["given"]): boolean {
  return given.has("stall") && (!ends(given) || given.has("in"));
}

/** The texts that the server sends, without ticks. */
function textsFor(given: Case["given"]): string[] {
  const hello = given.has("hello") ? [VALUES.hello] : [];
  if (given.has("mute") || given.has("stall")) return hello;
  const answers = !ends(given)
    ? TEXTS.length
    : given.has("after")
    ? Number(VALUES.after)
    : given.has("in")
    ? TEXTS.length
    : 0;
  return [...hello, ...TEXTS.slice(0, answers)];
}

/**
 * Returns the reason for which a handshake must be refused, if any.
 *
 * @param it the query
 * @param listener that receives it
 */
export function refusalOf(
  { given }: Case,
  listener: ListenerUnderTest["name"],
): "unsupported" | "contradictory" | "rejected" | undefined {
  if (given.has("after") && given.has("stall")) return "contradictory";
  const isSupported = [...given.keys()].every((name) =>
    rowOf(name).listeners.includes(listener)
  );
  if (!isSupported) return "unsupported";
  return given.has("reject") ? "rejected" : undefined;
}

/**
 * Checks the observations of a client.
 *
 * @param it the query
 * @param listener that received it
 * @param seen the observations
 * @param frameBase address of the route on the frame listener
 */
export function check(
  it: Case,
  listener: ListenerUnderTest,
  seen: Seen,
  frameBase: string,
): void {
  const { given } = it;
  switch (refusalOf(it, listener.name)) {
    case "contradictory":
      return checkRefusal(seen, 400, "stall");
    case "unsupported":
      return checkRefusal(seen, 400, frameBase);
    case "rejected":
      return checkRefusal(seen, 503, "503");
  }
  assertEquals(seen.refused, undefined);
  assertEquals(seen.protocol, given.has("subprotocol") ? "mqtt" : "chat");
  if (seen.extensions !== undefined) {
    const agrees = listener.capabilities.compression &&
      !given.has("compression") && !isOnWire(given);
    assertEquals(seen.extensions.startsWith("permessage-deflate"), agrees);
  }
  checkTexts(given, seen);
  if (seen.pings !== undefined && !given.has("ping")) {
    assertEquals(seen.pings, []);
  }
  seen.pings?.forEach((payload, i) => assertEquals(payload, String(i + 1)));
  checkEnd(given, seen);
}

function checkRefusal({ refused }: Seen, status: number, says: string): void {
  assert(refused !== undefined, "the handshake was accepted");
  if (refused!.status !== undefined) assertEquals(refused!.status, status);
  if (refused!.body !== undefined) assertStringIncludes(refused!.body, says);
}

function checkTexts(given: Case["given"], { texts }: Seen): void {
  const ticks = texts.filter(([, text]) => text.startsWith("{"));
  if (!given.has("tick")) assertEquals(ticks, []);
  ticks.forEach(([, text], i) => assertEquals(JSON.parse(text).tick, i + 1));
  const others = texts.filter(([, text]) => !text.startsWith("{"));
  const expected = textsFor(given);
  const sawAll = !ends(given) || given.has("after") && !given.has("in");
  assertEquals(
    others.map(([, text]) => text),
    sawAll ? expected : expected.slice(0, others.length),
  );
  if (given.has("hello")) assertEquals(texts[0]?.[1], VALUES.hello);
  if (!given.has("delay")) return;
  for (const [ms, text] of others) {
    if (text !== VALUES.hello) assert(ms >= Number(VALUES.delay), `${ms} ms`);
  }
}

function checkEnd(given: Case["given"], { close }: Seen): void {
  if (!ends(given)) return assertEquals(close, undefined);
  const { ms, code, reason } = close!;
  if (given.has("close")) {
    assertEquals([code, reason], [
      Number(VALUES.close),
      given.has("reason") ? VALUES.reason : "",
    ]);
  } else assertEquals(code, 1006);
  if (given.has("in") && !given.has("after")) {
    assert(ms >= Number(VALUES.in), `closed after ${ms} ms`);
  }
}

/** Number of concurrent plans. */
const AT_ONCE = 16;

/**
 * Checks every case and reports all failures together.
 *
 * @param cases to check
 * @param check throws if a case fails
 */
export function failAll(
  cases: readonly Case[],
  check: (it: Case, index: number) => void,
): void {
  const faults = cases.flatMap((it, i) => {
    try {
      check(it, i);
      return [];
    } catch (error) {
      return [`?${it.query}: ${(error as Error).message}`];
    }
  });
  if (faults.length > 0) {
    throw new Error(`${faults.length} queries fail\n${faults.join("\n")}`);
  }
}

/**
 * Runs a function for every case, several at a time.
 *
 * @param run the function
 * @returns the results, in order
 */
export async function forAll<T>(run: (it: Case) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const worker = async () => {
    for (let i = next++; i < CASES.length; i = next++) {
      results[i] = await run(CASES[i]!);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return results;
}
