/**
 * Masks the secrets in the notation of plans, for the log and for messages that reach it.
 *
 * @module
 */

import { STEPS } from "../steps/table.ts";

/** Replaces a secret. */
const MASK = "***";

/** The names of the steps whose arguments are secret. */
const SECRET_STEPS = STEPS.filter(({ isSecret }) => isSecret)
  .map(({ name }) => name);

/** A secret step, alone or in a path, up to its arguments. */
const SECRET_ARGUMENTS = new RegExp(
  `((?:^|[/:])(?:${SECRET_STEPS.join("|")})(?::|%3a))[^/]*`,
  "gi",
);

/**
 * Masks the arguments of secret steps: passwords, and names of journals.
 *
 * @param text a step, or a path with steps
 */
export function maskSteps(text: string): string {
  return text.replace(SECRET_ARGUMENTS, `$1${MASK}`);
}
