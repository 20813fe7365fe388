/**
 * The expected reactions: `expected.json`.
 *
 * @module
 */

import expected from "./expected.json" with { type: "json" };
import type { Reaction, TimedReaction } from "./react.ts";

/** A reaction without the fields that have their usual values. */
export type Cell = Partial<Reaction> & {
  /** Seconds until a slow client reported the end. */
  readonly seconds?: number;
};

/** What is expected of a client. */
export interface Expectation {
  /** The version that was recorded. */
  readonly version: string;
  /** The reactions by the names of the plans. */
  readonly reactions: Readonly<Record<string, Cell>>;
}

/** The expectations by the names of the clients. */
export const EXPECTED = expected as Readonly<Record<string, Expectation>>;

/** The values that a cell leaves out. */
const USUAL: Reaction = {
  opened: true,
  ended: true,
  code: null,
  clean: null,
  error: null,
  messages: [],
  sends: null,
  verdict: null,
  violates: [],
};

/** Seconds from which on a cell has the time. */
export const SLOW_FROM = 3;

/**
 * The cell of a reaction.
 *
 * @param reaction of a client
 * @param isSlow whether the cell has the time
 */
export function cellOf(
  { ms, ...reaction }: TimedReaction,
  isSlow: boolean,
): Cell {
  const cell: Record<string, unknown> = {};
  for (const [name, usual] of Object.entries(USUAL)) {
    const value = reaction[name as keyof Reaction];
    if (JSON.stringify(value) !== JSON.stringify(usual)) cell[name] = value;
  }
  const seconds = Math.round((ms ?? 0) / 1000);
  if (isSlow && reaction.verdict === null && seconds >= SLOW_FROM) {
    cell.seconds = seconds;
  }
  return cell;
}

/**
 * The reaction of a cell.
 *
 * @param cell of `expected.json`
 */
export function reactionIn(cell: Cell): Reaction {
  return { ...USUAL, ...cell };
}

/**
 * Replaces reactions in `expected.json`.
 *
 * @param client name of the client
 * @param version of the client
 * @param cells the new reactions by the names of the plans
 * @param names of all plans, in order
 */
export async function record(
  client: string,
  version: string,
  cells: Readonly<Record<string, Cell>>,
  names: readonly string[],
): Promise<void> {
  const file = new URL("expected.json", import.meta.url);
  const all = JSON.parse(await Deno.readTextFile(file));
  const before = all[client]?.reactions ?? {};
  all[client] = {
    version,
    reactions: Object.fromEntries(
      names.map((name) => [name, cells[name] ?? before[name] ?? {}]),
    ),
  };
  await Deno.writeTextFile(file, textOf(all));
}

/** One line for each reaction. */
function textOf(all: Readonly<Record<string, Expectation>>): string {
  const clients = Object.entries(all).map(([name, { version, reactions }]) => {
    const lines = Object.entries(reactions).map(([plan, cell]) =>
      `      ${JSON.stringify(plan)}: ${JSON.stringify(cell)}`
    );
    return `  ${JSON.stringify(name)}: {
    "version": ${JSON.stringify(version)},
    "reactions": {
${lines.join(",\n")}
    }
  }`;
  });
  return `{\n${clients.join(",\n")}\n}\n`;
}
