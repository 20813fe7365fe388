/**
 * A worker that the main worker has started.
 *
 * @module
 */

import { flushLog, setLogStart } from "../../log/log.ts";
import type { OpenChannel } from "../bus/channel.ts";
import { threadChannel } from "../bus/thread_channel.ts";
import type {
  Ports,
  SharedState,
  StartOrder,
  WorkerScope,
} from "./messages.ts";
import type { WorkerPool } from "./worker_pool.ts";

/** A thread other than the main worker. */
export class WorkerThread implements WorkerPool {
  /** False. */
  readonly isMain = false;
  /** Name of this thread. */
  readonly instance: string;
  /** State of all threads. */
  readonly shared: SharedState;
  /** Ports to listen on. */
  readonly ports: Ports;
  readonly #scope: WorkerScope;

  private constructor(
    scope: WorkerScope,
    { index, ports, shared }: StartOrder,
  ) {
    this.#scope = scope;
    this.instance = shared.instances[index]!;
    this.shared = shared;
    this.ports = ports;
  }

  /**
   * Waits for the start order of the main worker.
   *
   * @param scope the scope of this thread
   */
  static async join(scope: WorkerScope): Promise<WorkerThread> {
    const { promise, resolve } = Promise.withResolvers<StartOrder>();
    scope.onmessage = ({ data }) => {
      if (data.kind === "start") resolve(data.order);
    };
    const order = await promise;
    setLogStart(order.shared.startedAt);
    return new WorkerThread(scope, order);
  }

  /** See {@linkcode WorkerPool.channel}. */
  channel(topic: string): OpenChannel {
    return threadChannel(topic, this.shared.instances);
  }

  /** Does nothing: the main worker has checked the ports. */
  claim(): void {}

  /** Reports to the main worker that this thread listens. */
  begin(): Promise<void> {
    this.#scope.postMessage("ready");
    return Promise.resolve();
  }

  /** See {@linkcode WorkerPool.onStop}. */
  onStop(stop: () => Promise<unknown>): void {
    this.#scope.onmessage = async ({ data }) => {
      if (data.kind !== "stop") return;
      await stop();
      await flushLog();
      this.#scope.postMessage("stopped");
    };
  }

  /** Does nothing: the main worker stops the threads. */
  shutdown(): Promise<void> {
    return Promise.resolve();
  }
}
