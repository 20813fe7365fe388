/**
 * Why no connection came about. A browser does not tell its pages; plain requests
 * narrow it down.
 *
 * @module
 */

/** Milliseconds that an address has to answer. */
const PATIENCE = 5000;

/** The status of an answer that the browser hides from the page. */
const HIDDEN = 0;

/**
 * Results of plain HTTP requests to this server.
 *
 * @typedef {object} OwnFindings
 * @property {string} home host and port of the page
 * @property {number | undefined} health status of `/healthz`; nothing: no answer
 * @property {boolean} answers whether the listener answers
 */

/**
 * Finds words for a failure.
 *
 * @param {string} address of the WebSocket
 * @param {boolean} own whether it is a listener of this server
 * @returns {Promise<string>}
 */
export async function explainFailure(address, own) {
  const url = new URL(address);
  const plain = new URL(address);
  plain.protocol = url.protocol.replace("ws", "http");
  if (!own) {
    // A server that allows the page's origin shows its status.
    const [shown, hidden] = await Promise.all([
      ask(plain, "cors"),
      ask(plain, "no-cors"),
    ]);
    return explainOther(url, shown ?? hidden, location.origin);
  }
  const home = location.host;
  const [health, answer] = await Promise.all([
    ask(new URL("/healthz", location.href), "same-origin"),
    url.host === home ? undefined : ask(plain, "no-cors"),
  ]);
  const answers = (url.host === home ? health : answer) !== undefined;
  return explainOwn(url, { home, health, answers });
}

/**
 * @param {URL} url of one of this server's routes
 * @param {OwnFindings} findings
 * @returns {string}
 */
export function explainOwn(url, { home, health, answers }) {
  if (health !== undefined && health >= 500) {
    return `${home} answers with ${health}: the server is shutting down, or a proxy does not reach it.`;
  }
  if (!answers) {
    return health === undefined
      ? `Nothing answers at ${home} any more: the server has stopped, or the network does not reach it.`
      : `The browser gets no answer from ${url.host}, while ${home} answers: a firewall or a proxy may not let this port through, or the browser may not trust its certificate there.`;
  }
  return refusalOnRequest(url) ??
    `${url.host} refused the handshake: a parameter or token that is not right, an origin that is not allowed, a limit that is reached, or a refusal that was asked for.`;
}

/**
 * @param {URL} url of another server
 * @param {number | undefined} status of its answer to a plain request
 * @param {string} origin the page's
 * @returns {string}
 */
export function explainOther({ host, pathname }, status, origin) {
  if (status === undefined) {
    return `The browser gets no answer from ${host}, or none that it shows to a page of ${origin}. The name or the port may be wrong, the server down, its certificate not trusted, or the port blocked by the browser.`;
  }
  if (status === 404) return `There is no route ${pathname} at ${host}.`;
  const answers = status === HIDDEN
    ? `${host} answers`
    : `${host} answers a plain request with ${status}`;
  return status >= 500
    ? `${answers}: it is full, shutting down, or has an error.`
    : `${answers}, but refused the handshake: it may be no WebSocket server, want another path, a subprotocol or a login, or not allow the origin ${origin}.`;
}

/**
 * What makes this server refuse, or the browser turn away, for all to see in the
 * address.
 *
 * @param {URL} url of one of this server's routes
 * @returns {string | undefined}
 */
export function refusalOnRequest({ pathname, searchParams }) {
  const status = searchParams.get("reject");
  if (status !== null) {
    return `The server refused the handshake with ${status}, as reject asks.`;
  }
  const protocol = searchParams.get("subprotocol");
  if (protocol !== null) {
    return `The server answered with the subprotocol ${protocol}, as subprotocol asks; a browser drops a connection whose subprotocol it did not offer.`;
  }
  if (pathname === "/auth") {
    return "The server refused the handshake: /auth answers with 401 if the token is missing, or not the right one.";
  }
  return undefined;
}

/**
 * Asks an address for a plain answer.
 *
 * @param {URL} url
 * @param {RequestMode} mode
 * @returns {Promise<number | undefined>} the status, or {@linkcode HIDDEN};
 * nothing where no answer comes, or none that the browser accepts
 */
async function ask(url, mode) {
  const signal = AbortSignal.timeout(PATIENCE);
  try {
    return (await fetch(url, { mode, signal, cache: "no-store" })).status;
  } catch {
    return undefined;
  }
}
