/**
 * The URL and the subprotocols to connect with.
 *
 * @module
 */

/** @import { Parameter } from "../server/parameters.js" */

/**
 * The path of a route. Without the leading slash it would become part of the host; a
 * query could contain secrets.
 */
const PATH = /^\/[^?#\\\s]*$/;

/** A token (RFC 9110 §5.6.2), as RFC 6455 §4.1 requires for a subprotocol. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * Whether a text is the path of a route.
 *
 * @param {string} text
 * @returns {boolean}
 */
export function isPath(text) {
  return PATH.test(text);
}

/**
 * @typedef {object} PageLocation origin of the page, as in `location`
 * @property {string} protocol
 * @property {string} host
 * @property {string} hostname
 */

/**
 * Makes the URL of a listener of this server, with TLS if the page has TLS.
 *
 * @param {PageLocation} location
 * @param {number} [port] default: the page's port
 * @returns {string} such as `ws://localhost:8001`
 */
export function baseOf({ protocol, host, hostname }, port) {
  const scheme = protocol === "https:" ? "wss:" : "ws:";
  return `${scheme}//${port === undefined ? host : `${hostname}:${port}`}`;
}

/**
 * @typedef {object} RouteSetup
 * @property {string} path
 * @property {Readonly<Record<string, string>>} parameters
 */

/**
 * Makes the URL of a route with its parameters.
 *
 * @param {string} base
 * @param {RouteSetup} setup
 * @param {readonly Parameter[]} known the route's parameters
 * @returns {string}
 * @throws {SyntaxError} its message is a sentence for the user
 */
export function addressOf(base, { path, parameters }, known) {
  if (!isPath(path)) {
    throw new SyntaxError(
      "A path must begin with / and must not contain a query.",
    );
  }
  const query = new URLSearchParams();
  for (const { name } of known) {
    const value = parameters[name] ?? "";
    if (value !== "") query.set(name, value);
  }
  return query.size === 0 ? base + path : `${base}${path}?${query}`;
}

/**
 * Checks the URL of another server.
 *
 * @param {string} text
 * @param {boolean} secure whether the page was loaded over https
 * @returns {string} the URL to connect to
 * @throws {SyntaxError} its message is a sentence for the user
 */
export function parseUrl(text, secure) {
  const url = URL.parse(text.trim());
  if (url === null || !/^(ws|http)s?:$/.test(url.protocol)) {
    throw new SyntaxError("A WebSocket URL must begin with ws:// or wss://.");
  }
  url.protocol = url.protocol.replace("http", "ws");
  if (url.hash !== "") {
    throw new SyntaxError("A WebSocket URL must not contain a fragment (#…).");
  }
  if (secure && url.protocol === "ws:" && !isLocal(url.hostname)) {
    throw new SyntaxError(
      "A page loaded over https can connect to wss:// URLs only.",
    );
  }
  return url.href;
}

/**
 * Parses a list of subprotocols.
 *
 * @param {string} text comma-separated
 * @returns {string[]}
 * @throws {SyntaxError} its message is a sentence for the user
 */
export function parseProtocols(text) {
  const names = text.split(",").map((name) => name.trim()).filter(Boolean);
  for (const [i, name] of names.entries()) {
    if (!TOKEN.test(name)) {
      throw new SyntaxError(`“${name}” is not a valid subprotocol name.`);
    }
    if (names.indexOf(name) !== i) {
      throw new SyntaxError(`“${name}” is listed twice.`);
    }
  }
  return names;
}

/** @param {string} hostname */
function isLocal(hostname) {
  return hostname === "localhost" || hostname.endsWith(".localhost") ||
    hostname === "[::1]" || hostname.startsWith("127.");
}
