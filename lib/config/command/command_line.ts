/**
 * The command line of the service: every setting is an option, such as `--frame-port` for
 * `FRAME_PORT`.
 *
 * @module
 */

import { parseOptions, UsageError } from "../arguments.ts";
import { helpText } from "./help.ts";
import { type Env, optionOf, type SettingName, SETTINGS } from "../settings.ts";
import { VERSION } from "../version.ts";

/** A command line. */
export interface CommandLine {
  /**
   * The text that the service prints instead of a start: for `--help` and `--version`.
   */
  readonly answer: string | undefined;
  /** Whether the service prints a `READY` line when it listens. */
  readonly ready: boolean;
  /** Whether the service shuts down when its parent process has ended. */
  readonly withParent: boolean;
  /**
   * Looks a setting up: an option comes before its variable.
   *
   * @param env looks a variable up
   */
  over(env: Env): Env;
}

const NAMES = Object.keys(SETTINGS) as SettingName[];

const OPTIONS = {
  ready: { type: "boolean" },
  "exit-with-parent": { type: "boolean" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "V" },
  ...Object.fromEntries(
    NAMES.map((name) => [optionOf(name), { type: "string" as const }]),
  ),
} as const;

/**
 * Reads a command line.
 *
 * @param args the arguments
 * @throws {UsageError} an unknown argument, or a value that is not allowed
 */
export function readCommandLine(args: readonly string[]): CommandLine {
  const values = valuesOf(args);
  const settings = new Map<string, string>();
  for (const name of NAMES) {
    const value = values[optionOf(name)];
    if (typeof value === "string") settings.set(name, checked(name, value));
  }
  return {
    answer: values.help
      ? helpText()
      : values.version
      ? `ws-echo-server ${VERSION}`
      : undefined,
    ready: values.ready === true,
    withParent: values["exit-with-parent"] === true,
    over: (env) => (name) => settings.get(name) ?? env(name),
  };
}

/** The list of all options would be too long for a line. */
function valuesOf(args: readonly string[]): Readonly<Record<string, unknown>> {
  try {
    return parseOptions(args, OPTIONS).values;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    const [fault] = error.message.split("; allowed: ", 1);
    throw new UsageError(`${fault}; see deno task start --help`);
  }
}

function checked(name: SettingName, value: string): string {
  const { kind } = SETTINGS[name];
  const text = value.trim();
  if (text !== "" && kind.parse(text) !== undefined) return text;
  const shown = "isSecret" in kind ? "" : `not ${JSON.stringify(value)}; `;
  throw new UsageError(`--${optionOf(name)}: ${shown}allowed: ${kind.allowed}`);
}
