/**
 * Runs a benchmark: each server, each measurement of a plan.
 *
 * @module
 */

import { Generator } from "./generator.ts";
import type { NamedLoad } from "./loads.ts";
import {
  type Bench,
  type Extent,
  measureHandshakes,
  measureLatency,
  measureMemory,
  measureThroughput,
  type Running,
  withServers,
} from "./measure.ts";
import { ANY_CORES, chooseCores, processor } from "./cores.ts";
import type { Results } from "./report/results.ts";
import type { Prepared } from "./servers.ts";

/** The measurements to make. */
export interface Plan extends Extent {
  /** The servers. */
  readonly prepared: readonly Prepared[];
  /** The loads of the closed loop. */
  readonly loads: readonly NamedLoad[];
  /** Whether handshakes are measured. */
  readonly handshakes: boolean;
  /** Whether latency is measured. */
  readonly latency: boolean;
  /** Numbers of idle connections, in rising order. */
  readonly idle: readonly number[];
  /** Whether the server and the load generator are pinned to a core each. */
  readonly pins: boolean;
  /** Called before each sample. */
  readonly progress: Bench["progress"];
}

/**
 * Makes the measurements of a plan.
 *
 * @param plan the measurements
 */
export async function bench(plan: Plan): Promise<Results> {
  const { prepared, idle, progress } = plan;
  const cores = plan.pins ? await chooseCores() : ANY_CORES;
  await using generator = new Generator(cores);
  const tools: Bench = { generator, cores, progress };
  const needsServers = plan.handshakes || plan.latency ||
    plan.loads.some(({ deflate }) => !deflate);
  const plain = await withServers(
    tools,
    needsServers ? prepared : [],
    false,
    (servers) => measureRunning(tools, servers, plan),
  );
  const deflated = plan.loads.some(({ deflate }) => deflate)
    ? await withServers(
      tools,
      prepared.filter(({ server }) => server.deflates),
      true,
      (servers) => measureLoads(tools, servers, plan, true),
    )
    : {};
  return {
    date: new Date().toISOString(),
    machine: {
      os: Deno.build.os,
      arch: Deno.build.arch,
      processor: await processor(),
      cores: navigator.hardwareConcurrency,
      pinned: cores.server !== undefined,
    },
    servers: Object.fromEntries(
      prepared.map(({ server: { id, name }, plain: { version } }) => [
        id,
        { name, version },
      ]),
    ),
    ...plain,
    throughput: { ...plain.throughput, ...deflated },
    memory: await measureMemory(tools, prepared, idle),
  };
}

/** The measurements that use the same server processes. */
async function measureRunning(
  tools: Bench,
  servers: readonly Running[],
  plan: Plan,
): Promise<Pick<Results, "throughput" | "latency" | "handshakes">> {
  return {
    throughput: await measureLoads(tools, servers, plan, false),
    latency: plan.latency ? await measureLatency(tools, servers, plan) : {},
    handshakes: plan.handshakes
      ? await measureHandshakes(tools, servers, plan)
      : {},
  };
}

async function measureLoads(
  tools: Bench,
  servers: readonly Running[],
  plan: Plan,
  deflate: boolean,
): Promise<Results["throughput"]> {
  const results: Results["throughput"] = {};
  for (const load of plan.loads) {
    if (load.deflate !== deflate) continue;
    results[load.id] = await measureThroughput(tools, servers, load, plan);
  }
  return results;
}
