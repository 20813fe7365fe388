/**
 * The page of one case and one agent.
 *
 * @module
 */

import type { ExpectedEvent } from "../../../lib/conformance/case/case.ts";
import type { CaseResult } from "../../../lib/conformance/case/result.ts";
import type { FileNames } from "../../../lib/conformance/reports/file_names.ts";
import { caseReport } from "../../../lib/conformance/reports/suite_report.ts";
import { type Html, markup } from "../../../lib/http/markup.ts";
import { classOf, pageOf } from "./html.ts";
import { wireSequence } from "./wire_sequence.ts";

/**
 * Makes the page.
 *
 * @param result of the case
 * @param all results of the same agent, for the links to the next and the last case
 * @param names of the files
 */
export function casePage(
  result: CaseResult,
  all: readonly CaseResult[],
  names: FileNames,
): string {
  const { case: testCase, agent, behavior, behaviorClose, end, role } = result;
  const { id, section, description, expectation } = testCase;
  const report = caseReport(result);
  return pageOf(
    `${id}: ${agent}`,
    markup`
<section class="card" aria-label="result">
<nav class="links">${links(result, all, names)}</nav>
<dl class="facts">
<dt>Sent</dt><dd>${description}</dd>
<dt>Expected</dt><dd>${expectation}</dd>
<dt>Rule</dt><dd>${section}</dd>
<dt>Frames</dt><dd><b class="${
      classOf(behavior)
    }">${behavior}</b> ${result.result}</dd>
<dt>End</dt><dd><b class="${
      classOf(behaviorClose)
    }">${behaviorClose}</b> ${result.resultClose}</dd>
<dt>Close codes</dt><dd>${role === "server" ? "server" : "client"} ${
      codeOf(end.localCloseCode)
    }, ${role === "server" ? "client" : "server"} ${
      codeOf(end.remoteCloseCode)
    }</dd>
<dt>Time</dt><dd>${
      new Date(result.started).toISOString()
    }, ${result.duration} ms</dd>
${events(result)}</dl>
</section>
<section class="card" aria-labelledby="wire-title">
<h2 id="wire-title">Wire log</h2>
${wireSequence(result.wireLog, result.omitted, role)}
</section>
<section class="card" aria-labelledby="http-title">
<h2 id="http-title">Opening handshake</h2>
<pre>${String(report.httpRequest)}</pre>
<pre>${result.httpResponse}</pre>
</section>`,
  );
}

function links(
  { agent, case: { id } }: CaseResult,
  all: readonly CaseResult[],
  names: FileNames,
): Html[] {
  const at = all.findIndex((result) => result.case.id === id);
  const link = (place: number, text: string) => {
    const other = all[place];
    return other === undefined
      ? markup``
      : markup`<a href="${
        names.of(agent, other.case.id, "html")
      }">${text} ${other.case.id}</a> `;
  };
  return [
    markup`<a href="index.html">All cases</a> `,
    link(at - 1, "←"),
    link(at + 1, "→"),
    markup`<a href="${names.of(agent, id, "json")}">JSON</a>`,
  ];
}

function codeOf(code: number | null): string {
  return code === null ? "none" : String(code);
}

/** The events of a program that compares them. */
function events({ case: { program }, received }: CaseResult): Html | undefined {
  if (program.kind !== "exchange") return undefined;
  const expected = program.ok.map((event) =>
    event.kind === "timeout"
      ? event
      : { ...event, length: event.payload.length }
  );
  return markup`<dt>Events</dt><dd>expected ${listed(expected)}; received ${
    listed(received)
  }</dd>
`;
}

function listed(
  events: readonly {
    readonly kind: ExpectedEvent["kind"];
    readonly length?: number;
    readonly opcode?: string;
    readonly tag?: string;
  }[],
): string {
  if (events.length === 0) return "none";
  return events.map(({ kind, length, opcode = "", tag }) => {
    if (kind === "timeout") return `still open after wait ${tag}`;
    const name = kind === "message" ? `${opcode} message` : "PONG";
    return `${name} of ${length} bytes`;
  }).join(", ");
}
