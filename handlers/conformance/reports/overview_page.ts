/**
 * The page at `/conformance/`: agents × cases, with filters that need no script.
 *
 * @module
 */

import type { Case } from "../../../lib/conformance/case/case.ts";
import type { CaseResult } from "../../../lib/conformance/case/result.ts";
import { CASES, FAMILIES } from "../../../lib/conformance/cases.ts";
import {
  countVerdicts,
  familyOf,
  isFailed,
  summaryOf,
} from "../../../lib/conformance/reports/counts.ts";
import type { FileNames } from "../../../lib/conformance/reports/file_names.ts";
import { type Html, markup } from "../../../lib/http/markup.ts";
import { classOf, pageOf } from "./html.ts";

/** Agents on the page; `style.css` has a filter for each. */
export const MAX_COLUMNS = 8;

/** An agent with its results. */
export interface AgentResults {
  /** Its name. */
  readonly agent: string;
  /** Its results in the suite's order. */
  readonly results: readonly CaseResult[];
}

/**
 * Makes the page.
 *
 * @param shown the agents in the table, at most {@linkcode MAX_COLUMNS}
 * @param others names of the other agents
 * @param names of the files
 */
export function overviewPage(
  shown: readonly AgentResults[],
  others: readonly string[],
  names: FileNames,
): string {
  if (shown.length === 0) return pageOf("Conformance", nothing(others));
  const byAgent = shown.map(({ results }) =>
    new Map(results.map((result) => [result.case.id, result]))
  );
  const cases = CASES.filter(({ id }) => byAgent.some((own) => own.has(id)));
  const rows = cases.map((testCase) =>
    row(testCase, byAgent.map((own) => own.get(testCase.id)), names)
  );
  return pageOf(
    "Conformance",
    markup`
${agentsCard(shown, others)}
<section class="card" aria-labelledby="cases-title">
<h2 id="cases-title">Cases</h2>
${filters(cases, shown)}
<div class="table" tabindex="0" role="region" aria-label="Verdicts">
<table>
<thead><tr><th scope="col">case</th><th scope="col">sent</th>${
      shown.map(({ agent }, i) =>
        markup`<th scope="col" class="agent-${i + 1}">${agent}</th>`
      )
    }</tr></thead>
<tbody>
${rows}</tbody>
</table>
</div>
</section>`,
  );
}

function nothing(others: readonly string[]): Html {
  return markup`<section class="card"><h2>${
    others.length === 0 ? "No results" : "No such agent"
  }</h2>
<p>Run the driver of a WebSocket client against the frame listener, with the URL of the suite’s fuzzing server replaced by this server’s. Its results appear here after each case.</p>
${otherAgents(others)}</section>`;
}

function agentsCard(
  shown: readonly AgentResults[],
  others: readonly string[],
): Html {
  const rows = shown.map(({ agent, results }) => {
    const counts = countVerdicts(results);
    const query = `?agent=${encodeURIComponent(agent)}`;
    return markup`<tr><th scope="row"><a href="${query}">${agent}</a></th><td>${counts.cases}</td><td class="${
      counts.failed === 0 ? "ok" : "failed"
    }">${summaryOf(counts)}</td></tr>
`;
  });
  return markup`<section class="card" aria-labelledby="agents-title">
<h2 id="agents-title">Agents</h2>
<table class="agents">
<thead><tr><th scope="col">agent</th><th scope="col">cases</th><th scope="col">results</th></tr></thead>
<tbody>
${rows}</tbody>
</table>
<p class="links"><a href="index.json">index.json</a> <a href="junit.xml">junit.xml</a> <a href="summary.md">summary.md</a> <a href="badge.svg">badge.svg</a></p>
${otherAgents(others)}</section>`;
}

function otherAgents(others: readonly string[]): Html | undefined {
  if (others.length === 0) return undefined;
  return markup`<p class="links">Other agents: ${
    others.map((agent) =>
      markup`<a href="?agent=${encodeURIComponent(agent)}">${agent}</a> `
    )
  }</p>`;
}

function filters(
  cases: readonly Case[],
  shown: readonly AgentResults[],
): Html {
  const families = FAMILIES.filter(({ number }) =>
    cases.some(({ id }) => familyOf(id) === number)
  );
  return markup`<div class="filters">
<fieldset class="chips"><legend>Verdict</legend>
${chip("verdict", "show-all", "All", true)}
${chip("verdict", "show-notok", "Not OK")}
${chip("verdict", "show-failed", "Failed")}
</fieldset>
<fieldset class="chips"><legend>Family</legend>
${chip("family", "family-all", "All", true)}
${
    families.map(({ number, title }) =>
      chip("family", `family-${number}`, `${number} ${title}`)
    )
  }
</fieldset>
<fieldset class="chips"><legend>Agent</legend>
${
    shown.map(({ agent }, i) =>
      markup`<label class="chip"><input type="checkbox" id="show-agent-${
        i + 1
      }" checked><span>${agent}</span></label>`
    )
  }
</fieldset>
</div>`;
}

function chip(name: string, id: string, text: string, checked = false): Html {
  return markup`<label class="chip"><input type="radio" name="${name}" id="${id}"${
    checked ? markup` checked` : undefined
  }><span>${text}</span></label>`;
}

function row(
  testCase: Case,
  results: readonly (CaseResult | undefined)[],
  names: FileNames,
): Html {
  const { id, description } = testCase;
  return markup`<tr data-family="${
    familyOf(id)
  }"><th scope="row">${id}</th><td>${description}</td>${
    results.map((result, i) => cell(result, i + 1, names))
  }</tr>
`;
}

function cell(
  result: CaseResult | undefined,
  column: number,
  names: FileNames,
): Html {
  if (result === undefined) return markup`<td class="agent-${column}">–</td>`;
  const { agent, behavior, behaviorClose, case: { id } } = result;
  const end = behaviorClose === "OK" || behaviorClose === behavior
    ? undefined
    : markup` <small>end ${behaviorClose}</small>`;
  const color = isFailed(result) ? "failed" : classOf(behavior);
  return markup`<td class="agent-${column} ${color}"><a href="${
    names.of(agent, id, "html")
  }">${behavior}</a>${end}</td>`;
}
