/**
 * The command-line arguments of `deno task conformance`.
 *
 * @module
 */

import {
  parseOptions,
  readNumber,
  UsageError,
} from "../../../lib/config/arguments.ts";
import type { Case } from "../../../lib/conformance/case/case.ts";
import {
  PatternError,
  type Patterns,
  selectCases,
  splitPatterns,
} from "../../../lib/conformance/selection.ts";

/** The arguments, parsed. */
export interface ConformanceArguments {
  /** Program and arguments of the driver. */
  readonly driver: readonly [program: string, ...args: string[]] | undefined;
  /** The server to test. */
  readonly server: URL | undefined;
  /** The selection of cases. */
  readonly selection: Patterns;
  /** The selected cases. */
  readonly cases: readonly Case[];
  /** Path of the file with expected results. */
  readonly expect: string | undefined;
  /** Path of the directory for the reports. */
  readonly out: string | undefined;
  /** The address to listen on. */
  readonly host: string;
  /** Port of the frame listener. */
  readonly port: number;
  /** Milliseconds without a result after which a driver is ended. */
  readonly timeout: number;
}

/** The port of the suite's fuzzing server, which drivers have as their default. */
const SUITE_PORT = 9001;

const DEFAULT_HOST = "127.0.0.1";

const DEFAULT_TIMEOUT = "120";

const MAX_TIMEOUT = 86_400;

/** The text of `--help`. */
export const HELP = `Usage: deno task conformance [options]

Runs the cases of the Autobahn test suite with a WebSocket client, or against a
server. For a client, it starts the frame listener as the suite's fuzzing
server; without --driver, until Ctrl-C. Exit code 0: no case has failed that
--expect does not list; 1: a case has, or the driver did not call /updateReports;
2: invalid arguments.

--driver COMMAND     run this command, with the server's URL in CONFORMANCE_URL and
                     in place of {url}, and end with it
--server URL         run the cases as a client against this server, which echoes
                     messages: ws:// or wss://
--cases PATTERN,…    only these cases, such as 1.*,9.1.1; default: all
--exclude PATTERN,…  without these cases
--expect FILE        expected results (JSON): cases that may fail, as in the file
                     expected-results.json of --out
--out DIR            write the reports to this directory: index.html, index.json,
                     junit.xml, summary.md, badge.svg, expected-results.json,
                     two files for each case, and the style of the pages
--host ADDRESS       listen on this address; default: ${DEFAULT_HOST}
--port NUMBER        port of the frame listener; default: ${SUITE_PORT}, as the suite;
                     with --driver a free one
--timeout SECONDS    end a driver after this time without a result; default: ${DEFAULT_TIMEOUT}
--help               print this help

Examples: deno task conformance --driver "node client.js" --exclude "12.*,13.*"
          deno task conformance --server ws://localhost:8001/ws --out reports
`;

const OPTIONS = {
  driver: { type: "string" },
  server: { type: "string" },
  cases: { type: "string" },
  exclude: { type: "string" },
  expect: { type: "string" },
  out: { type: "string" },
  host: { type: "string" },
  port: { type: "string" },
  timeout: { type: "string" },
  help: { type: "boolean", default: false },
} as const;

/** The options that only matter to a listener. */
const LISTENER_OPTIONS = ["driver", "host", "port", "timeout"] as const;

/**
 * Parses the arguments.
 *
 * @param args the command line without the program's name
 * @returns `"help"` if `--help` is given
 * @throws {UsageError} an invalid argument; the message names the allowed values
 */
export function readArguments(
  args: readonly string[],
): ConformanceArguments | "help" {
  const { values } = parseOptions(args, OPTIONS);
  if (values.help) return "help";
  const { driver, server, timeout = DEFAULT_TIMEOUT, host, port } = values;
  if (server !== undefined) {
    const other = LISTENER_OPTIONS.find((name) => values[name] !== undefined);
    if (other !== undefined) {
      throw new UsageError(`--server and --${other} exclude each other`);
    }
  }
  if (driver === undefined && values.timeout !== undefined) {
    throw new UsageError("--timeout has no effect without --driver");
  }
  const selection: Patterns = {
    ...patternsOf("cases", values.cases),
    ...patternsOf("exclude", values.exclude),
  };
  return {
    driver: driver === undefined ? undefined : wordsOf(driver),
    server: server === undefined ? undefined : urlOf(server),
    selection,
    cases: casesOf(selection),
    expect: pathOf("--expect", values.expect, "a file"),
    out: pathOf("--out", values.out, "a directory"),
    host: host ?? DEFAULT_HOST,
    port: port === undefined
      ? (driver === undefined ? SUITE_PORT : 0)
      : readNumber("--port", port, { from: 0, to: 65_535 }),
    timeout: 1000 * readNumber("--timeout", timeout, {
      from: 0.1,
      to: MAX_TIMEOUT,
      isFraction: true,
    }),
  };
}

/** Splits a command at spaces; quotes keep spaces. */
function wordsOf(command: string): [string, ...string[]] {
  const words = [...command.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)]
    .map(([, double, single, plain]) => double ?? single ?? plain!);
  const [program, ...args] = words;
  if (program !== undefined && program !== "") return [program, ...args];
  throw new UsageError("--driver: allowed: a command");
}

function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isWebSocket = url?.protocol === "ws:" || url?.protocol === "wss:";
  if (isWebSocket && url.username === "" && url.password === "") return url;
  throw new UsageError(
    `--server: not "${text}"; allowed: ws://host:port/path or wss://…`,
  );
}

function patternsOf(
  name: "cases" | "exclude",
  text: string | undefined,
): Patterns {
  if (text === undefined) return {};
  const patterns = splitPatterns(text);
  try {
    selectCases({ [name]: patterns });
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw new UsageError(`--${name}: ${error.message}`);
  }
  return { [name]: patterns };
}

function casesOf(selection: Patterns): readonly Case[] {
  const cases = selectCases(selection);
  if (cases.length > 0) return cases;
  throw new UsageError("--cases and --exclude leave no case; allowed: some");
}

function pathOf(
  option: string,
  path: string | undefined,
  kind: string,
): string | undefined {
  if (path !== "") return path;
  throw new UsageError(`${option}: allowed: the path of ${kind}`);
}
