/**
 * Label values that a peer has a say in, kept to a bounded set: every distinct
 * value is a time series for ever.
 *
 * @module
 */

/** Codes of RFC 6455 §7.4.1 and the IANA registry. */
const FIRST_CLOSE_CODE = 1000;
const LAST_CLOSE_CODE = 1015;

/** What OpenTelemetry's conventions know as methods; all others are one. */
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

/** What this service answers by itself. A peer may ask for any other. */
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
 * A close code: a registered one by its number, the others by their range.
 *
 * @param code what the peer sent, or 1005 or 1006
 */
export function closeCodeLabel(code: number): string {
  if (code >= FIRST_CLOSE_CODE && code <= LAST_CLOSE_CODE) return String(code);
  const thousand = Math.floor(code / 1000);
  return thousand === 3 || thousand === 4 ? `${thousand}xxx` : "other";
}

/**
 * A method, as the conventions for `http.request.method` have it.
 *
 * @param method as the peer wrote it
 */
export function methodLabel(method: string): string {
  return METHODS.has(method) ? method : "_OTHER";
}

/**
 * A status: one that the service has reason to answer by its number, the others
 * by their class.
 *
 * @param status of an answer
 */
export function statusLabel(status: number): string {
  return STATUSES.has(status)
    ? String(status)
    : `${Math.floor(status / 100)}xx`;
}
