/**
 * The command lines of the tasks, such as `deno task probe`: options, numbers and error
 * messages.
 *
 * @module
 */

import { parseArgs, type ParseArgsConfig } from "node:util";

/** An invalid argument; the message is one line that says what is allowed. */
export class UsageError extends Error {
  /** The class's name. */
  override readonly name = "UsageError";
}

/** Options as `node:util` describes them. */
export type OptionsConfig = NonNullable<ParseArgsConfig["options"]>;

/** The result of {@linkcode parseOptions}. */
export type Parsed<Options extends OptionsConfig> = ReturnType<
  typeof parseArgs<{ options: Options; allowPositionals: true }>
>;

type ParsedTokens<Options extends OptionsConfig> = ReturnType<
  typeof parseArgs<{ options: Options; allowPositionals: true; tokens: true }>
>;

/**
 * Separates options from positional arguments.
 *
 * @param args the command line without the program's name
 * @param options the known options
 * @param positionals name of the positional arguments; `undefined`: none is allowed
 * @throws {UsageError} an unknown option, a missing or an unexpected value, or a second
 * value of an option that is not `multiple`
 */
export function parseOptions<const Options extends OptionsConfig>(
  args: readonly string[],
  options: Options,
  positionals?: string,
): Parsed<Options> {
  const allowed = Object.keys(options).map((name) => `--${name}`);
  if (positionals !== undefined) allowed.unshift(positionals);
  let parsed: ParsedTokens<Options>;
  try {
    parsed = parseArgs({
      args: withNegatives(args, options),
      options,
      allowPositionals: true,
      tokens: true,
    });
  } catch (error) {
    const [reason = ""] = (error as Error).message.split(/\.\s/, 1);
    throw new UsageError(`${reason}; allowed: ${allowed.join(", ")}`);
  }
  const [first] = parsed.positionals;
  if (positionals === undefined && first !== undefined) {
    throw new UsageError(`not "${first}"; allowed: ${allowed.join(", ")}`);
  }
  checkSingleValues(parsed.tokens, options);
  return parsed;
}

/**
 * Refuses a second value of an option, of which `parseArgs` would take the last. A flag
 * may be repeated: it has no value.
 */
function checkSingleValues(
  tokens: ParsedTokens<OptionsConfig>["tokens"],
  options: OptionsConfig,
): void {
  const withValue = new Set<string>();
  for (const token of tokens) {
    if (token.kind !== "option" || token.value === undefined) continue;
    const { name } = token;
    if (withValue.has(name) && options[name]?.multiple !== true) {
      throw new UsageError(`--${name} is given twice; allowed: one value`);
    }
    withValue.add(name);
  }
}

/** Joins a negative number with its option, because `parseArgs` takes it for an option. */
function withNegatives(
  args: readonly string[],
  options: OptionsConfig,
): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const before = joined.at(-1) ?? "";
    const takesValue = options[before.replace(/^--/, "")]?.type === "string";
    if (takesValue && /^-\d/.test(arg)) {
      joined.splice(-1, 1, `${before}=${arg}`);
    } else joined.push(arg);
  }
  return joined;
}

/** The numbers that are allowed. */
export interface NumberRange {
  /** The minimum. */
  readonly from: number;
  /** The maximum. */
  readonly to: number;
  /** Whether a fraction is allowed. */
  readonly isFraction?: boolean;
}

/**
 * Reads a number in decimal notation.
 *
 * @param option name of the option, such as `--count`
 * @param text its value
 * @param range the allowed numbers
 * @throws {UsageError} any other text
 */
export function readNumber(
  option: string,
  text: string,
  { from, to, isFraction = false }: NumberRange,
): number {
  const pattern = isFraction ? /^\d{1,15}(\.\d{1,9})?$/ : /^\d{1,15}$/;
  const value = pattern.test(text) ? Number(text) : NaN;
  if (value >= from && value <= to) return value;
  const kind = isFraction ? "a number" : "a whole number";
  throw new UsageError(
    `${option}: not "${text}"; allowed: ${kind} from ${from} to ${to}`,
  );
}

/**
 * Reads one of some names.
 *
 * @param option name of the option; `undefined` for a positional argument
 * @param text its value
 * @param names the allowed names
 * @throws {UsageError} any other text
 */
export function readName<const Name extends string>(
  option: string | undefined,
  text: string,
  names: readonly Name[],
): Name {
  const name = names.find((name) => name === text);
  if (name !== undefined) return name;
  const where = option === undefined ? "" : `${option}: `;
  throw new UsageError(`${where}not "${text}"; allowed: ${names.join(", ")}`);
}

/**
 * Runs a command and ends the process with its exit code, or with 2 and one line
 * if the arguments are invalid.
 *
 * @param name name of the command's task
 * @param main gets the arguments and returns the exit code
 */
export async function runCommand(
  name: string,
  main: (args: readonly string[]) => number | Promise<number>,
): Promise<never> {
  try {
    Deno.exit(await main(Deno.args));
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`${name}: ${error.message}`);
    Deno.exit(2);
  }
}
