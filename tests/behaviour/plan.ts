/**
 * Every parameter of `/ws` alone and with every other: what a client does about
 * it, and what it has to see. The same for any client on either listener.
 *
 * @module
 */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  type Parameter,
  type ParameterName,
  PARAMETERS,
} from "../../handlers/behaviour/parameters.ts";
import type { ListenerUnderTest } from "../integration/support/suite.ts";

/** A value of each parameter. */
export const VALUES: Readonly<Record<ParameterName, string>> = {
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
  in: "250",
  reject: "503",
  subprotocol: "mqtt",
  compression: "off",
};

/** What a client sends as soon as it is connected. */
const TEXTS = ["one", "two", "three"];

/** Ticks and PINGs that are waited for. */
const ENOUGH = 2;

/** Milliseconds in which nothing may come where nothing is to come. */
const QUIET = 100;

/** What a client is to do; fit for JSON. */
export interface Plan {
  /** Where to connect to. */
  readonly url: string;
  /** Subprotocols to offer. */
  readonly protocols: readonly string[];
  /** What to send once connected. */
  readonly texts: readonly string[];
  /** Texts to wait for that are no ticks. */
  readonly answers: number;
  /** Texts to wait for that begin with `{`. */
  readonly ticks: number;
  /** PINGs to wait for, where they can be seen. */
  readonly pings: number;
  /** Whether to wait for the end of the connection. */
  readonly closes: boolean;
  /** Milliseconds to stay at least. */
  readonly quiet: number;
}

/** What a client saw; times in milliseconds since it began to connect. */
export interface Seen {
  /** Instead of all the rest: how the handshake was refused, as far as the client can tell. */
  readonly refused?: { readonly status?: number; readonly body?: string };
  /** The subprotocol. */
  readonly protocol: string;
  /** The extensions, where the client offers some. */
  readonly extensions?: string;
  /** Every text. */
  readonly texts: readonly (readonly [ms: number, text: string])[];
  /** Every PING, where the client can see them. */
  readonly pings?: readonly string[];
  /** How the server ended the connection, if it did. */
  readonly close?: {
    readonly ms: number;
    readonly code: number;
    readonly reason: string;
  };
}

/** One query, with what it needs to mean anything. */
export interface Case {
  /** The query as it is sent. */
  readonly query: string;
  /** Its parameters. */
  readonly given: ReadonlyMap<string, string>;
}

const ROWS: readonly Parameter[] = PARAMETERS;

/** Every parameter alone, and with each that comes after it in the table. */
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
 * What a client is to do about a query.
 *
 * @param it the query
 * @param listener where it is sent
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
    ticks: given.has("tick") && !closes ? ENOUGH : 0,
    pings: given.has("ping") && !closes ? ENOUGH : 0,
    closes,
    quiet: given.has("mute") || given.has("stall") ? QUIET : 0,
  };
}

/** On the edge nothing that may cross the CLOSE: its runtime drops the connection then. */
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

/** The texts that a connection gets, those that go on for ever left out. */
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
 * Why a handshake has to be refused, or nothing.
 *
 * @param it the query
 * @param listener where it is sent
 */
export function refusalOf(
  { given }: Case,
  listener: ListenerUnderTest["name"],
): "impossible" | "contradictory" | "rejected" | undefined {
  if (given.has("after") && given.has("stall")) return "contradictory";
  const canBeHad = [...given.keys()].every((name) =>
    rowOf(name).listeners.includes(listener)
  );
  if (!canBeHad) return "impossible";
  return given.has("reject") ? "rejected" : undefined;
}

/**
 * Compares what a client saw with what it had to see.
 *
 * @param it the query
 * @param listener where it was sent
 * @param seen what came of it
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
    case "impossible":
      return checkRefusal(seen, 400, frameBase);
    case "rejected":
      return checkRefusal(seen, 503, "503");
  }
  assertEquals(seen.refused, undefined);
  assertEquals(seen.protocol, given.has("subprotocol") ? "mqtt" : "chat");
  if (seen.extensions !== undefined) {
    const agrees = listener.capabilities.compression &&
      !given.has("compression");
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

/** Plans that are carried out at once. */
const AT_ONCE = 16;

/**
 * Checks every query, and fails with all that is wrong.
 *
 * @param cases the queries
 * @param check throws where one is wrong
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
 * Does something for every query, several at a time.
 *
 * @param run what to do
 * @returns what came of each, in order
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
