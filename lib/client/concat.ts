/**
 * Runs of bytes.
 *
 * @module
 */

/**
 * Joins runs of bytes.
 *
 * @param runs in order
 * @returns memory of its own, unless there is one run only
 */
export function joined(
  runs: readonly Uint8Array<ArrayBuffer>[],
): Uint8Array<ArrayBuffer> {
  if (runs.length === 1) return runs[0]!;
  const size = runs.reduce((sum, run) => sum + run.length, 0);
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const run of runs) {
    bytes.set(run, at);
    at += run.length;
  }
  return bytes;
}
