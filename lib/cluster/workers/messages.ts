/**
 * The messages between the main worker and the other threads.
 *
 * @module
 */

import type { LimiterMemory } from "../../limits/address/limiter_memory.ts";

/** Ports that the threads share. */
export interface Ports {
  /** Port of the edge listener. */
  readonly port: number;
  /** Port of the frame listener; `undefined`: the frame listener is off. */
  readonly framePort: number | undefined;
}

/** State that the threads share. */
export interface SharedState {
  /** Names of all threads, as instances on the bus; the main worker is the first. */
  readonly instances: readonly string[];
  /** When the process started, in milliseconds since the epoch. */
  readonly startedAt: number;
  /** Count of MAX_CONNECTIONS. */
  readonly connectionSlots: SharedArrayBuffer;
  /** Totals of the threads' memory accounts. */
  readonly memoryTotals: SharedArrayBuffer;
  /** Counts of each address. */
  readonly addressLimiter: LimiterMemory;
}

/** The data that a worker needs to start. */
export interface StartOrder {
  /** Position of the worker in {@linkcode SharedState.instances}. */
  readonly index: number;
  /** Ports to listen on. */
  readonly ports: Ports;
  /** State of all threads. */
  readonly shared: SharedState;
}

/** A message of the main worker. */
export type MainMessage =
  | { readonly kind: "start"; readonly order: StartOrder }
  | { readonly kind: "stop" };

/** A message of a worker: it listens, it has stopped, or why it cannot start. */
export type WorkerMessage = "ready" | "stopped" | { readonly fault: string };

/** The used part of a worker's global scope. */
export interface WorkerScope {
  /** Called for each message of the main worker. */
  onmessage: ((event: MessageEvent<MainMessage>) => void) | null;
  /** Sends a message to the main worker. */
  postMessage(message: WorkerMessage): void;
}

/** The scope of this thread; `undefined` in the main thread of the process. */
export const workerScope: WorkerScope | undefined =
  "WorkerGlobalScope" in globalThis
    ? globalThis as unknown as WorkerScope
    : undefined;

/**
 * Reports to the main worker why this thread cannot start.
 *
 * @param fault a line for the operator, or an unexpected error
 * @returns false in the main thread of the process, which cannot report
 */
export function reportFault(fault: unknown): boolean {
  if (workerScope === undefined) return false;
  const line = fault instanceof Error ? fault.stack ?? fault.message : fault;
  workerScope.postMessage({ fault: String(line) });
  return true;
}
