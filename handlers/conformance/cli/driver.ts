/**
 * A driver: the program of a client library that runs all cases.
 *
 * @module
 */

import { UsageError } from "../../../lib/config/arguments.ts";
import type { ResultStore } from "../../../lib/conformance/result_store.ts";
import { inUserDirectory } from "../../../lib/reports/user_directory.ts";

/** The variable with the URL of the frame listener. */
export const URL_VARIABLE = "CONFORMANCE_URL";

/** Milliseconds that a driver may run on after `/updateReports`, without a result. */
const GRACE = 30_000;

/** Milliseconds from SIGTERM to SIGKILL. */
const KILL_AFTER = 5000;

/** How a driver ended; `undefined`: as it should. */
export type DriverFault = string | undefined;

/**
 * Waits for the end of a driver, and ends it when there is no result for a time.
 *
 * @param child the driver
 * @param results get the results of the driver
 * @param timeout milliseconds without a result
 * @returns why the results may be incomplete
 */
export async function driverEnd(
  child: Deno.ChildProcess,
  results: ResultStore,
  timeout: number,
): Promise<DriverFault> {
  let isUpdated = false;
  let timedOut = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const end = () => {
    timedOut = true;
    child.kill("SIGTERM");
    timer = setTimeout(() => child.kill("SIGKILL"), KILL_AFTER);
  };
  const wait = (milliseconds: number) => {
    if (timedOut) return;
    clearTimeout(timer);
    timer = setTimeout(end, milliseconds);
  };
  const stops = [
    results.onResult(() => {
      isUpdated = false;
      wait(timeout);
    }),
    results.onUpdate(() => {
      isUpdated = true;
      wait(GRACE);
    }),
  ];
  wait(timeout);
  const { success, code } = await child.status;
  clearTimeout(timer);
  for (const stop of stops) stop();
  if (!isUpdated) {
    return timedOut
      ? `there was no result for ${timeout / 1000} s; the driver was ended`
      : `the driver ended with exit code ${code} before /updateReports`;
  }
  return success || timedOut
    ? undefined
    : `the driver ended with exit code ${code}`;
}

/**
 * Starts a driver.
 *
 * @param command program and arguments
 * @param url of the frame listener
 * @throws {UsageError} the program cannot be started
 */
export function startDriver(
  [program, ...args]: readonly [program: string, ...args: string[]],
  url: string,
): Deno.ChildProcess {
  try {
    return new Deno.Command(program, {
      args: args.map((arg) => arg.replaceAll("{url}", url)),
      cwd: inUserDirectory("."),
      env: { [URL_VARIABLE]: url },
      stdin: "null",
    }).spawn();
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UsageError(`--driver: no such program: "${program}"`);
  }
}
