/**
 * SHA-1 (FIPS 180-4 §6.1) of short texts, for handshakes: a hash object of `node:crypto`
 * costs more than the hash.
 *
 * @module
 */

const words = new Int32Array(80);
const hash = new Int32Array(5);

/**
 * Computes the hash of a text.
 *
 * @param text characters up to U+00FF, one byte each
 * @returns the five words of the hash; the next call changes them
 */
export function sha1(text: string): Int32Array {
  hash[0] = 0x67452301;
  hash[1] = 0xefcdab89;
  hash[2] = 0x98badcfe;
  hash[3] = 0x10325476;
  hash[4] = 0xc3d2e1f0;
  const { length } = text;
  // The text, a bit that is set, and its length in bits as 64-bit number.
  const end = (length + 9 + 63) & ~63;
  for (let start = 0; start < end; start += 64) {
    words.fill(0, 0, 16);
    const last = Math.min(length, start + 64);
    for (let at = start; at < last; at++) {
      words[(at - start) >> 2]! |= text.charCodeAt(at) << 24 - 8 * (at & 3);
    }
    if (length >= start && length < start + 64) {
      words[(length - start) >> 2]! |= 0x80 << 24 - 8 * (length & 3);
    }
    if (start + 64 === end) words[15] = length * 8;
    addBlock();
  }
  return hash;
}

/** Updates the hash by the block in the first sixteen words. */
function addBlock(): void {
  for (let i = 16; i < 80; i++) {
    const word = words[i - 3]! ^ words[i - 8]! ^ words[i - 14]! ^
      words[i - 16]!;
    words[i] = word << 1 | word >>> 31;
  }
  let a = hash[0]!;
  let b = hash[1]!;
  let c = hash[2]!;
  let d = hash[3]!;
  let e = hash[4]!;
  for (let i = 0; i < 80; i++) {
    const next = (a << 5 | a >>> 27) + mixed(i, b, c, d) + e + words[i]! | 0;
    e = d;
    d = c;
    c = b << 30 | b >>> 2;
    b = a;
    a = next;
  }
  hash[0]! += a;
  hash[1]! += b;
  hash[2]! += c;
  hash[3]! += d;
  hash[4]! += e;
}

/** The function and the constant of a round. */
function mixed(round: number, b: number, c: number, d: number): number {
  if (round < 20) return (b & c | ~b & d) + 0x5a827999;
  if (round < 40) return (b ^ c ^ d) + 0x6ed9eba1;
  if (round < 60) return (b & c | b & d | c & d) + 0x8f1bbcdc;
  return (b ^ c ^ d) + 0xca62c1d6;
}
