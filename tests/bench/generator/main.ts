/**
 * The process of the load generator.
 *
 * @module
 */

import { deflatedStreams, OFFER } from "./deflate.ts";
import { openAll } from "./handshake.ts";
import { handshakes } from "./handshakes.ts";
import { type Answer, type Job, type Load, target } from "./jobs.ts";
import { latency } from "./latency.ts";
import { reset } from "./libc.ts";
import { Streams } from "./streams.ts";
import { throughput } from "./throughput.ts";

/** Connections that stay open. */
const open: number[] = [];

async function streams(
  job: { port: number; path: string; load: Load },
): Promise<Streams> {
  const { load } = job;
  return load.deflate
    ? await deflatedStreams(target(job), load.size, load.depth)
    : Streams.of(load, load.depth);
}

async function run(job: Job): Promise<unknown> {
  switch (job.kind) {
    case "throughput": {
      const { load: { connections, depth, deflate }, seconds } = job;
      const to = target(job, deflate ? OFFER : "");
      return throughput(to, await streams(job), connections, depth, seconds);
    }
    case "latency": {
      const { load: { connections }, rate, seconds } = job;
      const all = await streams(job);
      return latency(target(job), all, connections, rate, seconds);
    }
    case "handshakes":
      return handshakes(target(job), job.concurrency, job.seconds);
    case "open":
      open.push(...openAll(target(job), job.count));
      return { open: open.length };
    case "close":
      open.splice(0).forEach(reset);
      return {};
  }
}

async function answer(line: string): Promise<Answer> {
  try {
    return { ok: true, result: await run(JSON.parse(line)) };
  } catch (error) {
    return { ok: false, message: (error as Error).message };
  }
}

let rest = "";
for await (
  const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())
) {
  const lines = (rest + text).split("\n");
  rest = lines.pop()!;
  for (const line of lines) console.log(JSON.stringify(await answer(line)));
}
