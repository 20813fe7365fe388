/**
 * The table "How clients react", written from the expected reactions.
 *
 * @module
 */

import { FAULTS } from "../../handlers/script/faults/table.ts";
import { type Cell, EXPECTED, reactionIn } from "./expected.ts";
import { SLOW_LIMIT } from "./plan.ts";

/** The columns: the plan, and each client. */
export const COLUMNS: readonly string[] = ["fault", ...Object.keys(EXPECTED)];

/** The cells of each plan, as text. */
export function rows(): string[][] {
  return [...FAULTS.keys()].map((plan) => [
    `\`${plan}\``,
    ...Object.values(EXPECTED).map(({ reactions }) =>
      textOf(reactions[plan] ?? {})
    ),
  ]);
}

/** The table in Markdown. */
export function table(): string {
  const lines = [COLUMNS, COLUMNS.map(() => "---"), ...rows()];
  return lines.map((cells) => `| ${cells.join(" | ")} |\n`).join("");
}

const MARKS = { "passed": "✓", "failed": "✗", "not tested": "?" } as const;

function textOf(cell: Cell): string {
  const reaction = reactionIn(cell);
  const { verdict, messages, opened, ended, code, clean, sends } = reaction;
  const end = !ended
    ? opened ? "stays open" : "waits"
    : !opened
    ? NO_OFFER.test(reaction.error ?? "") ? "no offer" : "refuses"
    : [code ?? "ends", ...(clean === true ? ["clean"] : [])].join(" ");
  const texts = [
    ...messages.map((message) => `“${message}”`),
    `${end}${timeOf(cell)}`,
    ...(sends === null ? [] : [`sends ${sends === 1005 ? "CLOSE" : sends}`]),
  ];
  return [...(verdict === null ? [] : [MARKS[verdict]]), texts.join(", ")]
    .join(" ");
}

/** Errors of clients that did not offer what a plan needs: the server refuses them. */
const NO_OFFER = /400|BadStatus/;

/** The time of a plan that waits for the client. */
function timeOf({ seconds = 0 }: Cell): string {
  return seconds > 0 ? ` after ${seconds} s` : "";
}

/** Seconds that a client had for a plan which it does not end. */
export const WAITED = SLOW_LIMIT / 1000;
