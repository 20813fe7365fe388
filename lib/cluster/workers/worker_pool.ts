/**
 * Several threads as one service. Each thread runs the whole service on the same ports;
 * the operating system distributes the connections (SO_REUSEPORT). The main worker runs
 * in the main thread of the process: it starts the other threads, logs the startup
 * message and handles signals.
 *
 * @module
 */

import type { Stoppable } from "../../stoppable.ts";
import type { OpenChannel } from "../bus/channel.ts";
import { WorkersError } from "./error.ts";
import { MainWorker } from "./main_worker.ts";
import { type Ports, type SharedState, workerScope } from "./messages.ts";
import { WorkerThread } from "./worker_thread.ts";

/** A thread of the service, in its relation to the other threads. */
export interface WorkerPool extends Stoppable {
  /** Whether this is the main worker. */
  readonly isMain: boolean;
  /** Name of this thread; `undefined`: there is one thread. */
  readonly instance: string | undefined;
  /** State that the threads share; `undefined`: there is one thread. */
  readonly shared: SharedState | undefined;
  /** Ports that the main worker listens on; `undefined` in the main worker. */
  readonly ports: Ports | undefined;

  /**
   * Makes a channel between the threads.
   *
   * @param topic name of the channel
   * @returns `undefined` if there is one thread
   */
  channel(topic: string): OpenChannel | undefined;

  /**
   * Checks that no other process listens on a port, because the operating system lets
   * processes of the same user share a port with SO_REUSEPORT.
   *
   * @param hostname host to bind to
   * @param port the port; 0 for a free port, which needs no check
   * @throws {Deno.errors.AddrInUse} another process listens on the port
   */
  claim(hostname: string, port: number): void;

  /**
   * Reports that this thread listens. In the main worker it starts the other threads and
   * resolves when all threads listen.
   *
   * @param ports ports of this thread
   */
  begin(ports: Ports): Promise<void>;

  /**
   * Sets the function that a thread calls when the main worker stops it.
   *
   * @param stop resolves when the thread has stopped
   */
  onStop(stop: () => Promise<unknown>): void;
}

/**
 * Joins this thread to the pool; a thread other than the main worker waits for its start.
 *
 * @param workers number of threads
 * @param entry URL of the module that each thread runs
 * @param onFailure called when a thread has failed
 * @throws {WorkersError} the process lacks the permissions for threads
 */
export async function joinWorkerPool(
  workers: number,
  entry: string,
  onFailure: () => void = () => {},
): Promise<WorkerPool> {
  // A platform may itself run the service in a worker: then there is one thread.
  if (workers === 1) return SINGLE_THREAD;
  if (workerScope !== undefined) return await WorkerThread.join(workerScope);
  const mayRead = Deno.permissions.querySync({
    name: "read",
    path: new URL(entry),
  });
  if (mayRead.state !== "granted" || !maySharePorts()) {
    throw new WorkersError(
      (nameOf) =>
        `${
          nameOf("WORKERS")
        }: threads may not be started: start with \`deno task start\``,
    );
  }
  return new MainWorker(workers, entry, onFailure);
}

/** Without `--unstable-net` the runtime exits at `reusePort`, and has no datagrams. */
function maySharePorts(): boolean {
  return "listenDatagram" in Deno;
}

const SINGLE_THREAD: WorkerPool = {
  isMain: true,
  instance: undefined,
  shared: undefined,
  ports: undefined,
  channel: () => undefined,
  claim() {},
  begin: () => Promise.resolve(),
  onStop() {},
  shutdown: () => Promise.resolve(),
};
