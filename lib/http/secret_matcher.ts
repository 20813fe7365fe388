/**
 * Comparing secrets.
 *
 * @module
 */

import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/**
 * Makes a check for one secret whose time tells nothing about the secret, its
 * length included: what is compared are keyed digests.
 *
 * @param secret the right value
 * @returns whether a candidate is the secret
 */
export function secretMatcher(secret: string): (candidate: string) => boolean {
  const key = randomBytes(32);
  const digest = (text: string) =>
    createHmac("sha256", key).update(text).digest();
  const expected = digest(secret);
  return (candidate) => timingSafeEqual(digest(candidate), expected);
}
