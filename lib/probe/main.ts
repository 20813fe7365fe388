/**
 * `deno task probe [URL]`: runs the example client's sequence against any
 * WebSocket server and prints what it saw.
 *
 * @module
 */

import { runCommand } from "../config/arguments.ts";
import { HELP, readArguments } from "./arguments.ts";
import { junitReport } from "./junit.ts";
import { Peer } from "./step/target.ts";
import { counts, jsonReport, summaryLines, textLines } from "./report.ts";
import { openReportFile } from "./report_file.ts";
import { run } from "./run.ts";
import type { StepResult } from "./step/step.ts";
import { chosen, steps } from "./steps.ts";

/**
 * Probes a server.
 *
 * @param args behind the program's name
 * @returns the exit code
 */
export async function probe(args: readonly string[]): Promise<number> {
  const asked = readArguments(args);
  if (asked === "help") {
    console.log(HELP.trimEnd());
    return 0;
  }
  const { url, json, junit, timeout, count, only } = asked;
  using file = openReportFile(junit);
  const start = new Date();
  const colors = !Deno.noColor && Deno.stdout.isTerminal();
  const peer = new Peer(url, asked);
  const results: StepResult[] = [];
  if (!json) console.log(url.href);
  for await (const result of run(peer, chosen(steps(count), only), timeout)) {
    results.push(result);
    if (!json) print(textLines(result, colors));
  }
  file.write(junitReport(url, results, start));
  print(json ? [jsonReport(url, results)] : summaryLines(results, colors));
  return counts(results).fail === 0 ? 0 : 1;
}

function print(lines: readonly string[]): void {
  for (const line of lines) console.log(line);
}

if (import.meta.main) await runCommand("probe", probe);
