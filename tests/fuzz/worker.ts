/**
 * Fuzzes one target in a thread of its own, so that one that hangs can be ended:
 * the input at hand lies where the other thread sees it.
 *
 * @module
 */

/// <reference lib="deno.worker" />

import { fuzz } from "./fuzz.ts";
import { TARGETS } from "./targets.ts";

/** What to do. */
export interface Task {
  /** Name of the target. */
  readonly name: string;
  readonly seed: number;
  readonly seconds: number;
  /** Takes the number of inputs, the input's length, and the input. */
  readonly shared: SharedArrayBuffer;
}

/** What came of it. */
export interface Result {
  readonly inputs: number;
  /** Bytes by which memory grew after the first tenth of the time. */
  readonly grown: number;
  /** The failing input in hex, and the error. */
  readonly failure?: { readonly input: string; readonly error: string };
}

self.onmessage = ({ data }: MessageEvent<Task>) => {
  const { name, seed, seconds, shared } = data;
  const target = TARGETS.find((target) => target.name === name)!;
  const [state, bytes] = [
    new Int32Array(shared, 0, 2),
    new Uint8Array(shared, 8),
  ];
  const start = performance.now();
  const end = start + seconds * 1000;
  const warm = start + seconds * 100;
  let inputs = 0;
  let before: number | undefined;
  const failure = fuzz(target, seed, (input) => {
    bytes.set(input);
    Atomics.store(state, 1, input.length);
    Atomics.store(state, 0, ++inputs);
    const now = performance.now();
    if (now > warm) before ??= Deno.memoryUsage().rss;
    return now < end;
  });
  const result: Result = {
    inputs,
    grown: Deno.memoryUsage().rss - (before ?? Infinity),
    ...(failure && {
      failure: {
        input: failure.input.toHex(),
        error: String((failure.error as Error)?.stack ?? failure.error),
      },
    }),
  };
  self.postMessage(result);
};
