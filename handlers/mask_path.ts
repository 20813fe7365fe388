/**
 * Masks the secrets in the paths of the routes, for the log.
 *
 * @module
 */

import { maskSteps } from "./script/notation/mask_steps.ts";

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
  return maskSteps(path).replace(SECRET_SEGMENT, "$1***");
}
