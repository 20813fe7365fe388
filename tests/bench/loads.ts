/**
 * The loads.
 *
 * @module
 */

import type { Load } from "./generator/jobs.ts";

/** A load with a name. */
export interface NamedLoad extends Load {
  /** The name in `--only` and in the results. */
  readonly id: string;
  /** The title in the table: connections × bytes × messages in flight. */
  readonly title: string;
}

function load(
  connections: number,
  size: number,
  depth: number,
  opcode: "text" | "binary",
  deflate = false,
): NamedLoad {
  const kind = deflate ? " deflate" : opcode === "binary" ? " binary" : "";
  return {
    connections,
    size,
    depth,
    opcode,
    deflate,
    id: `${connections}x${size}x${depth}${deflate ? "-deflate" : ""}`,
    title: `${connections} × ${inSize(size)} × ${depth}${kind}`,
  };
}

function inSize(bytes: number): string {
  if (bytes >= 2 ** 20) return `${bytes / 2 ** 20} MiB`;
  return bytes >= 2 ** 14 ? `${bytes / 2 ** 10} KiB` : String(bytes);
}

/** One message in flight on each of 50 connections; also the load for latency. */
export const SINGLE: NamedLoad = load(50, 64, 1, "text");

/** The loads of a full run. */
export const LOADS: readonly NamedLoad[] = [
  SINGLE,
  load(50, 64, 8, "text"),
  load(50, 64, 64, "text"),
  load(50, 1024, 4, "text"),
  load(10, 16384, 2, "binary"),
  load(4, 1048576, 1, "binary"),
  load(20, 65536, 2, "text", true),
];

/** The loads of `--growth`: one message in flight per connection. */
export const GROWTH_LOADS: readonly NamedLoad[] = [1, 100, 1000, 10_000].map(
  (connections) => load(connections, 64, 1, "text"),
);

/** Every load, in the order of the table. */
export const ALL_LOADS: readonly NamedLoad[] = [...LOADS, ...GROWTH_LOADS];

/** The loads of `--ci`. */
export const CI_LOADS: readonly NamedLoad[] = LOADS.filter(({ id }) =>
  ["50x64x1", "50x64x8", "50x1024x4"].includes(id)
);
