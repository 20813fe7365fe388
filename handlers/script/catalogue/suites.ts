/**
 * The part of the catalogue's page about test suites.
 *
 * @module
 */

import { type Html, markup } from "../../../lib/http/markup.ts";
import { stateOfPath } from "../../http/one_thread.ts";
import { FAULTS } from "../faults/table.ts";
import { keptState } from "../notation/kept_state.ts";
import { parsePlan } from "../notation/parse_plan.ts";
import type { Suite, SuiteRow } from "../suites/suite.ts";
import { SUITES } from "../suites/table.ts";
import { cellsOf, consoleLink, ONE_THREAD } from "./html.ts";
import type { ServiceInfo } from "./service_info.ts";

/**
 * The URL of a situation; `undefined`: there is none, or the service cannot run it.
 *
 * @param row of a suite
 * @param service its listeners and threads
 */
export function situationUrlOf(
  row: SuiteRow,
  { bases: { frame }, hasSeveralThreads }: ServiceInfo,
): string | undefined {
  const { path } = row;
  if (path === "" || frame === undefined) return undefined;
  return hasSeveralThreads && situationNeedsOneThread(row)
    ? undefined
    : frame + path;
}

/**
 * Whether the situation keeps state between connections, which threads do not share.
 *
 * @param row of a suite
 */
export function situationNeedsOneThread({ path }: SuiteRow): boolean {
  return NEED_ONE_THREAD.has(path);
}

const NEED_ONE_THREAD: ReadonlySet<string> = new Set(
  SUITES.flatMap(({ rows }) => rows.map(({ path }) => path)).filter(keepsState),
);

function keepsState(path: string): boolean {
  const plan = planOfPath(path);
  return plan === undefined
    ? stateOfPath(path) !== undefined
    : keptState(parsePlan(plan, "frame")) !== undefined;
}

/** The plan of `/do/…` or `/fault/NAME`. */
function planOfPath(path: string): string | undefined {
  const [, kind, rest = ""] = /^\/(do|fault)\/([^?]*)/.exec(path) ?? [];
  return kind === "fault" ? FAULTS.get(rest)?.plan : kind && rest;
}

/**
 * Writes a table for each suite.
 *
 * @param service its listeners and threads
 */
export function suitesOf(service: ServiceInfo): Html[] {
  return SUITES.map((suite) => suiteOf(suite, service));
}

function suiteOf({ name, sources, rows }: Suite, service: ServiceInfo): Html {
  return markup`<section class="card">
<h3><a href="${sources}">${name}</a></h3>
<div class="scroll" tabindex="0" role="group" aria-label="${name}">
<table>
<thead><tr><th>In the suite</th><th>Effect</th><th>Here</th><th>Note</th></tr></thead>
<tbody>
${rows.map((row) => rowOf(row, service))}
</tbody>
</table>
</div>
</section>`;
}

function rowOf(row: SuiteRow, service: ServiceInfo): Html {
  const url = situationUrlOf(row, service);
  const path = markup`<code>${row.template ?? row.path}</code>`;
  const mark = situationNeedsOneThread(row) ? ` ${ONE_THREAD}` : "";
  const cells = cellsOf([
    row.name,
    row.sentence,
    row.path === ""
      ? "–"
      : markup`${url === undefined ? path : consoleLink(url, path)}${mark}`,
    row.note,
  ]);
  return markup`<tr>${cells}</tr>\n`;
}
