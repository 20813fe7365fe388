/**
 * `deno task probe [URL]`: checks a WebSocket server step by step and prints a
 * report.
 *
 * @module
 */

import { runCommand } from "../config/arguments.ts";
import { HELP, readArguments } from "./arguments.ts";
import { junitReport } from "./junit.ts";
import { count, jsonReport, summaryLines, textLines } from "./report.ts";
import { openReportFile } from "./report_file.ts";
import { run } from "./run.ts";
import type { StepResult } from "./step/step.ts";
import { Target } from "./step/target.ts";
import { selectSteps, steps } from "./steps.ts";

/**
 * Probes a server.
 *
 * @param args the command line without the program's name
 * @returns the exit code: 0, or 1 if a step failed
 * @throws {UsageError} invalid arguments
 */
async function probe(args: readonly string[]): Promise<number> {
  const options = readArguments(args);
  if (options === "help") {
    console.log(HELP.trimEnd());
    return 0;
  }
  const { url, json } = options;
  using file = openReportFile(options.junit);
  const start = new Date();
  const colors = !Deno.noColor && Deno.stdout.isTerminal();
  const selected = selectSteps(steps(options.count), options.only);
  const results: StepResult[] = [];
  if (!json) console.log(url.href);
  const target = new Target(url, options);
  for await (const result of run(target, selected, options.timeout)) {
    results.push(result);
    if (!json) print(textLines(result, colors));
  }
  file.write(junitReport(url, results, start));
  print(json ? [jsonReport(url, results)] : summaryLines(results, colors));
  return count(results).fail === 0 ? 0 : 1;
}

function print(lines: readonly string[]): void {
  for (const line of lines) console.log(line);
}

if (import.meta.main) await runCommand("probe", probe);
