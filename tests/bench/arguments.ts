/**
 * The benchmark's arguments.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { ALL_LOADS } from "./loads.ts";
import { SERVER_IDS } from "./servers.ts";

/** What else is measured than throughput. */
export const OTHERS = ["handshakes", "memory", "latency"] as const;

/** What the benchmark is asked to do. */
export interface BenchArguments {
  /** `ci`: the edge listener against the bare runtime, pass or fail. */
  readonly mode: "full" | "quick" | "growth" | "ci";
  /** Threads of this service, where they are given: then nothing is pinned to a core. */
  readonly workers: number | undefined;
  /** Whether nothing is left out. */
  readonly isComplete: boolean;
  /** Rounds, where they are given. */
  readonly rounds: number | undefined;
  /** Seconds of each measurement, where they are given. */
  readonly seconds: number | undefined;
  /** The servers' ids. */
  readonly servers: readonly string[];
  /** Ids of the loads, and of {@linkcode OTHERS}. */
  readonly measurements: readonly string[];
}

/** Arguments that mean nothing, with a line that says what is allowed. */
export class UsageError extends Error {
  /** The class's name. */
  override readonly name = "UsageError";
}

const MEASUREMENTS: readonly string[] = [
  ...ALL_LOADS.map(({ id }) => id),
  ...OTHERS,
];

/** What `--help` prints. */
export const HELP = `Usage: deno task bench [options]

Measures this service's listeners and other WebSocket servers, prints a table,
and writes a chart and JSON to tests/bench/results/.

--quick          one short round, in less than a minute
--growth         one message in flight on 1, 100, 1000 and 10000 connections
--workers NUMBER threads of this service; all processes share all cores then
--ci             the edge listener against the bare runtime alone; exit code 1
                 where it is below 0.9
--only NAME,…    these servers and measurements alone
                 servers: ${SERVER_IDS.join(", ")}
                 measurements: ${MEASUREMENTS.slice(0, 4).join(", ")},
                 ${MEASUREMENTS.slice(4, 7).join(", ")},
                 ${MEASUREMENTS.slice(7, 11).join(", ")},
                 ${MEASUREMENTS.slice(11).join(", ")}
--rounds NUMBER  rounds: each server in turn, again and again
--seconds TIME   how long each measurement takes
--help           this
`;

const OPTIONS = {
  quick: { type: "boolean", default: false },
  growth: { type: "boolean", default: false },
  workers: { type: "string" },
  ci: { type: "boolean", default: false },
  only: { type: "string" },
  rounds: { type: "string" },
  seconds: { type: "string" },
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
): BenchArguments | "help" {
  const values = parsed(args);
  if (values.help) return "help";
  const only = values.only?.split(",") ?? [];
  const known = [...SERVER_IDS, ...MEASUREMENTS];
  const unknown = only.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(
      `--only: not "${unknown}"; allowed: ${known.join(", ")}`,
    );
  }
  return {
    mode: modeOf(values),
    workers: number("--workers", values.workers, 1, 64),
    isComplete: only.length === 0,
    rounds: number("--rounds", values.rounds, 1, 1000),
    seconds: number("--seconds", values.seconds, 0.1, 60),
    servers: chosen(SERVER_IDS, only),
    measurements: chosen(MEASUREMENTS, only),
  };
}

function modeOf(
  { ci, quick, growth }: { ci: boolean; quick: boolean; growth: boolean },
): BenchArguments["mode"] {
  if (ci) return "ci";
  if (growth) return "growth";
  return quick ? "quick" : "full";
}

/** Those of a kind that are named; all of them where none is. */
function chosen(kind: readonly string[], only: readonly string[]): string[] {
  const named = kind.filter((name) => only.includes(name));
  return named.length === 0 ? [...kind] : named;
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS }).values;
  } catch (error) {
    const [said] = (error as Error).message.split(". ");
    const allowed = Object.keys(OPTIONS).map((name) => `--${name}`);
    throw new UsageError(`${said}; allowed: ${allowed.join(", ")}`);
  }
}

/** A number within limits; a whole one where the least is whole. */
function number(
  option: string,
  text: string | undefined,
  least: number,
  most: number,
): number | undefined {
  if (text === undefined) return undefined;
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  const isWhole = Number.isInteger(value) || !Number.isInteger(least);
  if (value >= least && value <= most && isWhole) return value;
  throw new UsageError(
    `${option}: not "${text}"; allowed: ${least} to ${most}`,
  );
}
