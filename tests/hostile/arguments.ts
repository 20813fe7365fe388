/**
 * The arguments of `deno task attack`.
 *
 * @module
 */

import {
  parseOptions,
  readName,
  readNumber,
  UsageError,
} from "../../lib/config/arguments.ts";

/** The parsed arguments. */
export interface AttackArguments {
  /** The listener of this service. */
  readonly listener: "edge" | "frame";
  /** The command of another server to attack. */
  readonly server: string | undefined;
  /** Seconds of each attack. */
  readonly seconds: number;
  /** Number of attackers; the attack's own number without it. */
  readonly clients: number | undefined;
  /** Names of the attacks. */
  readonly attacks: readonly string[];
}

const LISTENERS = ["edge", "frame"] as const;

const OPTIONS = {
  listener: { type: "string" },
  server: { type: "string" },
  seconds: { type: "string", default: "5" },
  clients: { type: "string" },
  help: { type: "boolean", default: false },
} as const;

/**
 * The text of `--help`.
 *
 * @param names of all attacks
 */
export function help(names: readonly string[]): string {
  return `Usage: deno task attack [options] [NAME …]

Attacks a server and prints, for each attack, the server's memory and files and
the response times of an honest client. Each attack has a server of its own: this
service on free ports, or another one. Exit code 0: done; 2: invalid arguments.

NAME …                 part of an attack's name; default: every attack
--listener edge|frame  the listener of this service to attack; default: frame
--server COMMAND       another server: the command prints "port N" first, and the
                       server's echo is at /ws. npm installs the packages of the
                       servers in tests/other_servers/servers/
--seconds NUMBER       seconds per attack; default: ${OPTIONS.seconds.default}
--clients NUMBER       number of attackers; default: that of each attack
--help                 print this help

Attacks: ${names.join("\n         ")}

Examples: deno task attack --listener edge floods
          deno task attack PING \\
            --server "node tests/other_servers/servers/ws.cjs"`;
}

/**
 * Reads the arguments.
 *
 * @param args the arguments after the program's name
 * @param names of all attacks
 * @returns `"help"` for `--help`
 * @throws {UsageError} invalid arguments
 */
export function readArguments(
  args: readonly string[],
  names: readonly string[],
): AttackArguments | "help" {
  const { values, positionals } = parseOptions(args, OPTIONS, "NAME");
  const { listener, server, seconds, clients } = values;
  if (values.help) return "help";
  if (listener !== undefined && server !== undefined) {
    throw new UsageError("--listener and --server exclude each other");
  }
  return {
    listener: readName("--listener", listener ?? "frame", LISTENERS),
    server,
    seconds: readNumber("--seconds", seconds, {
      from: 0.1,
      to: 86_400,
      isFraction: true,
    }),
    clients: clients === undefined
      ? undefined
      : readNumber("--clients", clients, { from: 1, to: 100_000 }),
    attacks: chosen(positionals, names),
  };
}

function chosen(
  words: readonly string[],
  names: readonly string[],
): readonly string[] {
  for (const word of words) {
    if (!names.some((name) => name.includes(word))) {
      readName(undefined, word, names);
    }
  }
  return names.filter((name) =>
    words.length === 0 || words.some((word) => name.includes(word))
  );
}
