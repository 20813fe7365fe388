/**
 * Fuzzes the parsers of external input.
 *
 *     deno task fuzz --help
 *
 * @module
 */

import { runCommand } from "../../lib/config/arguments.ts";
import { type FuzzArguments, help, readArguments } from "./arguments.ts";
import { MAX_TIME } from "./fuzz.ts";
import { TARGETS } from "./targets.ts";
import type { Result, Task } from "./worker.ts";

/** Bytes by which the process may grow. */
const MAX_GROWTH = 96 * 2 ** 20;

/** Milliseconds between two checks of a target's progress. */
const CHECK_EVERY = 5 * MAX_TIME;

/** Runs a target in a thread; ends it when it hangs. */
async function run(
  name: string,
  { seed, seconds }: FuzzArguments,
): Promise<Result> {
  const worker = new Worker(new URL("./worker.ts", import.meta.url).href, {
    type: "module",
  });
  const shared = new SharedArrayBuffer(8 + 4096);
  const [state, bytes] = [
    new Int32Array(shared, 0, 2),
    new Uint8Array(shared, 8),
  ];
  const { promise, resolve, reject } = Promise.withResolvers<Result>();
  let seen = -1;
  const timer = setInterval(() => {
    const inputs = Atomics.load(state, 0);
    if (inputs === seen) {
      const input = bytes.slice(0, state[1]).toHex();
      resolve({ inputs, grown: 0, failure: { input, error: "it hangs" } });
    }
    seen = inputs;
  }, CHECK_EVERY);
  worker.onmessage = ({ data }) => resolve(data);
  worker.onerror = (event) => reject(new Error(event.message));
  const task: Task = { name, seed, seconds, shared };
  worker.postMessage(task);
  try {
    return await promise;
  } finally {
    clearInterval(timer);
    worker.terminate();
  }
}

async function main(args: readonly string[]): Promise<number> {
  const names = TARGETS.map(({ name }) => name);
  const asked = readArguments(args, names);
  if (asked === "help") {
    console.log(help(names));
    return 0;
  }
  console.log(`seed ${asked.seed}`);
  let failed = false;
  for (const name of asked.targets) {
    const { inputs, grown, failure } = await run(name, asked);
    const mib = Math.max(grown / 2 ** 20, 0).toFixed(0);
    const grew = grown > MAX_GROWTH;
    console.log(
      `${name}: ${inputs} inputs, ${mib} MiB more memory${
        failure ? ", FAILED" : grew ? ", TOO MUCH" : ""
      }`,
    );
    if (failure) {
      console.log(`  input (hex): ${failure.input}\n  ${failure.error}`);
    }
    failed ||= failure !== undefined || grew;
  }
  return failed ? 1 : 0;
}

if (import.meta.main) await runCommand("fuzz", main);
