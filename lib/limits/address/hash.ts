/**
 * Hashes of addresses, for tables in which nobody from outside may know who
 * shares a row.
 *
 * @module
 */

/**
 * FNV-1a over the characters, finished as MurmurHash3 does.
 *
 * @param text what to hash
 * @param seed a secret
 * @returns 32 bits
 */
export function hash(text: string, seed: number): number {
  let hash = seed;
  for (let i = 0; i < text.length; i++) {
    hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
