/**
 * Seeded hashes of addresses, for tables in which a client cannot cause collisions.
 *
 * @module
 */

/**
 * Hashes a text: FNV-1a over its UTF-16 code units, with the finalizer of MurmurHash3.
 *
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
