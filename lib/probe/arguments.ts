/**
 * The command-line arguments of the probe.
 *
 * @module
 */

import { parseOptions, readNumber, UsageError } from "../config/arguments.ts";
import { duration } from "../config/kinds.ts";
import { isToken } from "../protocol/handshake.ts";
import { DEFAULT_COUNT, STEP_NAMES } from "./steps.ts";

/** The arguments, parsed. */
export interface ProbeArguments {
  /** The server's address: `ws:` or `wss:`. */
  readonly url: URL;
  /** Names of steps or groups; empty: all steps. */
  readonly only: readonly string[];
  /** Milliseconds for each step. */
  readonly timeout: number;
  /** Number of round trips to measure. */
  readonly count: number;
  /** Header fields of every handshake. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Subprotocols to offer. */
  readonly subprotocols: readonly string[];
  /** Whether to print JSON. */
  readonly json: boolean;
  /** Path of the JUnit report. */
  readonly junit?: string;
}

/** The frame listener: the edge listener fails two steps because of the runtime. */
const DEFAULT_URL = "ws://localhost:8001/ws";

const DEFAULT_TIMEOUT = "5";

const MAX_COUNT = 1_000_000;

/** The text of `--help`. */
export const HELP = `Usage: deno task probe [URL] [options]

Checks a WebSocket server and prints one line per step. Exit code 0: every step
passed or does not apply; 1: a step failed; 2: invalid arguments.

URL                     ws:// or wss://; default: ${DEFAULT_URL},
                        the frame listener of this service
--only NAME,…           run only these steps:
                        ${wrapped(STEP_NAMES, 54).join("\n" + " ".repeat(24))}
--timeout SECONDS       per step, for rtt per round trip; default: ${DEFAULT_TIMEOUT}
--count NUMBER          number of round trips to measure; default: ${DEFAULT_COUNT}
--header "Name: value"  header field of every handshake; can be repeated
--subprotocol NAME,…    subprotocols to offer
--json                  print one JSON document instead of lines
--junit FILE            also write a JUnit report (XML) to this file
--help                  print this help

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
 * Parses the arguments.
 *
 * @param args the command line without the program's name
 * @returns `"help"` if `--help` is given
 * @throws {UsageError} an invalid argument; the message names the allowed values
 */
export function readArguments(
  args: readonly string[],
): ProbeArguments | "help" {
  const { values, positionals } = parseOptions(args, OPTIONS, "URL");
  if (values.help) return "help";
  if (positionals.length > 1) {
    throw new UsageError(`${positionals.length} URLs given; allowed: one URL`);
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
      isToken,
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
      `"${text}" is not a WebSocket URL; allowed: ws://host:port/path or wss://…, without user name and password`,
    );
  }
  // RFC 6455 §3: a WebSocket URI has no fragment.
  url.hash = "";
  return url;
}

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
  if (isToken(name) && /^[\t\x20-\x7e\xa0-\xff]*$/.test(value)) {
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
