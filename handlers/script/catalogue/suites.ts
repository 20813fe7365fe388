/**
 * The part of the catalogue's page about test suites.
 *
 * @module
 */

import type { Suite, SuiteRow } from "../suites/suite.ts";
import { SUITES } from "../suites/table.ts";
import { consoleLink, escaped } from "./html.ts";
import type { Bases } from "./routes.ts";

/**
 * The URL of a situation; `undefined`: there is none, or no frame listener.
 *
 * @param row of a suite
 * @param bases URLs of the listeners
 */
export function urlOf(
  { path }: SuiteRow,
  { frame }: Bases,
): string | undefined {
  return path === "" || frame === undefined ? undefined : frame + path;
}

/**
 * Writes a table for each suite.
 *
 * @param bases URLs of the listeners
 */
export function suitesOf(bases: Bases): string {
  return SUITES.map((suite) => suiteOf(suite, bases)).join("\n");
}

function suiteOf({ name, sources, rows }: Suite, bases: Bases): string {
  return `<section class="card">
<h3><a href="${escaped(sources)}">${escaped(name)}</a></h3>
<div class="scroll" tabindex="0" role="group" aria-label="${escaped(name)}">
<table>
<thead><tr><th>In the suite</th><th>Effect</th><th>Here</th><th>Note</th></tr></thead>
<tbody>
${rows.map((row) => rowOf(row, bases)).join("\n")}
</tbody>
</table>
</div>
</section>`;
}

function rowOf(row: SuiteRow, bases: Bases): string {
  const url = urlOf(row, bases);
  const path = `<code>${escaped(row.path)}</code>`;
  const cells = [
    escaped(row.name),
    escaped(row.sentence),
    row.path === "" ? "–" : url === undefined ? path : consoleLink(url, path),
    escaped(row.note ?? ""),
  ];
  return `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`;
}
