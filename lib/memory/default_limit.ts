/**
 * The memory limit where none is set.
 *
 * @module
 */

import process from "node:process";

/** Bytes where the machine has twice as much, or does not tell. */
const USUAL = 512 * 2 ** 20;

/**
 * 512 MiB, or half of the memory of the machine or its container, whichever is
 * less. Without the permission `--allow-sys=systemMemoryInfo` it is 512 MiB.
 *
 * @param memory bytes of the machine or its container; `undefined`: unknown
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
  // More than the machine has where no container limits it.
  return Math.min(total, process.constrainedMemory() || total);
}
