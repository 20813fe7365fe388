/**
 * The default of MEMORY_LIMIT.
 *
 * @module
 */

import process from "node:process";

/** Bytes on a machine with at least twice as much, or with unknown memory. */
const USUAL = 512 * 2 ** 20;

/**
 * Returns 512 MiB, or half of the memory of the machine or its container if that is
 * less. Returns 512 MiB without the permission `--allow-sys=systemMemoryInfo`.
 *
 * @param memory bytes of the machine or its container; `undefined` if unknown
 */
export function defaultMemoryLimit(
  memory: number | undefined = machineMemory(),
): number {
  return memory === undefined ? USUAL : Math.min(USUAL, Math.floor(memory / 2));
}

function machineMemory(): number | undefined {
  const permission = { name: "sys", kind: "systemMemoryInfo" } as const;
  if (Deno.permissions.querySync(permission).state !== "granted") {
    return undefined;
  }
  const { total } = Deno.systemMemoryInfo();
  // constrainedMemory() exceeds the total, or is 0, if no container limits it.
  return Math.min(total, process.constrainedMemory() || total);
}
