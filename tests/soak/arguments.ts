/**
 * The arguments of `deno task soak`.
 *
 * @module
 */

import { parseOptions, readNumber } from "../../lib/config/arguments.ts";

/** What is asked for. */
export interface SoakArguments {
  /** How long. */
  readonly minutes: number;
  /** Clients, honest and rude ones together. */
  readonly connections: number;
  /** Decides what they do. */
  readonly seed: number;
}

const OPTIONS = {
  minutes: { type: "string", default: "10" },
  connections: { type: "string", default: "2000" },
  seed: { type: "string", default: "1" },
  help: { type: "boolean", default: false },
} as const;

/** What `--help` prints. */
export const HELP = `Usage: deno task soak [options]

Runs this service on free ports under many clients that come and go: half of them
on the edge listener, half on the frame listener, and on each every other one is
rude. It checks every byte that an honest client gets back, and prints a line per
minute and a verdict. Exit code 0: passed; 1: a message was lost, memory did not
stay flat after the second minute, or timers are left; 2: invalid arguments.

--minutes NUMBER      how long, from 0.1; ${OPTIONS.minutes.default} without it
--connections NUMBER  clients; ${OPTIONS.connections.default} without it
--seed NUMBER         decides what the clients do; ${OPTIONS.seed.default} without it
--help                this

Example: deno task soak --minutes 0.5 --connections 200
`;

/**
 * Reads the arguments.
 *
 * @param args behind the program's name
 * @returns `"help"` where that is what is asked for
 * @throws {UsageError} invalid arguments
 */
export function readArguments(
  args: readonly string[],
): SoakArguments | "help" {
  const { values } = parseOptions(args, OPTIONS);
  if (values.help) return "help";
  return {
    minutes: readNumber("--minutes", values.minutes, {
      from: 0.1,
      to: 10_000,
      isFraction: true,
    }),
    connections: readNumber("--connections", values.connections, {
      from: 1,
      to: 50_000,
    }),
    seed: readNumber("--seed", values.seed, { from: 0, to: 2 ** 31 - 1 }),
  };
}
