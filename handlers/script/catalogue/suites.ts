/**
 * The part of the catalogue's page about test suites.
 *
 * @module
 */

import { type Html, markup } from "../../../lib/http/markup.ts";
import type { Suite, SuiteRow } from "../suites/suite.ts";
import { SUITES } from "../suites/table.ts";
import { cellsOf, consoleLink } from "./html.ts";
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
export function suitesOf(bases: Bases): Html[] {
  return SUITES.map((suite) => suiteOf(suite, bases));
}

function suiteOf({ name, sources, rows }: Suite, bases: Bases): Html {
  return markup`<section class="card">
<h3><a href="${sources}">${name}</a></h3>
<div class="scroll" tabindex="0" role="group" aria-label="${name}">
<table>
<thead><tr><th>In the suite</th><th>Effect</th><th>Here</th><th>Note</th></tr></thead>
<tbody>
${rows.map((row) => rowOf(row, bases))}
</tbody>
</table>
</div>
</section>`;
}

function rowOf(row: SuiteRow, bases: Bases): Html {
  const url = urlOf(row, bases);
  const path = markup`<code>${row.template ?? row.path}</code>`;
  const cells = cellsOf([
    row.name,
    row.sentence,
    row.path === "" ? "–" : url === undefined ? path : consoleLink(url, path),
    row.note,
  ]);
  return markup`<tr>${cells}</tr>\n`;
}
