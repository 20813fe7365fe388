/**
 * A journal as a page, in the look of the console: for each connection the verdict, the
 * timeline and the handshake. The page has no script.
 *
 * @module
 */

import { Html, markup } from "../../../lib/http/markup.ts";
import type { Journal } from "../record/journal.ts";
import type { ConnectionRecord } from "../record/connection_record.ts";
import { type Entry, type FrameEntry, isFrame } from "../record/entry.ts";
import type { Head } from "../record/head.ts";
import { closeStartedBy, codeOf, isOpcode } from "../verdict/facts.ts";
import { judge, type Verdict } from "../verdict/verdict.ts";
import { entriesNow } from "./entries_now.ts";
import { hexKey, opcodeName, reasonOf, textOrHex } from "./json.ts";
import style from "./page.css" with { type: "text" };

/** The body of a response, and its own header fields. */
export interface Page {
  /** The body in pieces. */
  readonly pieces: Iterable<string>;
  /** The fields. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Makes the page of a journal.
 *
 * @param journal with its connections
 */
export function journalPage(journal: Journal): Page {
  const nonce = crypto.randomUUID();
  return {
    pieces: pieces(journal, nonce),
    headers: {
      "content-security-policy":
        `default-src 'none'; style-src 'self' 'nonce-${nonce}'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    },
  };
}

/** The text of the page. */
function* pieces(journal: Journal, nonce: string): Generator<string> {
  const path = `/journal/${encodeURIComponent(journal.name)}`;
  yield markup`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>Journal ${journal.name}</title>
        <link rel="icon" href="/console/icon.svg" type="image/svg+xml">
        <link rel="stylesheet" href="/console/style.css">
        <style nonce="${nonce}">${new Html(style)}</style>
      </head>
      <body>
        <header class="bar">
          <h1>Journal ${journal.name}</h1>
        </header>
        <main>
          <p><a href="/">Console</a> · <a href="${path}?format=json">JSON</a> ·
    <a href="${path}?format=ndjson">NDJSON</a> · <a href="${path}?format=har">HAR</a></p>
  `.text;
  const all = [...journal.connections];
  for (const record of all) {
    yield* connectionPieces(record, judge(record, all));
  }
  yield markup`
    </main>
    </body>
    </html>
  `.text;
}

function* connectionPieces(
  record: ConnectionRecord,
  verdict: Verdict,
): Generator<string> {
  const entries = entriesNow(record);
  const { id, listener, shows, remoteAddress, state, duration } = record;
  const { passed, failed, "not tested": untested } = verdict.counts;
  const started = closeStartedBy(record);
  const end = started === undefined ? "" : `; the ${started} started the close`;
  yield markup`
    <section aria-labelledby="connection-${id}">
    <h2 id="connection-${id}">Connection ${id}: ${state}</h2>
    <p>${listener} listener, ${shows}, from ${remoteAddress}, ${
    Math.round(
      duration,
    )
  } ms${end}</p>
    <p><span class="failed">${failed} failed</span>,
    <span class="passed">${passed} passed</span>,
    <span class="untested">${untested} not tested</span></p>
    <h3>Verdict</h3>
    <div class="scroll" role="region" aria-label="Verdict of connection ${id}" tabindex="0"><table>
    <thead><tr><th>result</th><th>rule</th><th>section</th><th>seen</th><th>entries</th></tr></thead>
    <tbody>${rulesHtml(verdict)}</tbody>
    </table></div>
    <h3>Timeline</h3>
    <div class="scroll" role="region" aria-label="Timeline of connection ${id}" tabindex="0"><table>
    <thead><tr><th>n</th><th>ms</th><th>from</th><th>entry</th><th>bytes</th><th>content</th></tr></thead>
    <tbody>
  `.text;
  for (const entry of entries) yield entryHtml(entry).text;
  yield markup`
    </tbody>
    </table></div>
    ${
    record.omitted === 0
      ? ""
      : markup`<p>${record.omitted} entries were left out.</p>`
  }
    <h3>Request</h3>
    ${headHtml(record.request)}
    <h3>Response</h3>
    ${headHtml(record.response)}
    </section>
  `.text;
}

/** The failed rules come first, then the passed ones. */
function rulesHtml({ rules }: Verdict): Html[] {
  const order = ["failed", "passed", "not tested"];
  return rules
    .toSorted((a, b) => order.indexOf(a.status) - order.indexOf(b.status))
    .map(({ rule, status, detail = "", evidence }) =>
      markup`
        <tr>
          <td class="${
        status === "not tested" ? "untested" : status
      }">${status}</td>
          <td>${rule.text}</td>
          <td>${rule.section}, ${rule.level}</td>
          <td>${detail}</td>
          <td class="number">${evidence.join(", ")}</td>
        </tr>
      `
    );
}

function entryHtml(entry: Entry): Html {
  const { n, time, from } = entry;
  const [what, length, content] = cellsOf(entry);
  return markup`
    <tr>
      <td class="number">${n}</td>
      <td class="number">${time.toFixed(1)}</td>
      <td class="${from}">${from}</td>
      <td>${what}</td>
      <td class="number">${length}</td>
      <td><code>${content}</code></td>
    </tr>
  `;
}

function cellsOf(
  entry: Entry,
): readonly [what: string, length: string, content: string] {
  if (isFrame(entry)) return frameCells(entry);
  switch (entry.kind) {
    case "bytes":
      return [
        "bytes",
        String(entry.length),
        shown(entry.head, entry.head.length < entry.length),
      ];
    case "request":
    case "response":
      return [entry.kind, "", entry.line];
    case "fault":
      return [`fault ${entry.name}`, "", entry.expectation.section];
    case "fin":
      return ["FIN", "", ""];
    case "end":
      return [`TCP ${entry.how}`, "", ""];
  }
}

function frameCells(frame: FrameEntry): readonly [string, string, string] {
  const { opcode, final, length, seen, head, wire } = frame;
  const name = opcodeName(opcode);
  const marks = [
    typeof name === "string" ? name.toUpperCase() : `opcode ${name}`,
    final ? "" : "no FIN",
    wire === undefined || wire.rsv === 0 ? "" : `RSV ${wire.rsv}`,
    wire?.mask === undefined ? "" : `mask ${hexKey(wire.mask)}`,
    frame.completedAt === undefined ? "incomplete" : "",
  ];
  const content = isOpcode(frame, "close")
    ? `${codeOf(frame) ?? ""} ${reasonOf(frame)}`
    : shown(head.subarray(0, seen), head.length < length);
  return [marks.filter(Boolean).join(", "), String(length), content];
}

function shown(bytes: Uint8Array, isCut: boolean): string {
  const shown = textOrHex(bytes, isCut);
  const text = "text" in shown ? shown.text : `hex ${shown.hex}`;
  return isCut ? `${text}…` : text;
}

function headHtml(head: Head | undefined): Html {
  if (head === undefined) return markup`<p>None.</p>`;
  const { line, fields, isRaw } = head;
  const lines = [line, ...fields.map(([name, value]) => `${name}: ${value}`)];
  return markup`<pre tabindex="0">${lines.join("\n")}</pre>${
    isRaw ? "" : markup`<p>Names and order are the runtime's.</p>`
  }`;
}
