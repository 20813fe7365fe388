/**
 * The arguments of `deno task soak`.
 *
 * @module
 */

import { parseOptions, readNumber } from "../../lib/config/arguments.ts";

/** The parsed arguments. */
export interface SoakArguments {
  /** Duration. */
  readonly minutes: number;
  /** Number of clients, honest and misbehaving. */
  readonly connections: number;
  /** Seed of the clients' random choices. */
  readonly seed: number;
}

const OPTIONS = {
  minutes: { type: "string", default: "10" },
  connections: { type: "string", default: "2000" },
  seed: { type: "string", default: "1" },
  help: { type: "boolean", default: false },
} as const;

/** The text of `--help`. */
export const HELP = `Usage: deno task soak [options]

Runs this service on free ports with many clients that connect and disconnect:
half of them on the edge listener, half on the frame listener, and half of each
misbehave. It checks every byte of the honest clients' echoes and prints a line
per minute and a verdict. Exit code 0: passed; 1: a message was lost, memory grew
after the second minute, or timers leaked; 2: invalid arguments.

--minutes NUMBER      duration in minutes, from 0.1; default: ${OPTIONS.minutes.default}
--connections NUMBER  number of clients; default: ${OPTIONS.connections.default}
--seed NUMBER         seed of the clients' random choices; default: ${OPTIONS.seed.default}
--help                print this help

Example: deno task soak --minutes 0.5 --connections 200
`;

/**
 * Reads the arguments.
 *
 * @param args the arguments after the program's name
 * @returns `"help"` for `--help`
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
