/**
 * The end of the process: exit codes, signals, errors of the start.
 *
 * @module
 */

import { getLogger } from "../std/log.ts";
import { reportFault } from "../cluster/workers/messages.ts";
import { UsageError } from "../config/arguments.ts";
import { ConfigError } from "../config/error.ts";
import { line } from "../log/fields.ts";
import { flushLog, printable } from "../log/log.ts";
import { watchMemory } from "../memory/watchdog.ts";
import type { Server } from "../mod.ts";
import { SettingError } from "../errors/setting.ts";
import { onParentEnd } from "./parent_end.ts";

/** The exit codes of the service. */
export const EXIT_CODE = {
  /** A signal has shut the service down. */
  stopped: 0,
  /** The start failed, a thread failed, or a second signal ended the shutdown. */
  failed: 1,
  /** An argument of the command line is invalid. */
  usage: 2,
  /**
   * The runtime holds memory that MEMORY_LIMIT cannot bound: EX_TEMPFAIL of sysexits.h,
   * so that a supervisor restarts the service.
   */
  outOfMemory: 75,
} as const;

/** The signals that shut the service down. */
export const STOP_SIGNALS: readonly Deno.Signal[] = [
  "SIGINT",
  Deno.build.os === "windows" ? "SIGBREAK" : "SIGTERM",
];

/** Returns one line for an error of the configuration, which names variables. */
function lineOf(error: unknown): string | undefined {
  if (error instanceof ConfigError) return error.message;
  return error instanceof SettingError ? error.variableMessage : undefined;
}

/**
 * Runs the start. An invalid argument ends the process with exit code 2, any other error
 * with 1. An error of the configuration is printed in one line, any other error with its
 * stack. A thread other than the main worker reports its error to the main worker.
 *
 * @param start all steps of the start
 */
export async function orExit(start: () => Promise<void>): Promise<void> {
  try {
    await start();
  } catch (error) {
    if (error instanceof UsageError) {
      if (!reportFault(error.message)) console.error(`start: ${error.message}`);
      return await endProcess(EXIT_CODE.usage);
    }
    const fault = lineOf(error) ?? error;
    if (reportFault(fault)) return;
    console.error("ws_echo_server cannot start:", fault);
    await endProcess(EXIT_CODE.failed);
  }
}

/**
 * Ends the process when the log is written, or after one second.
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
    // It throws under `--watch`, and the runtime starts the program again.
  }
}

/** Ends the process with exit code 1 after the failure of a thread. */
export function exitOnFailure(): void {
  void endProcess(EXIT_CODE.failed);
}

/**
 * Logs unhandled rejections, and keeps the process running. Call it before the log is set
 * up: the log has a listener for rejections that end the process.
 */
export function logUnhandledRejections(): void {
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    const { reason } = event;
    getLogger("ws_echo_server").error(
      "Unhandled rejection:",
      reason instanceof Error ? reason : printable(String(reason)),
    );
  });
}

/** Milliseconds that clients have to answer their CLOSE while memory grows. */
const MEMORY_TIMEOUT = 1000;

/**
 * Closes every connection with 1001 and exits with 75 before the system kills the
 * process; see {@linkcode watchMemory}.
 *
 * @param server the server
 */
export function exitOnMemory(server: Server): void {
  const exceeded = async (unexplained: number) => {
    getLogger("ws_echo_server").error(
      ...line`The runtime holds ${{
        "memory.bytes": unexplained,
      }} bytes for clients that MEMORY_LIMIT cannot bound: exiting with ${{
        "exit.code": EXIT_CODE.outOfMemory,
      }} for a restart`,
    );
    await server.shutdown({ timeout: MEMORY_TIMEOUT, drainTime: 0 });
    await endProcess(EXIT_CODE.outOfMemory);
  };
  watchMemory(server.memory, { exceeded });
}

/**
 * Milliseconds after a signal in which further signals are ignored: `deno task` forwards
 * a signal that its process group, and so this process, has got already.
 */
const SAME_SIGNAL = 1000;

/** Options of {@linkcode exitOnSignal}. */
export interface ExitOptions {
  /** Whether the end of the parent process is such a signal. */
  readonly withParent: boolean;
}

/**
 * Shuts the service down at SIGINT or SIGTERM and exits with 0. A second signal, at
 * least a second after the first, exits at once with 1.
 *
 * @param server the server
 * @param options the other causes
 */
export function exitOnSignal(
  server: Server,
  { withParent }: ExitOptions,
): void {
  const log = getLogger("ws_echo_server");
  let since: number | undefined;
  const stop = async (signal: Deno.Signal | undefined) => {
    const now = performance.now();
    if (since !== undefined) {
      if (now - since >= SAME_SIGNAL) exit(EXIT_CODE.failed);
      return;
    }
    since = now;
    const connections = server.sessions.size;
    const cause = signal === undefined
      ? line`The parent process has ended: shutting down ${{
        connections,
      }} connections`
      : line`${{ "process.signal": signal }}: shutting down ${{
        connections,
      }} connections`;
    log.info(...cause);
    const { inTime, cutOff } = await server.shutdown();
    if (inTime) log.info("All connections are closed");
    else {
      log.warn(
        ...line`${{ "connections": cutOff }} connections did not close in time`,
      );
    }
    await endProcess(EXIT_CODE.stopped);
  };
  for (const signal of STOP_SIGNALS) {
    Deno.addSignalListener(signal, () => stop(signal));
  }
  if (withParent) onParentEnd(() => stop(undefined));
}
