/**
 * The measurements: each server in turn, in rounds.
 *
 * @module
 */

import { cpuTime, residentMemory } from "../process.ts";
import type { Cores } from "./cores.ts";
import type { Generator } from "./generator.ts";
import { type NamedLoad, SINGLE } from "./loads.ts";
import type {
  ByServer,
  HandshakesResult,
  LatencyResult,
  ThroughputResult,
} from "./report/results.ts";
import { type Prepared, startOn } from "./servers.ts";
import { median } from "./report/statistics.ts";

/** The size of a measurement. */
export interface Extent {
  /** Rounds: A B C, A B C, … */
  readonly rounds: number;
  /** Seconds of each measurement. */
  readonly seconds: number;
}

/** The tools of a measurement. */
export interface Bench {
  readonly generator: Generator;
  readonly cores: Cores;
  /** Called before each sample. */
  readonly progress: (what: string, detail: string) => void;
}

/** A running server. */
export interface Running {
  /** The server's id. */
  readonly id: string;
  /** The process id. */
  readonly pid: number;
  /** The address of its echo. */
  readonly to: { readonly port: number; readonly path: string };
}

/** Seconds of load before a measurement, so that the server's code is optimized. */
const WARM_UP = 0.5;

/**
 * Starts servers, each a separate process. They run at the same time; all but
 * the one that is measured are idle.
 *
 * @param bench the tools
 * @param prepared the servers
 * @param deflate whether they compress
 * @param use measures them
 */
export async function withServers<Result>(
  bench: Bench,
  prepared: readonly Prepared[],
  deflate: boolean,
  use: (servers: readonly Running[]) => Promise<Result>,
): Promise<Result> {
  await using stack = new AsyncDisposableStack();
  const running: Running[] = [];
  for (const one of prepared) {
    bench.progress("start", one.server.id);
    const server = await start(one, bench, deflate, stack);
    const load = { ...SINGLE, depth: 8 };
    await bench.generator.run("throughput", {
      ...server.to,
      load,
      seconds: WARM_UP,
    });
    running.push(server);
  }
  return await use(running);
}

async function start(
  { server, plain, deflate: deflating }: Prepared,
  { cores }: Bench,
  deflate: boolean,
  stack: AsyncDisposableStack,
): Promise<Running> {
  const command = deflate ? deflating : plain;
  const { port, pid } = stack.use(await startOn(command, cores));
  return { id: server.id, pid, to: { port, path: server.path } };
}

/**
 * Takes a sample of each server in each round. A server that fails is omitted
 * from then on.
 */
async function inTurn<Sample, Result>(
  { progress }: Bench,
  what: string,
  rounds: number,
  servers: readonly Running[],
  sample: (server: Running) => Promise<Sample>,
  result: (samples: readonly Sample[]) => Result,
): Promise<ByServer<Result>> {
  const samples = new Map<string, Sample[]>();
  const results: ByServer<Result> = {};
  for (let round = 1; round <= rounds; round++) {
    for (const server of servers) {
      const { id } = server;
      if (id in results) continue;
      progress(what, `round ${round} of ${rounds}, ${id}`);
      try {
        const measured = await sample(server);
        samples.set(id, [...samples.get(id) ?? [], measured]);
      } catch (error) {
        results[id] = { failed: (error as Error).message };
      }
    }
  }
  for (const [id, measured] of samples) results[id] ??= result(measured);
  return results;
}

/**
 * Measures messages per second.
 *
 * @param bench the tools
 * @param servers the servers
 * @param load the load
 * @param extent rounds and seconds
 */
export function measureThroughput(
  bench: Bench,
  servers: readonly Running[],
  load: NamedLoad,
  { rounds, seconds }: Extent,
): Promise<ByServer<ThroughputResult>> {
  return inTurn(
    bench,
    load.title,
    rounds,
    servers,
    (server) => sampleThroughput(bench, server, load, seconds),
    (samples) => ({
      rate: median(samples.map(({ rate }) => rate)),
      rates: samples.map(({ rate }) => rate),
      cpu: median(samples.map(({ cpu }) => cpu)),
      cpus: samples.map(({ cpu }) => cpu),
      generatorIdle: median(samples.map(({ idle }) => idle)),
    }),
  );
}

async function sampleThroughput(
  { generator }: Bench,
  { pid, to }: Running,
  load: NamedLoad,
  seconds: number,
): Promise<{ rate: number; cpu: number; idle: number }> {
  const before = await cpuTime(pid);
  const { messages, total, seconds: measured, idle } = await generator.run(
    "throughput",
    { ...to, load, seconds },
  );
  const used = await cpuTime(pid) - before;
  return { rate: messages / measured, cpu: used * 1e6 / total, idle };
}

/** Concurrent handshakes. */
const CONCURRENCY = 16;

/**
 * Measures handshakes per second.
 *
 * @param bench the tools
 * @param servers the servers
 * @param extent rounds and seconds
 */
export function measureHandshakes(
  bench: Bench,
  servers: readonly Running[],
  { rounds, seconds }: Extent,
): Promise<ByServer<HandshakesResult>> {
  const concurrency = CONCURRENCY;
  return inTurn(
    bench,
    "handshakes",
    rounds,
    servers,
    async ({ pid, to }) => {
      const before = await cpuTime(pid);
      const { count, seconds: measured } = await bench.generator.run(
        "handshakes",
        { ...to, concurrency, seconds },
      );
      const used = await cpuTime(pid) - before;
      return { rate: count / measured, cpu: used * 1e6 / count };
    },
    (samples) => ({
      rate: median(samples.map(({ rate }) => rate)),
      rates: samples.map(({ rate }) => rate),
      cpu: median(samples.map(({ cpu }) => cpu)),
      cpus: samples.map(({ cpu }) => cpu),
    }),
  );
}

/**
 * Measures latency at half of a server's throughput.
 *
 * @param bench the tools
 * @param servers the servers
 * @param extent rounds and seconds
 */
export function measureLatency(
  bench: Bench,
  servers: readonly Running[],
  { rounds, seconds }: Extent,
): Promise<ByServer<LatencyResult>> {
  return inTurn(
    bench,
    "latency",
    rounds,
    servers,
    async (server) => {
      const peak = await sampleThroughput(bench, server, SINGLE, seconds);
      const before = await cpuTime(server.pid);
      const measured = await bench.generator.run("latency", {
        ...server.to,
        load: SINGLE,
        rate: peak.rate / 2,
        seconds,
      });
      const used = await cpuTime(server.pid) - before;
      return { ...measured, cpu: used * 1e6 / measured.total };
    },
    (samples) => ({
      rate: median(samples.map(({ rate }) => rate)),
      p50: median(samples.map(({ p50 }) => p50)),
      p99: median(samples.map(({ p99 }) => p99)),
      cpu: median(samples.map(({ cpu }) => cpu)),
    }),
  );
}

/** Connections before the first count, so that one-time costs are not counted. */
const FIRST = 100;

/** Milliseconds until a server is idle. */
const REST = 1000;

/**
 * Measures bytes of memory per idle connection, each server in a new process.
 *
 * @param bench the tools
 * @param prepared the servers
 * @param counts connections, in rising order
 */
export async function measureMemory(
  bench: Bench,
  prepared: readonly Prepared[],
  counts: readonly number[],
): Promise<Record<string, ByServer<number>>> {
  const results: Record<string, ByServer<number>> = {};
  for (const count of counts) results[count] = {};
  if (counts.length === 0) return results;
  for (const one of prepared) {
    const { id } = one.server;
    try {
      await using stack = new AsyncDisposableStack();
      const server = await start(one, bench, false, stack);
      stack.defer(async () => void await bench.generator.run("close", {}));
      await open(bench, server, FIRST);
      const before = await residentMemory(server.pid);
      let opened = 0;
      for (const count of counts) {
        bench.progress("memory", `${count} connections, ${id}`);
        await open(bench, server, count - opened);
        opened = count;
        results[count]![id] = (await residentMemory(server.pid) - before) /
          count;
      }
    } catch (error) {
      const failed = (error as Error).message;
      for (const count of counts) results[count]![id] ??= { failed };
    }
  }
  return results;
}

async function open(
  { generator }: Bench,
  { to }: Running,
  count: number,
): Promise<void> {
  await generator.run("open", { ...to, count });
  await new Promise((resolve) => setTimeout(resolve, REST));
}
