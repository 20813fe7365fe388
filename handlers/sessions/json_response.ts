/**
 * JSON responses of the admin API.
 *
 * @module
 */

/**
 * Makes a JSON response that is not cached.
 *
 * @param status of the response
 * @param value to encode
 */
export function jsonResponse(status: number, value: unknown): Response {
  return Response.json(value, {
    status,
    headers: {
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    },
  });
}
