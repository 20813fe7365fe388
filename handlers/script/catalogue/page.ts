/**
 * The catalogue as a page.
 *
 * @module
 */

import { type Html, markup } from "../../../lib/http/markup.ts";
import {
  type CatalogueRow,
  exampleUrlOf,
  FAULT_ROWS,
  STEP_ROWS,
} from "./rows.ts";
import { cellsOf, consoleLink, ONE_THREAD } from "./html.ts";
import type { ServiceInfo } from "./service_info.ts";
import { suitesOf } from "./suites.ts";

/**
 * Writes the page: a table for each group of named plans and of steps.
 *
 * @param service its listeners and threads
 * @param stylePath path of the page's own style sheet
 */
export function cataloguePage(service: ServiceInfo, stylePath: string): string {
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Faults and steps – ws-echo-server</title>
<link rel="icon" href="/console/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/console/style.css">
<link rel="stylesheet" href="${stylePath}">
</head>
<body>
<main class="catalogue">
<h1>Faults and steps</h1>
<p>Connect a client to one of these URLs to see how it reacts. A link opens the URL in
the <a href="/">console</a>. A plan is a path of steps:
<code>/do/text:hello/wait:500/close:1001</code>. A named plan is a
<code>/fault/NAME</code>. A row with the mark ${ONE_THREAD}
works with <code>WORKERS=1</code> only, since it shares data with other connections of the
client. This list is JSON for <code>Accept: application/json</code>.</p>
<h2>Named plans</h2>
${groupsOf(FAULT_ROWS, service, "Plan")}
<h2>Steps</h2>
${groupsOf(STEP_ROWS, service, "Form")}
<h2>Test suites of clients</h2>
${suitesOf(service)}
</main>
</body>
</html>
`.text;
}

function groupsOf(
  rows: readonly CatalogueRow[],
  service: ServiceInfo,
  notation: string,
): Html[] {
  return Object.entries(Object.groupBy(rows, ({ group }) => group))
    .map(([group, rows]) =>
      markup`<section class="card">
<h3>${group}</h3>
<div class="scroll" tabindex="0" role="group" aria-label="${group}">
<table>
<thead><tr><th>Name</th><th>Effect</th><th>A correct client</th><th>${notation}</th><th>Rule</th><th>Suites</th></tr></thead>
<tbody>
${rows!.map((row) => rowOf(row, service))}
</tbody>
</table>
</div>
</section>
`
    );
}

function rowOf(row: CatalogueRow, service: ServiceInfo): Html {
  const cells = cellsOf([
    nameOf(row, service),
    row.sentence,
    row.client,
    markup`<code>${row.notation}</code>`,
    linksOf(row.section),
    row.suites.join(", "),
  ]);
  const id = row.path.startsWith("/fault/") ? row.name : `step-${row.name}`;
  return markup`<tr id="${id}">${cells}</tr>\n`;
}

/** The name, as a link that opens the example in the console. */
function nameOf(row: CatalogueRow, service: ServiceInfo): Html {
  const url = exampleUrlOf(row, service);
  const name = markup`<code>${row.name}</code>`;
  const link = url === undefined ? name : consoleLink(url, name);
  if (row.needsOneThread) return markup`${link} ${ONE_THREAD}`;
  return url === undefined ? markup`${link} (needs the frame listener)` : link;
}

/** Links the sections of RFCs. */
function linksOf(sections: string): Html[] {
  return sections.split(", ").filter(Boolean).map((section, i, all) => {
    const [, rfc, number] = /^(?:RFC (\d+) )?§([\d.]+)$/.exec(section) ?? [];
    const named = rfc ?? /RFC (\d+)/.exec(all.slice(0, i).join())?.[1];
    const url = `https://www.rfc-editor.org/rfc/rfc${named}#section-${number}`;
    const link = markup`<a href="${url}">${section}</a>`;
    return i === 0 ? link : markup`, ${link}`;
  });
}
