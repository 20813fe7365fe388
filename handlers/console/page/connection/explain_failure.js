/**
 * Explains a failed handshake. Browsers hide the cause from pages; plain HTTP
 * requests narrow it down.
 *
 * @module
 */

/** Milliseconds that a request may take. */
const TIMEOUT = 5000;

/** The status of an opaque response (`no-cors`). */
const OPAQUE = 0;

/**
 * Results of plain HTTP requests to this server.
 *
 * @typedef {object} OwnFindings
 * @property {string} home host and port of the page
 * @property {number | undefined} health status of `/healthz`; `undefined`: no response
 * @property {boolean} responds whether the listener responds
 */

/**
 * Explains why the connection to a URL failed.
 *
 * @param {string} address the WebSocket URL
 * @param {boolean} own whether it belongs to this server
 * @returns {Promise<string>}
 */
export async function explainFailure(address, own) {
  const url = new URL(address);
  const plain = new URL(address);
  plain.protocol = url.protocol.replace("ws", "http");
  if (!own) {
    // The status is visible if the server allows the page's origin (CORS).
    const [visible, opaque] = await Promise.all([
      request(plain, "cors"),
      request(plain, "no-cors"),
    ]);
    return explainOther(url, visible ?? opaque, location.origin);
  }
  const home = location.host;
  const [health, status] = await Promise.all([
    request(new URL("/healthz", location.href), "same-origin"),
    url.host === home ? undefined : request(plain, "no-cors"),
  ]);
  const responds = (url.host === home ? health : status) !== undefined;
  return explainOwn(url, { home, health, responds });
}

/**
 * @param {URL} url of one of this server's routes
 * @param {OwnFindings} findings
 * @returns {string}
 */
export function explainOwn(url, { home, health, responds }) {
  if (health !== undefined && health >= 500) {
    return `${home} responds with status ${health}: the server is shutting down, or a proxy cannot reach it.`;
  }
  if (!responds) {
    return health === undefined
      ? `No response from ${home}: the server has stopped or is unreachable.`
      : `No response from ${url.host}, but ${home} responds: a firewall or a proxy may block the port, or the browser may not trust the certificate.`;
  }
  return requestedFailure(url) ??
    `${url.host} refused the handshake. Possible causes: an invalid parameter or token, an origin that is not allowed, a limit of the server.`;
}

/**
 * @param {URL} url of another server
 * @param {number | undefined} status of its response to a plain HTTP request
 * @param {string} origin origin of the page
 * @returns {string}
 */
export function explainOther({ host, pathname }, status, origin) {
  if (status === undefined) {
    return `No response from ${host}, or a response that the browser hides from a page of ${origin}. Possible causes: wrong name or port, server down, certificate not trusted, port blocked by the browser.`;
  }
  if (status === 404) return `${host} has no route ${pathname}.`;
  if (status === 501) {
    return `${host} does not support what the URL requests, such as a journal in a service with several threads.`;
  }
  const response = status === OPAQUE
    ? `${host} responds`
    : `${host} responds to a plain HTTP request with status ${status}`;
  return status >= 500
    ? `${response}: it is full, is shutting down, or has an error.`
    : `${response}, but refused the handshake. Possible causes: it is not a WebSocket server, it has the route at another path, it requires a subprotocol or a login, it does not allow the origin ${origin}.`;
}

/**
 * Explains a failure that the URL itself requests.
 *
 * @param {URL} url of one of this server's routes
 * @returns {string | undefined}
 */
export function requestedFailure({ pathname, searchParams }) {
  const status = searchParams.get("reject");
  if (status !== null) {
    return `The server refused the handshake with status ${status}, as the parameter reject requests.`;
  }
  const protocol = searchParams.get("subprotocol");
  if (protocol !== null) {
    return `The server responded with the subprotocol ${protocol}, as the parameter subprotocol requests. A browser fails a connection if it did not offer the subprotocol.`;
  }
  if (pathname === "/auth") {
    return "The server refused the handshake: /auth responds with status 401 if the token is missing or wrong.";
  }
  return undefined;
}

/**
 * Makes a plain HTTP request.
 *
 * @param {URL} url
 * @param {RequestMode} mode
 * @returns {Promise<number | undefined>} the status, or {@linkcode OPAQUE};
 * `undefined`: no response, or a response that the browser blocks
 */
async function request(url, mode) {
  const signal = AbortSignal.timeout(TIMEOUT);
  try {
    return (await fetch(url, { mode, signal, cache: "no-store" })).status;
  } catch {
    return undefined;
  }
}
