/**
 * The results of agents as Markdown, for the summary of a CI job.
 *
 * @module
 */

import { FAMILIES } from "../cases.ts";
import type { CaseResult } from "../case/result.ts";
import {
  BEHAVIORS,
  countVerdicts,
  familyOf,
  isFailed,
  summaryOf,
} from "./counts.ts";

/** Failed cases that are listed for an agent. */
const MAX_LISTED = 100;

/**
 * Formats a table of each agent, and its failed cases.
 *
 * @param agents the results of each agent
 */
export function markdownSummary(
  agents: readonly (readonly CaseResult[])[],
): string {
  const parts = agents.filter((results) => results.length > 0).map(agentPart);
  return ["# WebSocket conformance\n", ...parts].join("\n") +
    (parts.length === 0 ? "\nNo results.\n" : "");
}

function agentPart(results: readonly CaseResult[]): string {
  const rows = FAMILIES.flatMap(({ number, title }) => {
    const own = results.filter(({ case: { id } }) => familyOf(id) === number);
    if (own.length === 0) return [];
    const { cases, behaviors, failed } = countVerdicts(own);
    const counts = BEHAVIORS.map((behavior) => behaviors[behavior]);
    const closes = own.filter((result) =>
      isFailed(result) && result.behavior !== "FAILED"
    ).length;
    return [row([`${number} ${title}`, cases, ...counts, closes, failed])];
  });
  const head = ["family", "cases", ...BEHAVIORS, "failed end", "failed"];
  return [
    `## ${escaped(results[0]!.agent)}\n`,
    `${summaryOf(countVerdicts(results))}.\n`,
    row(head),
    row(head.map((_, i) => i === 0 ? "---" : "--:")),
    ...rows,
    "",
    ...failures(results.filter(isFailed)),
  ].join("\n");
}

function failures(failed: readonly CaseResult[]): string[] {
  if (failed.length === 0) return [];
  const rows = failed.slice(0, MAX_LISTED).map((result) => {
    const { case: { id, section, description }, behavior } = result;
    const reason = behavior === "FAILED" ? result.result : result.resultClose;
    const { behaviorClose } = result;
    return row([id, section, behavior, behaviorClose, description, reason]);
  });
  const head = ["case", "rule", "frames", "end", "sent", "why"];
  const left = failed.length - rows.length;
  return [
    row(head),
    row(head.map(() => "---")),
    ...rows,
    "",
    ...(left > 0 ? [`${left} more failed cases.\n`] : []),
  ];
}

function row(cells: readonly (string | number)[]): string {
  return `| ${cells.map((cell) => escaped(String(cell))).join(" | ")} |`;
}

/** Agents have any name: no markup, and no new cell. */
function escaped(text: string): string {
  return text.replace(/[\\`*_{}[\]<>()#|!~]/g, "\\$&").replace(/\s+/g, " ");
}
