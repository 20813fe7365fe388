/**
 * Fuzzes a target in a separate thread, so that a hanging target can be ended. The
 * current input is in shared memory, where the main thread can read it.
 *
 * @module
 */

/// <reference lib="deno.worker" />

import { fuzz } from "./fuzz.ts";
import { TARGETS } from "./targets.ts";

/** A task of the thread. */
export interface Task {
  /** Name of the target. */
  readonly name: string;
  readonly seed: number;
  readonly seconds: number;
  /** Receives the number of inputs, the length of the current input, and the input. */
  readonly shared: SharedArrayBuffer;
}

/** The result of a task. */
export interface Result {
  readonly inputs: number;
  /** Growth of memory after the first tenth of the time, in bytes. */
  readonly grown: number;
  /** The failing input in hex and its error. */
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
