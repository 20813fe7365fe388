/**
 * The service as a process: how it fails to start, and how it ends.
 *
 * @module
 */

import { getLogger } from "@std/log";
import { BusError } from "./bus/error.ts";
import { ConfigError } from "./config/error.ts";
import type { Service } from "./service.ts";
import { type Listener, shutdown } from "./shutdown.ts";
import { TlsError } from "./tls/error.ts";
import { WorkersError } from "./workers/error.ts";

/**
 * Runs a step of the start. A fault of the operator's (a bad variable, a port
 * that cannot be had) ends the process with one line and exit code 1.
 *
 * @param step what to run
 * @param subject what the step is about, for the line
 * @returns what the step returns
 * @throws whatever else the step throws
 */
export function orExit<T>(step: () => T, subject = ""): T {
  try {
    return step();
  } catch (error) {
    exit(error, subject);
  }
}

/**
 * Runs a step of the start that takes its time; see {@linkcode orExit}.
 *
 * @param step what to run
 * @returns what the step resolves with
 * @throws whatever else the step rejects with
 */
export async function orExitLater<T>(step: () => Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (error) {
    exit(error, "");
  }
}

function exit(error: unknown, subject: string): never {
  const fault = operatorFault(error, subject);
  if (fault === undefined) throw error;
  console.error(`ws_echo_server cannot start: ${fault}`);
  Deno.exit(1);
}

function operatorFault(error: unknown, subject: string): string | undefined {
  const told = [ConfigError, TlsError, BusError, WorkersError];
  for (const kind of told) if (error instanceof kind) return error.message;
  if (error instanceof Deno.errors.InvalidData) {
    return `${subject} cannot use TLS_CERT and TLS_KEY (${error.message})`;
  }
  if (error instanceof Deno.errors.AddrInUse) {
    return `${subject} is in use`;
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return `${subject} is no address of this machine`;
  }
  if (error instanceof Deno.errors.NotCapable) {
    return `${subject} is not permitted (${error.message})`;
  }
  return undefined;
}

/** Logs rejections that nobody handles, instead of dying of them. */
export function surviveRejections(): void {
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    getLogger("ws_echo_server").error("Unhandled rejection:", event.reason);
  });
}

/**
 * Shuts the service down at SIGINT or SIGTERM and exits with 0. A second signal
 * exits at once.
 *
 * @param service what to shut down
 * @param listeners where it accepts connections
 * @param timeout milliseconds to wait for peers at most
 */
export function exitOnSignal(
  service: Service,
  listeners: readonly Listener[],
  timeout: number,
): void {
  const log = getLogger("ws_echo_server");
  const stop = async (signal: Deno.Signal) => {
    if (service.draining) Deno.exit(1);
    log.info(`${signal}: shutting down ${service.sessions.total} connections`);
    const clean = await shutdown(service, listeners, timeout);
    if (clean) log.info("All connections are closed");
    else {log.warn(
        `${service.sessions.total} connections did not close in time`,
      );}
    Deno.exit(0);
  };
  const terminate = Deno.build.os === "windows" ? "SIGBREAK" : "SIGTERM";
  for (const signal of ["SIGINT", terminate] as const) {
    Deno.addSignalListener(signal, () => stop(signal));
  }
}
