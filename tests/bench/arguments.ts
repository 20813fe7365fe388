/**
 * The arguments of `deno task bench`.
 *
 * @module
 */

import {
  type NumberRange,
  parseOptions,
  readNumber,
  UsageError,
} from "../../lib/config/arguments.ts";
import { ALL_LOADS } from "./loads.ts";
import { SERVER_IDS } from "./servers.ts";

/** The measurements in addition to throughput. */
export const OTHERS = ["handshakes", "memory", "latency"] as const;

/** The parsed arguments. */
export interface BenchArguments {
  /** The kind of run; `ci` compares the edge listener with the bare runtime. */
  readonly mode: "full" | "quick" | "growth" | "ci";
  /** Worker threads of this service; with a value, no process is pinned to a core. */
  readonly workers: number | undefined;
  /** Whether `--only` is absent. */
  readonly isComplete: boolean;
  /** Rounds; the default of the mode without a value. */
  readonly rounds: number | undefined;
  /** Seconds of each measurement; the default of the mode without a value. */
  readonly seconds: number | undefined;
  /** Ids of the servers. */
  readonly servers: readonly string[];
  /** Ids of the loads, and of {@linkcode OTHERS}. */
  readonly measurements: readonly string[];
}

const MEASUREMENTS: readonly string[] = [
  ...ALL_LOADS.map(({ id }) => id),
  ...OTHERS,
];

/** The text of `--help`. */
export const HELP = `Usage: deno task bench [options]

Measures the edge listener (edge), the frame listener (frame), the frame listener
on native sockets (native) and other WebSocket servers. Prints a table, and
writes a chart and JSON to tests/bench/results/. Without options it measures
everything, in about eight minutes.
Exit code 0: measured; 1: too slow for --ci, or nothing could be measured;
2: invalid arguments.

--quick          one short round, in less than a minute
--growth         one message in flight on 1, 100, 1000 and 10000 connections
--ci             only the edge listener against the bare runtime; exit code 1
                 if the ratio is below 0.9
--workers NUMBER threads of this service, from 1 to 64; all processes share all
                 cores then; default: 1 thread on a core of its own
--only NAME,…    only these servers and measurements; default: all
                 servers: ${SERVER_IDS.join(", ")}
                 measurements: ${MEASUREMENTS.slice(0, 4).join(", ")},
                 ${MEASUREMENTS.slice(4, 7).join(", ")},
                 ${MEASUREMENTS.slice(7, 11).join(", ")},
                 ${MEASUREMENTS.slice(11).join(", ")}
--rounds NUMBER  rounds, in each of which the servers are measured in turn;
                 default: 7 (--quick 1, --growth 3, --ci 25)
--seconds TIME   seconds per measurement; default: 1 (--quick 0.4, --ci 0.25)
--help           print this help

Example: deno task bench --only frame,bun,50x64x1 --rounds 20
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
 * @param args the arguments after the program's name
 * @returns `"help"` for `--help`
 * @throws {UsageError} invalid arguments
 */
export function readArguments(
  args: readonly string[],
): BenchArguments | "help" {
  const { values } = parseOptions(args, OPTIONS);
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
    workers: number("--workers", values.workers, { from: 1, to: 64 }),
    isComplete: only.length === 0,
    rounds: number("--rounds", values.rounds, { from: 1, to: 1000 }),
    seconds: number("--seconds", values.seconds, {
      from: 0.1,
      to: 60,
      isFraction: true,
    }),
    servers: chosen(SERVER_IDS, only),
    measurements: chosen(MEASUREMENTS, only),
  };
}

const MODES = ["quick", "growth", "ci"] as const;

function modeOf(
  values: Readonly<Record<typeof MODES[number], boolean>>,
): BenchArguments["mode"] {
  const [mode = "full", other] = MODES.filter((mode) => values[mode]);
  if (other === undefined) return mode;
  throw new UsageError(`--${mode} and --${other} exclude each other`);
}

function number(
  option: string,
  text: string | undefined,
  range: NumberRange,
): number | undefined {
  return text === undefined ? undefined : readNumber(option, text, range);
}

/** The named items of a kind; all items when none is named. */
function chosen(kind: readonly string[], only: readonly string[]): string[] {
  const named = kind.filter((name) => only.includes(name));
  return named.length === 0 ? [...kind] : named;
}
