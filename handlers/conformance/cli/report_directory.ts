/**
 * The directory of `--out`.
 *
 * @module
 */

import { UsageError } from "../../../lib/config/arguments.ts";
import type { ResultStore } from "../../../lib/conformance/result_store.ts";
import { inUserDirectory } from "../../../lib/reports/user_directory.ts";
import { Reports } from "../reports/report_files.ts";

/**
 * Makes the directory, so that a wrong path is found before the cases run.
 *
 * @param path relative to the user's working directory
 * @throws {UsageError} it cannot be made
 */
export async function makeReportDirectory(path: string): Promise<void> {
  try {
    await Deno.mkdir(inUserDirectory(path), { recursive: true });
  } catch (error) {
    const reason = (error as Error).message.replace(
      / \(os error \d+\).*$/s,
      "",
    );
    throw new UsageError(`--out: cannot write to "${path}": ${reason}`);
  }
}

/**
 * Writes all files of the reports. Files of earlier runs stay, or are replaced.
 *
 * @param path relative to the user's working directory
 * @param results of all agents
 */
export async function writeReports(
  path: string,
  results: ResultStore,
): Promise<void> {
  const directory = inUserDirectory(path);
  const reports = new Reports(results);
  for (const name of reports.fileNames()) {
    const { parts } = reports.file(name)!;
    await Deno.writeTextFile(`${directory}/${name}`, [...parts].join(""));
  }
}
