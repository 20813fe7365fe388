/**
 * Medians.
 *
 * @module
 */

/**
 * The median.
 *
 * @param values at least one
 */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? sorted[middle]!
    : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/**
 * The median of the ratios within a round.
 *
 * @param a numerators, one per round
 * @param b denominators of the same rounds
 */
export function pairedRatio(
  a: readonly number[],
  b: readonly number[],
): number {
  return median(a.map((value, i) => value / b[i]!));
}
