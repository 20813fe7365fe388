/**
 * What the benchmark asks the load generator for: a job a line of JSON on its
 * standard input, what came of it a line on its standard output.
 *
 * @module
 */

import type { Target } from "./handshake.ts";
import type { Handshakes } from "./handshakes.ts";
import type { Latency } from "./latency.ts";
import type { Messages } from "./streams.ts";
import type { Throughput } from "./throughput.ts";

/** A load: how many connections, what, and how many messages in flight on each. */
export interface Load extends Messages {
  /** Connections. */
  readonly connections: number;
  /** Messages in flight on each. */
  readonly depth: number;
  /** Whether the messages are JSON, and compressed. */
  readonly deflate: boolean;
}

/** A closed loop. */
export interface ThroughputJob {
  readonly kind: "throughput";
  readonly port: number;
  readonly path: string;
  readonly load: Load;
  readonly seconds: number;
}

/** An open loop. */
export interface LatencyJob {
  readonly kind: "latency";
  readonly port: number;
  readonly path: string;
  readonly load: Load;
  readonly rate: number;
  readonly seconds: number;
}

/** Handshakes, one behind the other in several rows. */
export interface HandshakesJob {
  readonly kind: "handshakes";
  readonly port: number;
  readonly path: string;
  readonly concurrency: number;
  readonly seconds: number;
}

/** Connections that stay open, further ones beside those that there are. */
export interface OpenJob {
  readonly kind: "open";
  readonly port: number;
  readonly path: string;
  readonly count: number;
}

/** Closes what {@linkcode OpenJob} has opened. */
export interface CloseJob {
  readonly kind: "close";
}

/** What the generator can be asked for, and what comes of each. */
export interface Jobs {
  readonly throughput: readonly [ThroughputJob, Throughput];
  readonly latency: readonly [LatencyJob, Latency];
  readonly handshakes: readonly [HandshakesJob, Handshakes];
  readonly open: readonly [OpenJob, { readonly open: number }];
  readonly close: readonly [CloseJob, Record<string, never>];
}

/** Any job. */
export type Job = Jobs[keyof Jobs][0];

/** What came of a job. */
export type Answer =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly message: string };

/**
 * The server of a job.
 *
 * @param job names it
 * @param extensions to offer, or `""`
 */
export function target(
  { port, path }: { port: number; path: string },
  extensions = "",
): Target {
  return { port, path, extensions };
}
