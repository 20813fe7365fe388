/**
 * The loads.
 *
 * @module
 */

import type { Load } from "./generator/jobs.ts";

/** A load that has a name. */
export interface NamedLoad extends Load {
  /** What `--only` and the results call it. */
  readonly id: string;
  /** What the table calls it: connections × bytes × in flight. */
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

/** One message in flight on each of 50 connections: what latency is measured with, too. */
export const SINGLE: NamedLoad = load(50, 64, 1, "text");

/** All of them. */
export const LOADS: readonly NamedLoad[] = [
  SINGLE,
  load(50, 64, 8, "text"),
  load(50, 64, 64, "text"),
  load(50, 1024, 4, "text"),
  load(10, 16384, 2, "binary"),
  load(4, 1048576, 1, "binary"),
  load(20, 65536, 2, "text", true),
];

/** One message in flight on each of more and more connections. */
export const GROWTH_LOADS: readonly NamedLoad[] = [1, 100, 1000, 10_000].map(
  (connections) => load(connections, 64, 1, "text"),
);

/** Whatever a table may hold, in its order. */
export const ALL_LOADS: readonly NamedLoad[] = [...LOADS, ...GROWTH_LOADS];

/** The loads of the comparison that CI makes. */
export const CI_LOADS: readonly NamedLoad[] = LOADS.filter(({ id }) =>
  ["50x64x1", "50x64x8", "50x1024x4"].includes(id)
);
