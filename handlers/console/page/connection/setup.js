/**
 * A set-up: where to connect, and how to send; as an address, and as the
 * fragment of a link that can be shared.
 *
 * The fragment of a URL is not sent to any server. What is secret is left out of
 * it all the same, since links end in chats and in histories: values of secret
 * parameters, and in a foreign URL user, password and what is named like a key.
 * Messages are left out too.
 *
 * @module
 */

/** @import { Parameter } from "../server/parameters.js" */

/** @typedef {"text" | "json" | "hex" | "file" | "random"} Mode of a message to send */

/**
 * @typedef {object} Setup
 * @property {string} server `edge`, `frame`, or `other` for a foreign URL
 * @property {string} path of a route of this server
 * @property {Record<string, string>} parameters of that route
 * @property {string} url where `server` is `other`
 * @property {string} protocols separated by commas
 * @property {Mode} mode
 * @property {string} times
 * @property {string} interval
 * @property {string} size
 */

/** @type {Readonly<Setup>} */
export const DEFAULT_SETUP = {
  server: "edge",
  path: "/ws",
  parameters: {},
  url: "",
  protocols: "",
  mode: "text",
  times: "1",
  interval: "0",
  size: "1024",
};

/** @type {readonly Mode[]} */
const MODES = ["text", "json", "hex", "file", "random"];

/** Fields that stand in a link under their own name. */
const PLAIN = /** @type {const} */ ([
  "server",
  "path",
  "url",
  "protocols",
  "times",
  "interval",
  "size",
]);

/**
 * The path of a route. What does not begin with a slash would become a part of the
 * host, and a query may hold what a link is to leave out.
 */
const PATH = /^\/[^?#\\\s]*$/;

/** Before the name of a route's parameter. */
const PARAMETER = "query.";

/** Names of query parameters that look like a secret. */
const SECRET =
  /token|secret|passw|pwd|key|auth|cred|sign?(ature)?$|^sig|session|ticket|jwt|^code$/i;

/**
 * Writes a set-up as the fragment of a link; defaults are left out.
 *
 * @param {Setup} setup
 * @param {readonly Parameter[]} known the route's parameters
 * @returns {string} without `#`
 */
export function toFragment(setup, known) {
  const fields = new URLSearchParams();
  const foreign = setup.server === "other";
  for (const name of PLAIN) {
    if (name === (foreign ? "path" : "url")) continue;
    const value = shareable(name, setup[name]);
    if (value !== DEFAULT_SETUP[name]) fields.set(name, value);
  }
  if (setup.mode !== DEFAULT_SETUP.mode) fields.set("mode", setup.mode);
  if (!foreign) {
    for (const { name, kind } of known) {
      const value = setup.parameters[name] ?? "";
      if (value !== "" && kind !== "secret") {
        fields.set(PARAMETER + name, value);
      }
    }
  }
  // A path is easier to read as it is; none of these ends a field.
  return String(fields).replaceAll("%2F", "/").replaceAll("%3A", ":");
}

/**
 * Reads a set-up from a link.
 *
 * @param {string} fragment with or without `#`
 * @returns {Setup}
 */
export function fromFragment(fragment) {
  const fields = new URLSearchParams(fragment.replace(/^#/, ""));
  const setup = { ...DEFAULT_SETUP, parameters: readParameters(fields) };
  for (const name of PLAIN) setup[name] = fields.get(name) ?? setup[name];
  if (!PATH.test(setup.path)) setup.path = DEFAULT_SETUP.path;
  if (setup.url !== "" && !fields.has("server")) setup.server = "other";
  const mode = fields.get("mode");
  setup.mode = MODES.find((known) => known === mode) ?? setup.mode;
  return setup;
}

/**
 * A foreign URL without user, password, fragment, and query parameters that look
 * like a secret.
 *
 * @param {string} text
 * @returns {string} empty where it is no URL
 */
export function withoutSecrets(text) {
  if (!URL.canParse(text)) return "";
  const url = new URL(text);
  url.username = "";
  url.password = "";
  url.hash = "";
  for (const [name, value] of [...url.searchParams]) {
    if (isSecret(name, value)) url.searchParams.delete(name);
  }
  return url.href;
}

/**
 * An address as it may be shown and exported: without user and password, and
 * without the values of query parameters that look like a secret.
 *
 * @param {string} address
 * @returns {string}
 */
export function masked(address) {
  const [start = "", query] = address.split(/\?(.*)/s);
  const shown = start.replace(/^(\w+:\/\/)[^/]*@/, "$1•••@");
  if (query === undefined) return shown;
  const fields = query.split("&").map((field) => {
    const [name = ""] = field.split("=");
    const [pair] = new URLSearchParams(field);
    return pair !== undefined && isSecret(...pair) ? `${name}=•••` : field;
  });
  return `${shown}?${fields.join("&")}`;
}

/**
 * The value of a field as a link shows it.
 *
 * @param {string} name
 * @param {string} value
 */
function shareable(name, value) {
  if (name === "url") return withoutSecrets(value);
  // Some servers take a token for one of the subprotocols.
  return name === "protocols" && SECRET.test(value) ? "" : value;
}

/**
 * Whether a query parameter is a secret, or holds a URL with one.
 *
 * @param {string} name as a server reads it: `token` for `to%6ben`
 * @param {string} value the same
 */
function isSecret(name, value) {
  if (SECRET.test(name) || /\/\/[^/?#\s]*@/.test(value)) return true;
  const inner = value.matchAll(/[?&;#]([^?&;#=]+)=/g);
  return [...inner].some(([, name = ""]) => SECRET.test(name));
}

/**
 * @typedef {object} Place where the page was loaded from, as in `location`
 * @property {string} protocol
 * @property {string} host
 * @property {string} hostname
 */

/**
 * The address of this server's listener, by the scheme of the page.
 *
 * @param {Place} place
 * @param {number} [port] where it is not the page's own
 * @returns {string} such as `ws://localhost:8001`
 */
export function baseOf({ protocol, host, hostname }, port) {
  const scheme = protocol === "https:" ? "wss:" : "ws:";
  return `${scheme}//${port === undefined ? host : `${hostname}:${port}`}`;
}

/**
 * The address of a route with its parameters.
 *
 * @param {string} base
 * @param {Setup} setup
 * @param {readonly Parameter[]} known the route's parameters
 * @returns {string}
 * @throws {SyntaxError} the path is none
 */
export function addressOf(base, setup, known) {
  if (!PATH.test(setup.path)) {
    throw new SyntaxError("A path begins with / and has no query.");
  }
  const query = new URLSearchParams();
  for (const { name } of known) {
    const value = setup.parameters[name] ?? "";
    if (value !== "") query.set(name, value);
  }
  return query.size === 0 ? base + setup.path : `${base}${setup.path}?${query}`;
}

/**
 * Checks a foreign URL.
 *
 * @param {string} text
 * @param {boolean} secure whether the page came by https
 * @returns {string} the URL as it is connected to
 * @throws {SyntaxError} says in a sentence what is wrong
 */
export function parseUrl(text, secure) {
  const url = URL.parse(text.trim());
  if (url === null || !/^(ws|http)s?:$/.test(url.protocol)) {
    throw new SyntaxError("A WebSocket URL begins with ws:// or wss://.");
  }
  url.protocol = url.protocol.replace("http", "ws");
  if (url.hash !== "") {
    throw new SyntaxError("A WebSocket URL has no fragment (#…).");
  }
  if (secure && url.protocol === "ws:" && !isLocal(url.hostname)) {
    throw new SyntaxError(
      "From a page that came by https, a browser connects to wss:// only.",
    );
  }
  return url.href;
}

/**
 * Checks a list of subprotocols.
 *
 * @param {string} text separated by commas
 * @returns {string[]}
 * @throws {SyntaxError} says in a sentence what is wrong
 */
export function parseProtocols(text) {
  const names = text.split(",").map((name) => name.trim()).filter(Boolean);
  for (const [i, name] of names.entries()) {
    // A token of RFC 9110 §5.6.2, as RFC 6455 §4.1 demands.
    if (!/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name)) {
      throw new SyntaxError(`“${name}” cannot be the name of a subprotocol.`);
    }
    if (names.indexOf(name) !== i) {
      throw new SyntaxError(`“${name}” is there twice.`);
    }
  }
  return names;
}

/** @param {string} hostname */
function isLocal(hostname) {
  return hostname === "localhost" || hostname.endsWith(".localhost") ||
    hostname === "[::1]" || hostname.startsWith("127.");
}

/** @param {URLSearchParams} fields */
function readParameters(fields) {
  /** @type {Record<string, string>} */
  const parameters = {};
  for (const [name, value] of fields) {
    if (name.startsWith(PARAMETER)) {
      parameters[name.slice(PARAMETER.length)] = value;
    }
  }
  return parameters;
}
