/**
 * Comparison of secrets in constant time.
 *
 * @module
 */

import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/**
 * Makes a check whose duration depends on neither the secret nor its length: it
 * compares keyed digests.
 *
 * @returns whether a candidate equals the secret
 */
export function secretMatcher(secret: string): (candidate: string) => boolean {
  const key = randomBytes(32);
  const digest = (text: string) =>
    createHmac("sha256", key).update(text).digest();
  const expected = digest(secret);
  return (candidate) => timingSafeEqual(digest(candidate), expected);
}
