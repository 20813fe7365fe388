/**
 * Answers of the operator's routes.
 *
 * @module
 */

/**
 * Writes a value as JSON that no cache keeps.
 *
 * @param status the answer's
 * @param value what to say
 */
export function json(status: number, value: unknown): Response {
  return Response.json(value, {
    status,
    headers: {
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    },
  });
}
