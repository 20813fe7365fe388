/**
 * Masks the secrets in the paths of the routes, for the log.
 *
 * @module
 */

import { STEPS } from "./script/steps/table.ts";

/** Replaces a secret. */
const MASK = "***";

/** The names of the steps whose arguments are secret. */
const SECRET_STEPS = STEPS.filter(({ isSecret }) => isSecret)
  .map(({ name }) => name);

/** A secret step of a plan, up to its arguments. */
const SECRET_ARGUMENTS = new RegExp(
  `([/:](?:${SECRET_STEPS.join("|")})(?::|%3a))[^/]*`,
  "gi",
);

/** A path whose second segment is the key to what it names. */
const SECRET_SEGMENT = /^(\/(?:channel|journal|stash)\/)[^/]+/i;

/**
 * Masks the segments of a path that give access: passwords in plans, and the names of
 * journals, channels and stashed values. A path that no route matches may be a misspelled
 * one, so it is masked by the same rules.
 *
 * @param path of a request, as sent
 */
export function maskPath(path: string): string {
  return path
    .replace(SECRET_ARGUMENTS, `$1${MASK}`)
    .replace(SECRET_SEGMENT, `$1${MASK}`);
}
