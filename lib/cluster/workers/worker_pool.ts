/**
 * Several threads as one service: each runs the whole of it on the same ports,
 * between which the operating system shares the connections out (SO_REUSEPORT).
 * The first thread is the process's own. It speaks for all: it has the others
 * begin, writes the lines of the start, and takes the signals.
 *
 * @module
 */

import { getLogger } from "@std/log";
import type { OpenChannel } from "../bus/channel.ts";
import { threadChannel } from "../bus/thread_channel.ts";
import {
  type LimiterMemory,
  limiterMemory,
} from "../../limits/address/limiter_memory.ts";
import { flushLog } from "../../log/log.ts";
import { totalsMemory } from "../../memory/account.ts";
import { ConnectionSlots } from "../../limits/connection_slots.ts";
import type { Stoppable } from "../../stoppable.ts";
import { WorkersError } from "./error.ts";

/** Ports that the threads share. */
export interface Ports {
  /** Of the edge listener. */
  readonly port: number;
  /** Of the frame listener; `undefined`: it is off. */
  readonly framePort: number | undefined;
}

/** What threads share beside the ports. */
export interface Shared {
  /** Names of all threads, as instances on the bus; the first thread's first. */
  readonly instances: readonly string[];
  /** When the process started, in milliseconds since the epoch. */
  readonly startedAt: number;
  /** Counts of MAX_CONNECTIONS. */
  readonly connectionSlots: SharedArrayBuffer;
  /** Totals of the threads' memory accounts. */
  readonly memoryTotals: SharedArrayBuffer;
  /** Counts of what each address has. */
  readonly addressLimiter: LimiterMemory;
}

/** What a thread is told when it is to begin. */
interface Order {
  readonly index: number;
  readonly ports: Ports;
  readonly shared: Shared;
}

/** What the first thread says to the others. */
type ToMember = { readonly kind: "begin"; readonly order: Order } | {
  readonly kind: "stop";
};

/** What the others say: that they listen, that they have stopped, why they cannot start. */
type ToFirst = "ready" | "stopped" | { readonly fault: string };

/** This thread's place among those of the service. */
export interface WorkerPool extends Stoppable {
  /** Whether this thread speaks for all. */
  readonly isMain: boolean;
  /** Names this thread; `undefined`: it is alone. */
  readonly instance: string | undefined;
  /** What the threads share; `undefined`: this one is alone. */
  readonly shared: Shared | undefined;
  /** Ports that another thread has already. */
  readonly ports: Ports | undefined;

  /**
   * Makes a channel between the threads.
   *
   * @param topic what it is for
   * @returns `undefined` where this one is alone
   */
  channel(topic: string): OpenChannel | undefined;

  /**
   * Makes sure that no other process has a port: where threads share one, the
   * system lets anybody of the same user join them.
   *
   * @param hostname host to bind to
   * @param port 0 for one that is free anyhow
   * @throws {Deno.errors.AddrInUse} somebody has it
   */
  claim(hostname: string, port: number): void;

  /**
   * This thread listens; resolves when all do.
   *
   * @param ports where
   */
  begin(ports: Ports): Promise<void>;

  /**
   * Has a thread that is not the first stop when the first says so.
   *
   * @param stop resolves when it is done
   */
  onStop(stop: () => Promise<unknown>): void;
}

/** The global scope of a worker, as far as it is used. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<ToMember>) => void) | null;
  postMessage(message: ToFirst): void;
}

/**
 * The scope of this thread; `undefined` in the process's own. Where a platform runs
 * the service in a worker of its own, there is one thread, and nobody asks.
 */
const scope = "WorkerGlobalScope" in globalThis
  ? globalThis as unknown as WorkerScope
  : undefined;

/**
 * Finds this thread's place; one that is not the first waits to be told.
 *
 * @param workers threads in all
 * @param entry URL of the module that each of them runs
 * @throws {WorkersError} the process may not start threads
 */
export async function joinWorkerPool(
  workers: number,
  entry: string,
): Promise<WorkerPool> {
  if (workers === 1) return ALONE;
  if (scope !== undefined) return await Member.join(scope);
  const mayRead = Deno.permissions.querySync({
    name: "read",
    path: new URL(entry),
  });
  if (mayRead.state !== "granted" || !maySharePorts()) {
    throw new WorkersError(
      "WORKERS: threads may not be started: start with `deno task start:workers`",
    );
  }
  return new First(workers, entry);
}

/** Without `--unstable-net` the runtime exits at `reusePort`, and has no datagrams. */
function maySharePorts(): boolean {
  return "listenDatagram" in Deno;
}

const ALONE: WorkerPool = {
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

/** The process's own thread. */
class First implements WorkerPool {
  readonly isMain = true;
  readonly ports = undefined;
  readonly instance: string;
  readonly shared: Shared;
  readonly #entry: string;
  readonly #members: MemberHandle[] = [];

  constructor(workers: number, entry: string) {
    const instances = Array.from(
      { length: workers },
      () => crypto.randomUUID().slice(0, 8),
    );
    this.#entry = entry;
    this.instance = instances[0]!;
    this.shared = {
      instances,
      startedAt: performance.timeOrigin,
      connectionSlots: ConnectionSlots.memory(),
      memoryTotals: totalsMemory(workers),
      addressLimiter: limiterMemory(),
    };
  }

  channel(topic: string): OpenChannel {
    return threadChannel(topic, this.shared.instances);
  }

  claim(hostname: string, port: number): void {
    if (port !== 0) Deno.listen({ hostname, port }).close();
  }

  async begin(ports: Ports): Promise<void> {
    const { shared } = this;
    for (let index = 1; index < shared.instances.length; index++) {
      const order: Order = { index, ports, shared };
      this.#members.push(new MemberHandle(this.#entry, order));
    }
    await Promise.all(this.#members.map(({ ready }) => ready));
  }

  onStop(): void {}

  async shutdown(): Promise<void> {
    await Promise.all(this.#members.map((member) => member.stop()));
  }
}

/**
 * Tells the first thread why this one cannot start.
 *
 * @param fault a line for the operator, or an error of the program's
 * @returns false where this thread is the process's own
 */
export function reportFault(fault: unknown): boolean {
  if (scope === undefined) return false;
  const line = fault instanceof Error ? fault.stack ?? fault.message : fault;
  scope.postMessage({ fault: String(line) });
  return true;
}

/** A thread that the first has started. */
class MemberHandle {
  readonly #worker: Worker;
  readonly #ready = Promise.withResolvers<void>();
  readonly #stopped = Promise.withResolvers<void>();

  constructor(entry: string, order: Order) {
    const name = `worker ${order.index}`;
    this.#worker = new Worker(entry, { type: "module", name });
    this.#worker.onmessage = ({ data }: MessageEvent<ToFirst>) => {
      if (data === "ready") this.#ready.resolve();
      else if (data === "stopped") this.#stopped.resolve();
      else this.#ready.reject(new WorkersError(data.fault));
    };
    // Its peers are gone, and what it has counted stays counted: as a process
    // that dies of an error, the service is to be started anew.
    this.#worker.onerror = (event) => {
      event.preventDefault();
      getLogger("ws_echo_server").error(`The ${name} died: ${event.message}`);
      flushLog().then(() => Deno.exit(1));
    };
    this.#say({ kind: "begin", order });
  }

  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  stop(): Promise<void> {
    this.#say({ kind: "stop" });
    return this.#stopped.promise;
  }

  #say(message: ToMember): void {
    this.#worker.postMessage(message);
  }
}

/** A thread that is not the first. */
class Member implements WorkerPool {
  readonly isMain = false;
  readonly instance: string;
  readonly shared: Shared;
  readonly ports: Ports;
  readonly #scope: WorkerScope;

  private constructor(scope: WorkerScope, { index, ports, shared }: Order) {
    this.#scope = scope;
    this.instance = shared.instances[index]!;
    this.shared = shared;
    this.ports = ports;
  }

  static async join(scope: WorkerScope): Promise<Member> {
    const { promise, resolve } = Promise.withResolvers<Order>();
    scope.onmessage = ({ data }) => {
      if (data.kind === "begin") resolve(data.order);
    };
    return new Member(scope, await promise);
  }

  channel(topic: string): OpenChannel {
    return threadChannel(topic, this.shared.instances);
  }

  claim(): void {}

  begin(): Promise<void> {
    this.#scope.postMessage("ready");
    return Promise.resolve();
  }

  onStop(stop: () => Promise<unknown>): void {
    this.#scope.onmessage = async ({ data }) => {
      if (data.kind !== "stop") return;
      await stop();
      await flushLog();
      this.#scope.postMessage("stopped");
    };
  }

  shutdown(): Promise<void> {
    return Promise.resolve();
  }
}
