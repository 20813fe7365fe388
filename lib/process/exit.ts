/**
 * The service as a process: how it fails to start, and how it ends.
 *
 * @module
 */

import { getLogger } from "@std/log";
import { BusError } from "../cluster/bus/error.ts";
import { ConfigError } from "../config/error.ts";
import { StartError } from "../config/start_error.ts";
import { flushLog, printable } from "../log/log.ts";
import { watchMemory } from "../memory/watchdog.ts";
import type { Service } from "../listener/service.ts";
import { shutdown } from "../server/shutdown.ts";
import type { Stoppable } from "../stoppable.ts";
import { TlsError } from "../tls/error.ts";
import { reportFault } from "../cluster/workers/messages.ts";
import { WorkersError } from "../cluster/workers/error.ts";

/** Errors whose message is the one line that an operator needs. */
const START_ERRORS = [
  ConfigError,
  TlsError,
  BusError,
  WorkersError,
  StartError,
];

/**
 * Runs the start. An error ends the process with exit code 1: one that names what
 * the operator set with its message in one line, any other with its stack. A
 * thread that is not the first leaves both to the first.
 *
 * @param start all steps of the start
 */
export async function orExit(start: () => Promise<void>): Promise<void> {
  try {
    await start();
  } catch (error) {
    const isKnown = START_ERRORS.some((kind) => error instanceof kind);
    const fault = isKnown ? (error as Error).message : error;
    if (reportFault(fault)) return;
    console.error("ws_echo_server cannot start:", fault);
    await endProcess(1);
  }
}

/**
 * Ends the process when the log is written, or a second later.
 *
 * @param code the exit code
 */
export async function endProcess(code: number): Promise<void> {
  await flushLog();
  exit(code);
}

function exit(code: number): void {
  try {
    Deno.exit(code);
  } catch {
    // Under `--watch` it throws, and the runtime starts the program anew.
  }
}

/**
 * Logs rejections that nobody handles, and has the process go on. To be called before the
 * log is set up, whose own listener has to see that the process goes on.
 */
export function surviveRejections(): void {
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    const { reason } = event;
    getLogger("ws_echo_server").error(
      "Unhandled rejection:",
      reason instanceof Error ? reason : printable(String(reason)),
    );
  });
}

/**
 * The exit code where the runtime holds memory that the account does not explain:
 * EX_TEMPFAIL of sysexits.h, so that a supervisor starts the service anew.
 */
export const EXIT_MEMORY = 75;

/** Milliseconds that clients have to answer their CLOSE then: memory goes on growing. */
const MEMORY_TIMEOUT = 1000;

/**
 * Closes every connection with 1001 and exits with {@linkcode EXIT_MEMORY} before
 * the system kills the process; see {@linkcode watchMemory}.
 *
 * @param service what to shut down
 * @param listeners where it accepts connections
 */
export function exitOnMemory(
  service: Service,
  listeners: readonly Stoppable[],
): void {
  const exceeded = async (unexplained: number) => {
    getLogger("ws_echo_server").error(
      `The runtime holds ${unexplained} bytes for clients that MEMORY_LIMIT cannot bound: exiting with ${EXIT_MEMORY}, to be started anew`,
    );
    await shutdown(service, listeners, MEMORY_TIMEOUT);
    await endProcess(EXIT_MEMORY);
  };
  watchMemory(service.memory, { exceeded });
}

/**
 * Milliseconds after a signal in which another one is taken for the same: a signal
 * to a process group arrives twice, as `deno task` passes on what its child has got
 * already.
 */
const SAME_SIGNAL = 1000;

/**
 * Shuts the service down at SIGINT or SIGTERM and exits with 0. A second signal, a
 * second or more after the first, exits at once with 1.
 *
 * @param service what to shut down
 * @param listeners where it accepts connections
 * @param timeout milliseconds to wait for peers at most
 */
export function exitOnSignal(
  service: Service,
  listeners: readonly Stoppable[],
  timeout: number,
): void {
  const log = getLogger("ws_echo_server");
  let since: number | undefined;
  const stop = async (signal: Deno.Signal) => {
    const now = performance.now();
    if (since !== undefined) {
      if (now - since >= SAME_SIGNAL) exit(1);
      return;
    }
    since = now;
    log.info(`${signal}: shutting down ${service.sessions.total} connections`);
    const clean = await shutdown(service, listeners, timeout);
    const { total } = service.sessions;
    if (clean) log.info("All connections are closed");
    else log.warn(`${total} connections did not close in time`);
    await endProcess(0);
  };
  const terminate = Deno.build.os === "windows" ? "SIGBREAK" : "SIGTERM";
  for (const signal of ["SIGINT", terminate] as const) {
    Deno.addSignalListener(signal, () => stop(signal));
  }
}
