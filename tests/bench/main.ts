/**
 * `deno task bench`: measures this service's listeners and other WebSocket servers,
 * each a separate process, in turn.
 *
 * @module
 */

import { runCommand, UsageError } from "../../lib/config/arguments.ts";
import { type BenchArguments, HELP, readArguments } from "./arguments.ts";
import { bench, type Plan } from "./bench.ts";
import { chart } from "./report/chart.ts";
import { CI_SERVERS, verdicts } from "./report/ci.ts";
import { CI_LOADS, GROWTH_LOADS, LOADS, type NamedLoad } from "./loads.ts";
import type { Extent } from "./measure.ts";
import type { Results } from "./report/results.ts";
import { prepare, type Prepared, type Server, serversWith } from "./servers.ts";
import { markdown, ratioRows, remarks } from "./report/table.ts";

/** The loads, rounds, seconds and numbers of idle connections of each mode. */
const EXTENTS: Record<
  BenchArguments["mode"],
  Extent & {
    readonly loads: readonly NamedLoad[];
    readonly idle: readonly number[];
  }
> = {
  full: { loads: LOADS, rounds: 7, seconds: 1, idle: [2000, 10_000] },
  quick: { loads: LOADS, rounds: 1, seconds: 0.4, idle: [2000] },
  growth: { loads: GROWTH_LOADS, rounds: 3, seconds: 1, idle: [1000, 10_000] },
  ci: { loads: CI_LOADS, rounds: 25, seconds: 0.25, idle: [] },
};

const RESULTS = new URL("./results/", import.meta.url);

let printed = "";

/** Prints the progress: one changing line on a terminal, else a line per measurement. */
function progress(what: string, detail: string): void {
  if (Deno.stderr.isTerminal()) {
    const line = `\r\x1b[K${what}: ${detail}`;
    Deno.stderr.writeSync(new TextEncoder().encode(line));
  } else if (printed !== what) {
    console.error(what);
    printed = what;
  }
}

async function planOf(args: BenchArguments): Promise<Plan> {
  const { mode, measurements, workers } = args;
  const wants = (name: string) => measurements.includes(name);
  const { loads, rounds, seconds, idle } = EXTENTS[mode];
  const ids = mode === "ci" ? CI_SERVERS : args.servers;
  const hasOthers = mode === "full" || mode === "quick";
  const measured = {
    loads: loads.filter(({ id }) => wants(id)),
    handshakes: hasOthers && wants("handshakes"),
    latency: hasOthers && wants("latency"),
    idle: wants("memory") ? idle : [],
  };
  const parts = Object.values(measured).flat();
  if (!parts.some((part) => part !== false)) {
    const which = mode === "full" ? "without --growth" : `with --${mode}`;
    throw new UsageError(`--only: nothing of this is measured ${which}`);
  }
  return {
    prepared: await prepareAll(serversWith(workers ?? 1), ids),
    ...measured,
    rounds: args.rounds ?? rounds,
    seconds: args.seconds ?? seconds,
    pins: workers === undefined,
    progress,
  };
}

async function prepareAll(
  servers: readonly Server[],
  ids: readonly string[],
): Promise<Prepared[]> {
  const all: Prepared[] = [];
  for (const server of servers) {
    if (!ids.includes(server.id)) continue;
    const prepared = await prepare(server);
    if (typeof prepared !== "string") all.push(prepared);
    else console.error(`${server.name} is left out: ${prepared}`);
  }
  return all;
}

function print(results: Results): void {
  const { machine, servers } = results;
  const pinned = machine.pinned
    ? "the server on one core, the load generator on another"
    : "server and load generator on any core";
  console.log(`${machine.processor}, ${machine.cores} cores; ${pinned}`);
  for (const { name, version } of Object.values(servers)) {
    console.log(`${name}: ${version}`);
  }
  console.log(`\n${markdown(results)}\n`);
  for (const line of ratioRows(results)) console.log(line);
  for (const line of remarks(results)) console.log(line);
}

async function write(results: Results, name: string): Promise<void> {
  await Deno.mkdir(RESULTS, { recursive: true });
  const json = JSON.stringify(results, undefined, 2);
  await Deno.writeTextFile(new URL(`${name}.json`, RESULTS), `${json}\n`);
  await Deno.writeTextFile(new URL(`${name}.svg`, RESULTS), chart(results));
  console.log(`\nWritten: tests/bench/results/${name}.json and ${name}.svg`);
}

/** Attempts for a load that was too slow, since noise is rarely repeated. */
const ATTEMPTS = 4;

/** Compares the edge listener with the bare runtime and prints the ratios. */
async function isFastEnough(plan: Plan): Promise<boolean> {
  let { loads } = plan;
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const { throughput } = await bench({ ...plan, loads });
    const all = verdicts(loads, throughput);
    for (const { line } of all) console.log(line);
    loads = all.filter(({ ok }) => !ok).map(({ load }) => load);
    if (loads.length === 0) return true;
  }
  return false;
}

/** The name of the result files; complete runs have separate names. */
function fileName({ mode, isComplete, workers }: BenchArguments): string {
  if (!isComplete || mode === "quick") return "last";
  const name = mode === "full" ? "results" : mode;
  return workers === undefined ? name : `${name}-${workers}-workers`;
}

/**
 * Runs the benchmark.
 *
 * @param args the arguments after the program's name
 * @returns the exit code
 */
export async function main(args: readonly string[]): Promise<number> {
  const asked = readArguments(args);
  if (asked === "help") {
    console.log(HELP.trimEnd());
    return 0;
  }
  if (Deno.build.os !== "linux") {
    throw new UsageError("the benchmark needs Linux: epoll, /proc");
  }
  const plan = await planOf(asked);
  if (plan.prepared.length === 0) {
    console.error("bench: there is no server to measure");
    return 1;
  }
  if (asked.mode === "ci") return await isFastEnough(plan) ? 0 : 1;
  const results = await bench(plan);
  if (Deno.stderr.isTerminal()) console.error();
  print(results);
  await write(results, fileName(asked));
  return 0;
}

if (import.meta.main) await runCommand("bench", main);
