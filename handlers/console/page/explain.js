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
