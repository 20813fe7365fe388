/**
 * The files of the reports, by their names. The edge listener serves them below
 * `/conformance/`, and `deno task conformance --out DIR` writes them.
 *
 * @module
 */

import type { CaseResult } from "../../../lib/conformance/case/result.ts";
import { badge } from "../../../lib/conformance/reports/badge.ts";
import { countVerdicts } from "../../../lib/conformance/reports/counts.ts";
import { expectedJson } from "../../../lib/conformance/reports/expected.ts";
import { FileNames } from "../../../lib/conformance/reports/file_names.ts";
import { conformanceJunit } from "../../../lib/conformance/reports/junit_report.ts";
import {
  caseReport,
  indexEntries,
} from "../../../lib/conformance/reports/suite_report.ts";
import { markdownSummary } from "../../../lib/conformance/reports/summary.ts";
import type { ResultStore } from "../../../lib/conformance/result_store.ts";
import icon from "../../console/page/icon.svg" with { type: "text" };
import consoleStyle from "../../console/page/style.css" with { type: "text" };
import { casePage } from "./case_page.ts";
import { MAX_COLUMNS, overviewPage } from "./overview_page.ts";
import style from "./style.css" with { type: "text" };

/** A file: its media type, and its content in parts. */
export interface ReportFile {
  /** Value of `Content-Type`. */
  readonly type: string;
  /** The parts; each is made when it is read. */
  readonly parts: Iterable<string>;
}

/** Makes a file from the results, for some agents. */
type Make = (report: Reports) => Iterable<string>;

const SVG_TYPE = "image/svg+xml; charset=utf-8";
const JSON_TYPE = "application/json; charset=utf-8";

/** The files for all cases, by name. */
const FILES: Readonly<Record<string, readonly [type: string, make: Make]>> = {
  "index.html": ["text/html; charset=utf-8", overview],
  "style.css": ["text/css; charset=utf-8", () => [consoleStyle, style]],
  "icon.svg": [SVG_TYPE, () => [icon]],
  "index.json": [JSON_TYPE, indexJson],
  "junit.xml": [
    "application/xml; charset=utf-8",
    (reports) => [conformanceJunit(reports.shownResults())],
  ],
  "summary.md": [
    "text/markdown; charset=utf-8",
    (reports) => [markdownSummary(reports.shownResults())],
  ],
  "badge.svg": [
    SVG_TYPE,
    (reports) => [badge(countVerdicts(reports.shownResults()[0] ?? []))],
  ],
  "expected-results.json": [
    JSON_TYPE,
    (reports) => [expectedJson(reports.shownResults())],
  ],
};

/** The names of the files for all cases. */
export const FILE_NAMES: readonly string[] = Object.keys(FILES);

/** The reports on the results of a store. */
export class Reports {
  readonly #store: ResultStore;
  /** Names of all agents, the one with the latest result first. */
  readonly agents: readonly string[];
  /** The agents of `index.json`, sorted. */
  readonly indexed: readonly string[];
  /** The agents of the other files. */
  readonly shown: readonly string[];
  /** The names of the files of cases. */
  readonly names: FileNames;

  /**
   * Prepares the reports.
   *
   * @param store has the results
   * @param chosen names of agents; empty: all in `index.json`, and in the other files the
   * eight with the latest results
   */
  constructor(store: ResultStore, chosen: readonly string[] = []) {
    this.#store = store;
    this.agents = store.latestAgents;
    const selected = chosen.length === 0
      ? this.agents
      : this.agents.filter((agent) => chosen.includes(agent));
    this.indexed = selected.toSorted();
    this.shown = selected.slice(0, MAX_COLUMNS);
    this.names = new FileNames(store.agents);
  }

  /**
   * Returns a file.
   *
   * @param name such as `index.json` or `ws_case_1_1_1.html`
   * @returns `undefined`: there is no such file
   */
  file(name: string): ReportFile | undefined {
    const known = Object.hasOwn(FILES, name) ? FILES[name] : undefined;
    if (known === undefined) return this.#caseFile(name);
    const [type, make] = known;
    return { type, parts: make(this) };
  }

  /** The names of all files, those of the cases of all agents included. */
  *fileNames(): Generator<string> {
    yield* FILE_NAMES;
    for (const agent of this.agents) {
      for (const { case: { id } } of this.resultsOf(agent)) {
        yield this.names.of(agent, id, "json");
        yield this.names.of(agent, id, "html");
      }
    }
  }

  /** The results of an agent. */
  resultsOf(agent: string): readonly CaseResult[] {
    return this.#store.results(agent);
  }

  /** The results of each shown agent. */
  shownResults(): readonly (readonly CaseResult[])[] {
    return this.shown.map((agent) => this.resultsOf(agent));
  }

  #caseFile(file: string): ReportFile | undefined {
    const name = this.names.read(file);
    const result = name && this.#store.get(name.agent, name.id);
    if (result === undefined) return undefined;
    if (name!.extension === "json") {
      const text = JSON.stringify(caseReport(result), undefined, 2) + "\n";
      return { type: JSON_TYPE, parts: [text] };
    }
    const page = casePage(result, this.resultsOf(result.agent), this.names);
    return { type: FILES["index.html"]![0], parts: [page] };
  }
}

function overview(reports: Reports): string[] {
  const shown = reports.shown.map((agent) => ({
    agent,
    results: reports.resultsOf(agent),
  }));
  const others = reports.agents.filter((agent) =>
    !reports.shown.includes(agent)
  );
  return [overviewPage(shown, others, reports.names)];
}

/** One part for each agent: the file may be large. */
function* indexJson(reports: Reports): Generator<string> {
  yield "{";
  let separator = "\n";
  for (const agent of reports.indexed) {
    const entries = indexEntries(reports.resultsOf(agent), reports.names);
    const json = JSON.stringify(entries, undefined, 2);
    yield `${separator}${JSON.stringify(agent)}: ${json}`;
    separator = ",\n";
  }
  yield "\n}\n";
}
