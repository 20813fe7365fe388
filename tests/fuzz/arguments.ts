/**
 * The arguments of `deno task fuzz`.
 *
 * @module
 */

import {
  parseOptions,
  readName,
  readNumber,
} from "../../lib/config/arguments.ts";

/** The parsed arguments. */
export interface FuzzArguments {
  /** Seconds per target. */
  readonly seconds: number;
  /** Seed of the inputs. */
  readonly seed: number;
  /** Names of the targets. */
  readonly targets: readonly string[];
}

const MAX_SEED = 2 ** 31 - 1;

const OPTIONS = {
  seconds: { type: "string", default: "60" },
  seed: { type: "string" },
  help: { type: "boolean", default: false },
} as const;

/**
 * The text of `--help`.
 *
 * @param names of all targets
 */
export function help(names: readonly string[]): string {
  return `Usage: deno task fuzz [options] [TARGET …]

Fuzzes the parsers of external input: calls them in a thread, without a
listener. Prints its seed; the same seed gives the same inputs. For a failure,
prints the shortest input that causes it. Exit code 0: no failure; 1: an input
fails or takes more than a second, or memory grows; 2: invalid arguments.

TARGET …          ${names.join(", ")};
                  default: all
--seconds NUMBER  seconds per target; default: ${OPTIONS.seconds.default}
--seed NUMBER     seed, from 0 to ${MAX_SEED}; default: a random one
--help            print this help

Example: deno task fuzz --seconds 10 --seed 1 frames`;
}

/**
 * Reads the arguments.
 *
 * @param args the arguments after the program's name
 * @param names of all targets
 * @returns `"help"` for `--help`
 * @throws {UsageError} invalid arguments
 */
export function readArguments(
  args: readonly string[],
  names: readonly string[],
): FuzzArguments | "help" {
  const { values, positionals } = parseOptions(args, OPTIONS, "TARGET");
  if (values.help) return "help";
  return {
    seconds: readNumber("--seconds", values.seconds, {
      from: 0.1,
      to: 86_400,
      isFraction: true,
    }),
    seed: values.seed === undefined
      ? Date.now() % MAX_SEED
      : readNumber("--seed", values.seed, { from: 0, to: MAX_SEED }),
    targets: positionals.length === 0
      ? names
      : positionals.map((name) => readName(undefined, name, names)),
  };
}
