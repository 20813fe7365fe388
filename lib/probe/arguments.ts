/**
 * The probe's arguments.
 *
 * @module
 */

import { parseOptions, readNumber, UsageError } from "../config/arguments.ts";
import { duration } from "../config/kinds.ts";
import { DEFAULT_COUNT, STEP_NAMES } from "./steps.ts";

/** What the probe is asked to do. */
export interface ProbeArguments {
  /** The server's: `ws:` or `wss:`. */
  readonly url: URL;
  /** Names of steps or groups; none: all of them. */
  readonly only: readonly string[];
  /** Milliseconds that a step may take. */
  readonly timeout: number;
  /** Round trips to measure. */
  readonly count: number;
  /** Fields for every handshake. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Subprotocols to offer. */
  readonly subprotocols: readonly string[];
  /** Whether to write JSON. */
  readonly json: boolean;
  /** The file for a JUnit report. */
  readonly junit?: string;
}

/** The frame listener: the runtime's server below the edge listener fails two steps. */
const DEFAULT_URL = "ws://localhost:8001/ws";

const DEFAULT_TIMEOUT = "5";

const MAX_COUNT = 1_000_000;

/** What `--help` prints. */
export const HELP = `Usage: deno task probe [URL] [options]

Tries a WebSocket server out, a line a step. Exit code 0: every step passed or
does not apply; 1: a step failed; 2: invalid arguments.

URL                     ws:// or wss://; ${DEFAULT_URL} without it,
                        the frame listener of this service
--only NAME,…           these steps alone:
                        ${wrapped(STEP_NAMES, 54).join("\n" + " ".repeat(24))}
--timeout SECONDS       for each step, of rtt for each round trip; ${DEFAULT_TIMEOUT} without it
--count NUMBER          round trips to measure; ${DEFAULT_COUNT} without it
--header "Name: value"  a field for every handshake; as often as needed
--subprotocol NAME,…    subprotocols to offer
--json                  one JSON document instead of lines
--junit FILE            in addition, a JUnit report (XML) in this file
--help                  this

Example: deno task probe wss://example.com/socket --only handshake,close
`;

const OPTIONS = {
  only: { type: "string" },
  timeout: { type: "string", default: DEFAULT_TIMEOUT },
  count: { type: "string", default: String(DEFAULT_COUNT) },
  header: { type: "string", multiple: true },
  subprotocol: { type: "string" },
  json: { type: "boolean", default: false },
  junit: { type: "string" },
  help: { type: "boolean", default: false },
} as const;

/**
 * Reads the arguments.
 *
 * @param args behind the program's name
 * @returns `"help"` where that is what is asked for
 * @throws {UsageError} what is not understood, with what is allowed
 */
export function readArguments(
  args: readonly string[],
): ProbeArguments | "help" {
  const { values, positionals } = parseOptions(args, OPTIONS, "URL");
  if (values.help) return "help";
  if (positionals.length > 1) {
    throw new UsageError(`one URL at a time, not ${positionals.length}`);
  }
  return {
    url: readUrl(positionals[0] ?? DEFAULT_URL),
    only: readList("--only", values.only, isStepName, STEP_NAMES.join(", ")),
    timeout: readTimeout(values.timeout),
    count: readNumber("--count", values.count, { from: 1, to: MAX_COUNT }),
    headers: (values.header ?? []).map(readHeader),
    subprotocols: readList(
      "--subprotocol",
      values.subprotocol,
      (name) => TOKEN.test(name),
      "different names without spaces, separated by commas",
    ),
    json: values.json,
    ...(values.junit !== undefined && { junit: readFile(values.junit) }),
  };
}

function readUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isWebSocket = url?.protocol === "ws:" || url?.protocol === "wss:";
  if (!isWebSocket || url.username !== "" || url.password !== "") {
    throw new UsageError(
      `"${text}" is no URL to probe; allowed: ws://host:port/path or wss://…, without a user's name and password`,
    );
  }
  // RFC 6455 §3: a fragment means nothing here.
  url.hash = "";
  return url;
}

/** A token of RFC 9110 §5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_\`|~0-9A-Za-z]+$/;

const isStepName = (name: string) => STEP_NAMES.includes(name);

function readList(
  option: string,
  text: string | undefined,
  isAllowed: (item: string) => boolean,
  allowed: string,
): string[] {
  if (text === undefined) return [];
  const items = text.split(",").map((item) => item.trim());
  const wrong = items.find((item, i) =>
    !isAllowed(item) || items.indexOf(item) !== i
  );
  if (wrong === undefined) return items;
  throw new UsageError(`${option}: not "${wrong}"; allowed: ${allowed}`);
}

function readFile(path: string): string {
  if (path !== "") return path;
  throw new UsageError("--junit: allowed: the path of a file");
}

function readTimeout(text: string): number {
  const timeout = duration.parse(text);
  if (timeout !== undefined) return timeout;
  throw new UsageError(
    `--timeout: not "${text}"; allowed: ${duration.allowed}`,
  );
}

function readHeader(text: string): [name: string, value: string] {
  const colon = text.indexOf(":");
  const name = text.slice(0, Math.max(colon, 0));
  const value = text.slice(colon + 1).trim();
  if (TOKEN.test(name) && /^[\t\x20-\x7e\xa0-\xff]*$/.test(value)) {
    return [name, value];
  }
  throw new UsageError('--header: allowed: "Name: value" in Latin-1');
}

function wrapped(words: readonly string[], width: number): string[] {
  const lines = [""];
  for (const [i, word] of words.entries()) {
    const item = i === words.length - 1 ? word : `${word}, `;
    if (lines.at(-1)!.length + item.length > width) lines.push("");
    lines[lines.length - 1] += item;
  }
  return lines.map((line) => line.trimEnd());
}
