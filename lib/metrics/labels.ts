/**
 * Label values that a client influences, reduced to a bounded set: each distinct value
 * is a time series that stays.
 *
 * @module
 */

/** The codes of RFC 6455 §7.4.1 and the IANA registry. */
const FIRST_CLOSE_CODE = 1000;
const LAST_CLOSE_CODE = 1015;

/** The methods of OpenTelemetry's conventions. */
const METHODS: ReadonlySet<string> = new Set([
  "CONNECT",
  "DELETE",
  "GET",
  "HEAD",
  "OPTIONS",
  "PATCH",
  "POST",
  "PUT",
  "TRACE",
]);

/** Statuses that the service itself sends; a client may request any other. */
const STATUSES: ReadonlySet<number> = new Set([
  101,
  200,
  202,
  204,
  400,
  401,
  403,
  404,
  405,
  408,
  409,
  413,
  426,
  429,
  431,
  500,
  503,
]);

/**
 * Labels a close code: a registered code by its number, others by their range.
 *
 * @param code the code of the client, or 1005 or 1006
 */
export function closeCodeLabel(code: number): string {
  if (code >= FIRST_CLOSE_CODE && code <= LAST_CLOSE_CODE) return String(code);
  const thousand = Math.floor(code / 1000);
  return thousand === 3 || thousand === 4 ? `${thousand}xxx` : "other";
}

/**
 * Labels a method by the conventions for `http.request.method`.
 *
 * @param method the method of the request
 */
export function methodLabel(method: string): string {
  return METHODS.has(method) ? method : "_OTHER";
}

/**
 * Labels a status: one that the service itself sends by its number, others
 * by their class.
 *
 * @param status the status of the response
 */
export function statusLabel(status: number): string {
  return STATUSES.has(status)
    ? String(status)
    : `${Math.floor(status / 100)}xx`;
}
