/**
 * Why no connection came about. A browser does not tell its pages; asking the
 * same address for a plain answer narrows it down.
 *
 * @module
 */

/** Milliseconds that an address has to answer. */
const PATIENCE = 5000;

/**
 * Finds words for a failure.
 *
 * @param {string} address of the WebSocket
 * @param {boolean} own whether it is a listener of this server
 * @returns {Promise<string>}
 */
export async function explainFailure(address, own) {
  const url = new URL(address);
  const asked = own ? refusalOnRequest(url) : undefined;
  if (asked !== undefined) return asked;
  const authority = url.host;
  url.protocol = url.protocol.replace("ws", "http");
  const answer = await ask(url);
  if (answer === undefined) {
    return own
      ? `Nothing answers at ${authority}. Does the server still run, and does a firewall or a proxy let this port through?`
      : `Nothing answers at ${authority}. The name or the port may be wrong, the server down, or its certificate not trusted.`;
  }
  if (answer === 404) {
    return `There is no route ${url.pathname} at ${authority}.`;
  }
  if (answer === 503) return `${authority} is full or shutting down.`;
  return own
    ? `${authority} refused the handshake: a parameter or token that is not right, an origin that is not allowed, a limit that is reached, or a refusal that was asked for.`
    : `${authority} answers, but refused the handshake: it may be no WebSocket server, want another path, a subprotocol or a login, or not allow the origin ${location.origin}.`;
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
    return "The server refused the handshake with 401: the token is missing, or not the right one.";
  }
  return undefined;
}

/**
 * @param {URL} url
 * @returns {Promise<number | undefined>} the status, 0 where the browser does
 * not tell; nothing where nobody answers
 */
async function ask(url) {
  const mode = url.origin === location.origin ? "same-origin" : "no-cors";
  const signal = AbortSignal.timeout(PATIENCE);
  try {
    return (await fetch(url, { mode, signal, cache: "no-store" })).status;
  } catch {
    return undefined;
  }
}
