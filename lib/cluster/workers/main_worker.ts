/**
 * The main worker, which starts and stops the other threads.
 *
 * @module
 */

import { getLogger } from "../../std/log.ts";
import { line } from "../../log/fields.ts";
import { limiterMemory } from "../../limits/address/limiter_memory.ts";
import { ConnectionSlots } from "../../limits/connection_slots.ts";
import { totalsMemory } from "../../memory/account.ts";
import type { OpenChannel } from "../bus/channel.ts";
import { threadChannel } from "../bus/thread_channel.ts";
import { WorkersError } from "./error.ts";
import type {
  MainMessage,
  Ports,
  SharedState,
  StartOrder,
  WorkerMessage,
} from "./messages.ts";
import type { WorkerPool } from "./worker_pool.ts";

/** The main thread of the process, as one of several workers. */
export class MainWorker implements WorkerPool {
  /** True. */
  readonly isMain = true;
  /** Not set: this thread chooses the ports. */
  readonly ports: undefined = undefined;
  /** Name of this thread. */
  readonly instance: string;
  /** State of all threads. */
  readonly shared: SharedState;
  readonly #entry: string;
  readonly #onFailure: () => void;
  readonly #workers: WorkerHandle[] = [];

  /**
   * Makes the shared state; starts no thread yet.
   *
   * @param workers number of threads
   * @param entry URL of the module that each thread runs
   * @param onFailure called when a thread has failed
   */
  constructor(workers: number, entry: string, onFailure: () => void) {
    const instances = Array.from(
      { length: workers },
      () => crypto.randomUUID().slice(0, 8),
    );
    this.#entry = entry;
    this.#onFailure = onFailure;
    this.instance = instances[0]!;
    this.shared = {
      instances,
      startedAt: performance.timeOrigin,
      connectionSlots: ConnectionSlots.memory(),
      memoryTotals: totalsMemory(workers),
      addressLimiter: limiterMemory(),
    };
  }

  /** See {@linkcode WorkerPool.channel}. */
  channel(topic: string): OpenChannel {
    return threadChannel(topic, this.shared.instances);
  }

  /** See {@linkcode WorkerPool.claim}. */
  claim(hostname: string, port: number): void {
    if (port !== 0) Deno.listen({ hostname, port }).close();
  }

  /** Starts the other threads; see {@linkcode WorkerPool.begin}. */
  async begin(ports: Ports): Promise<void> {
    const { shared } = this;
    for (let index = 1; index < shared.instances.length; index++) {
      const order: StartOrder = { index, ports, shared };
      this.#workers.push(
        new WorkerHandle(this.#entry, order, this.#onFailure),
      );
    }
    await Promise.all(this.#workers.map(({ ready }) => ready));
  }

  /** Does nothing: a signal stops this thread. */
  onStop(): void {}

  /** Stops the other threads. */
  async shutdown(): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop()));
  }

  /** Ends the other threads at once. */
  destroy(): void {
    for (const worker of this.#workers) worker.terminate();
  }
}

/** A thread that the main worker has started. */
class WorkerHandle {
  readonly #worker: Worker;
  readonly #ready = Promise.withResolvers<void>();
  readonly #stopped = Promise.withResolvers<void>();

  constructor(entry: string, order: StartOrder, onFailure: () => void) {
    const name = `worker ${order.index}`;
    this.#worker = new Worker(entry, { type: "module", name });
    this.#worker.onmessage = ({ data }: MessageEvent<WorkerMessage>) => {
      if (data === "ready") this.#ready.resolve();
      else if (data === "stopped") this.#stopped.resolve();
      else {
        this.#ready.reject(new WorkersError(data.fault));
        this.#stopped.resolve();
      }
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      const fault = `The ${name} failed: ${event.message}`;
      getLogger("ws_echo_server").error(
        ...line`The ${{ "thread.name": name }} failed: ${{
          "exception.message": event.message,
        }}`,
      );
      this.#ready.reject(new WorkersError(fault));
      this.#stopped.resolve();
      onFailure();
    };
    this.#post({ kind: "start", order });
  }

  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  async stop(): Promise<void> {
    this.#post({ kind: "stop" });
    await this.#stopped.promise;
    this.#worker.terminate();
  }

  terminate(): void {
    this.#worker.terminate();
    this.#stopped.resolve();
  }

  #post(message: MainMessage): void {
    this.#worker.postMessage(message);
  }
}
