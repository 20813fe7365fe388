/**
 * The jobs of the load generator: one line of JSON per job on its standard input,
 * one line per result on its standard output.
 *
 * @module
 */

import type { Target } from "./handshake.ts";
import type { Handshakes } from "./handshakes.ts";
import type { Latency } from "./latency.ts";
import type { Messages } from "./streams.ts";
import type { Throughput } from "./throughput.ts";

/** A load: connections, messages and messages in flight. */
export interface Load extends Messages {
  /** Number of connections. */
  readonly connections: number;
  /** Messages in flight per connection. */
  readonly depth: number;
  /** Whether the messages are compressed JSON. */
  readonly deflate: boolean;
}

/** Measures throughput with a closed loop. */
export interface ThroughputJob {
  readonly kind: "throughput";
  readonly port: number;
  readonly path: string;
  readonly load: Load;
  readonly seconds: number;
}

/** Measures latency with an open loop. */
export interface LatencyJob {
  readonly kind: "latency";
  readonly port: number;
  readonly path: string;
  readonly load: Load;
  readonly rate: number;
  readonly seconds: number;
}

/** Measures handshakes. */
export interface HandshakesJob {
  readonly kind: "handshakes";
  readonly port: number;
  readonly path: string;
  readonly concurrency: number;
  readonly seconds: number;
}

/** Opens more connections, which stay open. */
export interface OpenJob {
  readonly kind: "open";
  readonly port: number;
  readonly path: string;
  readonly count: number;
}

/** Closes the connections of {@linkcode OpenJob}. */
export interface CloseJob {
  readonly kind: "close";
}

/** The jobs and their results, by kind. */
export interface Jobs {
  readonly throughput: readonly [ThroughputJob, Throughput];
  readonly latency: readonly [LatencyJob, Latency];
  readonly handshakes: readonly [HandshakesJob, Handshakes];
  readonly open: readonly [OpenJob, { readonly open: number }];
  readonly close: readonly [CloseJob, Record<string, never>];
}

/** Any job. */
export type Job = Jobs[keyof Jobs][0];

/** The result of a job, or its error. */
export type Answer =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly message: string };

/**
 * The server of a job.
 *
 * @param job the job
 * @param extensions the offer, or `""`
 */
export function target(
  { port, path }: { port: number; path: string },
  extensions = "",
): Target {
  return { port, path, extensions };
}
