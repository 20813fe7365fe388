/**
 * `deno task conformance`: runs the cases with a client, or against a server.
 *
 * @module
 */

import { runCommand, UsageError } from "../../../lib/config/arguments.ts";
import {
  compareResults,
  ExpectedError,
  type ExpectedResults,
  readExpected,
} from "../../../lib/conformance/reports/expected.ts";
import { ResultStore } from "../../../lib/conformance/result_store.ts";
import { testServer } from "../../../lib/conformance/server_tests.ts";
import { inUserDirectory } from "../../../lib/reports/user_directory.ts";
import { REPORTS_PATH } from "../reports/report_routes.ts";
import { type ConformanceArguments, HELP, readArguments } from "./arguments.ts";
import {
  driverEnd,
  type DriverFault,
  startDriver,
  URL_VARIABLE,
} from "./driver.ts";
import { listen } from "./listen.ts";
import { makeReportDirectory, writeReports } from "./report_directory.ts";
import { differenceLines, tableLines } from "./result_text.ts";

/**
 * Runs the cases and reports.
 *
 * @param args the command line without the program's name
 * @returns the exit code: 0, or 1 if a case has failed unexpectedly
 * @throws {UsageError} invalid arguments
 */
async function conformance(args: readonly string[]): Promise<number> {
  const options = readArguments(args);
  if (options === "help") {
    console.log(HELP.trimEnd());
    return 0;
  }
  const { driver, expect, out, server } = options;
  const expected = expect === undefined ? undefined : readFile(expect);
  if (out !== undefined) await makeReportDirectory(out);
  revoke("read");
  if (driver === undefined) revoke("run");
  if (out === undefined) revoke("write");
  // All cases of all agents are reported: the age does not matter.
  const results = new ResultStore({ maxAge: Infinity });
  const fault = server === undefined
    ? await serveCases(options, results, expected)
    : await runCases(server, options, results);
  if (out !== undefined) await writeReports(out, results);
  if (driver !== undefined || server !== undefined) {
    for (const agent of results.agents) printAgent(agent, results, expected);
  }
  if (fault !== undefined) console.error(`conformance: ${fault}`);
  const isFine = results.agents.every((agent) =>
    compareResults(agent, results.results(agent), expected)
      .unexpected.length === 0
  );
  return isFine && fault === undefined ? 0 : 1;
}

function readFile(path: string): ExpectedResults {
  try {
    return readExpected(Deno.readTextFileSync(inUserDirectory(path)));
  } catch (error) {
    const isKnown = error instanceof ExpectedError ||
      error instanceof Deno.errors.NotFound ||
      error instanceof Deno.errors.NotCapable ||
      error instanceof Deno.errors.PermissionDenied ||
      error instanceof Deno.errors.IsADirectory;
    if (!isKnown) throw error;
    const reason = error.message.replace(/ \(os error \d+\).*$/s, "");
    throw new UsageError(`--expect: "${path}": ${reason}`);
  }
}

/** Gives up a permission that the run does not need. */
function revoke(name: "read" | "run" | "write"): void {
  Deno.permissions.revokeSync({ name });
}

/** Serves the cases to the driver or, without one, until a signal. */
async function serveCases(
  { selection, host, port, driver, timeout, cases, out }: ConformanceArguments,
  results: ResultStore,
  expected: ExpectedResults | undefined,
): Promise<DriverFault> {
  await using server = await listen(results, selection, host, port);
  const { frame, http } = server.urls;
  const child = driver && startDriver(driver, frame!);
  console.log(`${cases.length} cases at ${frame}`);
  console.log(`reports at ${http}${REPORTS_PATH}`);
  if (child === undefined) {
    results.onUpdate(async (agent) => {
      printAgent(agent, results, expected);
      if (out !== undefined) await writeReports(out, results);
    });
    await interrupted();
    return undefined;
  }
  console.log(`${URL_VARIABLE}=${frame} ${driver!.join(" ")}`);
  const fault = await driverEnd(child, results, timeout);
  if (fault === undefined && results.agents.length === 0) {
    return "the driver has run no case";
  }
  return fault;
}

/** Waits for Ctrl-C, or for the signal of a service manager. */
async function interrupted(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const signal of signals) Deno.addSignalListener(signal, resolve);
  await promise;
  for (const signal of signals) Deno.removeSignalListener(signal, resolve);
}

/** Runs the cases against a server; stops if its first handshake fails. */
async function runCases(
  url: URL,
  { cases }: ConformanceArguments,
  results: ResultStore,
): Promise<DriverFault> {
  console.log(`${cases.length} cases against ${url.href}`);
  for await (const result of testServer(url, { cases, agent: url.host })) {
    results.add(result);
    if (results.results(url.host).length === 1 && result.httpResponse === "") {
      return result.result;
    }
  }
  return undefined;
}

function printAgent(
  agent: string,
  store: ResultStore,
  expected: ExpectedResults | undefined,
): void {
  const results = store.results(agent);
  const comparison = compareResults(agent, results, expected);
  for (
    const line of [
      "",
      ...tableLines(agent, results),
      ...differenceLines(comparison),
    ]
  ) console.log(line);
}

if (import.meta.main) await runCommand("conformance", conformance);
