/**
 * The targets of the fuzzer, and what must hold for any input.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { parsePlan } from "../../handlers/script/notation/parse_plan.ts";
import { PlanError } from "../../handlers/script/notation/refusal.ts";
import { parseBehaviour } from "../../handlers/script/query/parse.ts";
import { ConfigError } from "../../lib/config/error.ts";
import { readConfig } from "../../lib/config/config.ts";
import {
  agreeOnDeflate,
  deflateResponse,
} from "../../lib/frame/codec/deflate_offer.ts";
import { parseExtensions } from "../../lib/frame/codec/extensions.ts";
import { findHeadEnd, parseHead } from "../../lib/frame/codec/request_head.ts";
import { decode, type Receive, reference } from "../property/decoding.ts";
import type { Bytes } from "../conformance/wire.ts";
import { checkJournal } from "./journal_target.ts";
import config from "./seeds/config.json" with { type: "json" };
import extensions from "./seeds/extensions.json" with { type: "json" };
import frames from "./seeds/frames.json" with { type: "json" };
import heads from "./seeds/heads.json" with { type: "json" };
import plans from "./seeds/plans.json" with { type: "json" };
import queries from "./seeds/queries.json" with { type: "json" };

/** A parser of external input. */
export interface FuzzTarget {
  /** Its name. */
  readonly name: string;
  /** Inputs that mutations start from. */
  readonly seeds: readonly Uint8Array[];
  /**
   * Parses an input and checks the result.
   *
   * @param input any bytes
   * @throws the result is wrong
   */
  check(input: Uint8Array): void;
}

/** Text with one character per byte. */
function toText(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

function toBytes(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

// deno-lint-ignore no-control-regex -- the check looks for them
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/;

/** Characters that a message must not have. */
// deno-lint-ignore no-control-regex -- the check looks for them
const UNPRINTABLE = /[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]/;

/** A parsed head that is written and parsed again is the same. */
function checkHead(input: Uint8Array): void {
  const end = findHeadEnd(input, 0);
  assertEquals(end, naiveHeadEnd(input));
  for (let seen = 1; seen < input.length; seen += 7) {
    const part = findHeadEnd(input.subarray(0, seen), 0);
    if (part < 0) assertEquals(findHeadEnd(input, seen), end);
  }
  const verdict = parseHead(toText(input));
  if (!verdict.ok) {
    return assert([400, 431, 505].includes(verdict.error.status));
  }
  const { method, target, httpVersion, headers } = verdict.head;
  assert(/^\/[\x21-\x7e]*$/.test(target), target);
  // Empty values of a repeated field leave a blank at the end.
  const fields = [...headers].map(([name, value]) =>
    [name, blankless(value)] as const
  );
  for (const [name, value] of fields) {
    assert(name === name.toLowerCase(), name);
    assert(!CONTROL.test(value), JSON.stringify(value));
  }
  const text = [
    `${method} ${target} HTTP/${httpVersion}`,
    ...fields.map(([name, value]) => `${name}: ${value}`),
    "",
    "",
  ].join("\r\n");
  const again = parseHead(text);
  if (!again.ok) throw new Error("a parsed head cannot be parsed again");
  assertEquals(again.head.target, target);
  assertEquals([...again.head.headers], fields);
}

function blankless(value: string): string {
  return value.replace(/^[ \t]+|[ \t]+$/g, "");
}

function naiveHeadEnd(input: Uint8Array): number {
  const at = toText(input).indexOf("\r\n\r\n");
  return at < 0 ? -1 : at + 4;
}

const T = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const B = "[ \\t]*";
const VALUE = `(?:${T}|"(?:\\\\?${T})+")`;
const OFFER = `${T}(?:${B};${B}${T}${B}(?:=${B}${VALUE})?)*`;

/** Parsed offers that are written and parsed again are the same; the response is valid. */
function checkExtensions(input: Uint8Array): void {
  const offers = parseExtensions(toText(input));
  if (offers === undefined) return;
  const written = offers.map(({ name, parameters }) =>
    [
      name,
      ...parameters.map(([key, value]) =>
        value === true ? key : `${key}=${value}`
      ),
    ].join("; ")
  );
  for (const offer of written) assert(new RegExp(`^${OFFER}$`).test(offer));
  assertEquals(parseExtensions(written.join(", ")), offers);
  const agreement = agreeOnDeflate(offers);
  if (agreement === undefined) return;
  const answer = parseExtensions(deflateResponse(agreement));
  assertEquals(answer?.map(({ name }) => name), ["permessage-deflate"]);
}

const RECEIVES: readonly Receive[] = ["message", "frame", "part"];

/**
 * The decoder and a simple reference decoder have the same result, in one chunk and
 * in many; the first byte of the input chooses the options.
 */
function checkFrames(input: Uint8Array): void {
  const [how = 0] = input;
  const stream = input.slice(1) as Bytes;
  const receive = RECEIVES[how % 3]!;
  const size = 1 + (how >> 3) % 17;
  const maxPayload = how % 2 === 0 ? 200 : 10_000;
  const { frames, fault } = reference(stream, maxPayload, receive);
  for (const step of [stream.length || 1, size]) {
    const chunks: Bytes[] = [];
    for (let at = 0; at < stream.length; at += step) {
      chunks.push(stream.slice(at, at + step));
    }
    const decoded = decode(chunks, {
      receive,
      maxPayload,
      echo: how % 5 === 0,
      shift: how % 8,
      arena: how % 7 !== 0,
    });
    assertEquals([decoded.fault, decoded.frames], [fault, frames]);
  }
}

/** A query is parsed, or refused with one printable line. */
function checkQuery(input: Uint8Array): void {
  const query = new URLSearchParams(toText(input));
  for (const listener of ["edge", "frame"] as const) {
    const parsed = parseBehaviour(query, listener);
    if (!parsed.ok) {
      assert(!UNPRINTABLE.test(parsed.message), parsed.message);
      assert(parsed.message.length < 4096);
      continue;
    }
    const written = new URLSearchParams(
      Object.entries(parsed.behaviour).map(([name, value]) => [
        name,
        value === true ? "1" : String(value),
      ]),
    );
    assertEquals(parseBehaviour(written, listener), parsed);
  }
}

/**
 * A plan is parsed, or refused with one printable line. A plan for the edge listener is
 * one for the frame listener, too.
 */
function checkPlan(input: Uint8Array): void {
  const { pathname } = new URL(`http://a/do/${toText(input)}`);
  const notation = pathname.slice("/do/".length);
  const [edge, frame] = (["edge", "frame"] as const).map((listener) => {
    try {
      return parsePlan(notation, listener).steps.map(({ text }) => text);
    } catch (error) {
      if (!(error instanceof PlanError)) throw error;
      assert(!UNPRINTABLE.test(error.message), JSON.stringify(error.message));
      assert(error.message.length < 4096);
      return error.isForFrameListener ? "frame" : error.message;
    }
  });
  if (edge === "frame") assert(Array.isArray(frame), String(frame));
  else assertEquals(edge, frame);
}

/** A variable is parsed, or refused with one line that names it. */
function checkConfig(input: Uint8Array): void {
  const [name = "", ...rest] = toText(input).split("=");
  const text = rest.join("=");
  const env = (asked: string) => asked === name ? text : undefined;
  try {
    assertEquals(readConfig(env), readConfig(env));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    assert(error.message.includes(name));
    assert(!UNPRINTABLE.test(error.message), JSON.stringify(error.message));
    if (/TOKEN/.test(name) && text.length > 3) {
      assert(!error.message.includes(text), "a secret is shown");
    }
  }
}

/** The parsers of external input. */
export const TARGETS: readonly FuzzTarget[] = [
  { name: "heads", seeds: heads.map(toBytes), check: checkHead },
  {
    name: "extensions",
    seeds: extensions.map(toBytes),
    check: checkExtensions,
  },
  {
    name: "frames",
    seeds: frames.map((hex) => Uint8Array.fromHex(`00${hex}`)),
    check: checkFrames,
  },
  { name: "plans", seeds: plans.map(toBytes), check: checkPlan },
  { name: "queries", seeds: queries.map(toBytes), check: checkQuery },
  {
    name: "journal",
    seeds: frames.map((hex) => Uint8Array.fromHex(`0f${hex}`)),
    check: checkJournal,
  },
  { name: "config", seeds: config.map(toBytes), check: checkConfig },
];
