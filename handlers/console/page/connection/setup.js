/**
 * The set-up of the forms “Connect” and “Send”, and its notation as the fragment of
 * a link.
 *
 * Browsers send no fragment to a server, but users paste links into chats. So a link
 * contains no message and no secret: no values of secret parameters and, for a URL of
 * another server, no credentials.
 *
 * @module
 */

import { isPath } from "./address.js";
import { looksSecret, withoutSecrets } from "./secrets.js";

/** @import { Parameter } from "../server/parameters.js" */

/** @typedef {"text" | "json" | "hex" | "file" | "random"} Mode format of a message */

/**
 * @typedef {object} Setup
 * @property {string} server `edge`, `frame`, or `other` for another server
 * @property {string} path of a route of this server
 * @property {Record<string, string>} parameters of that route
 * @property {string} url if `server` is `other`
 * @property {string} protocols comma-separated
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

/** Properties that a link contains under their own names. */
const PLAIN = /** @type {const} */ ([
  "server",
  "path",
  "url",
  "protocols",
  "times",
  "interval",
  "size",
]);

/** Prefix of a route's parameters in a link. */
const PARAMETER = "query.";

/**
 * Writes a set-up as the fragment of a link, without default values.
 *
 * @param {Setup} setup
 * @param {readonly Parameter[]} known the route's parameters
 * @returns {string} without `#`
 */
export function toFragment(setup, known) {
  const fields = new URLSearchParams();
  const isOther = setup.server === "other";
  for (const name of PLAIN) {
    if (name === (isOther ? "path" : "url")) continue;
    const value = shareable(name, setup[name]);
    if (value !== DEFAULT_SETUP[name]) fields.set(name, value);
  }
  if (setup.mode !== DEFAULT_SETUP.mode) fields.set("mode", setup.mode);
  if (!isOther) {
    for (const { name, kind } of known) {
      const value = setup.parameters[name] ?? "";
      if (value !== "" && kind !== "secret") {
        fields.set(PARAMETER + name, value);
      }
    }
  }
  // Slashes and colons need no escape in a fragment.
  return String(fields).replaceAll("%2F", "/").replaceAll("%3A", ":");
}

/**
 * Reads a set-up from the fragment of a link; invalid and unknown fields are ignored.
 *
 * @param {string} fragment with or without `#`
 * @returns {Setup}
 */
export function fromFragment(fragment) {
  const fields = new URLSearchParams(fragment.replace(/^#/, ""));
  const setup = { ...DEFAULT_SETUP, parameters: readParameters(fields) };
  for (const name of PLAIN) setup[name] = fields.get(name) ?? setup[name];
  if (!isPath(setup.path)) setup.path = DEFAULT_SETUP.path;
  if (setup.url !== "" && !fields.has("server")) setup.server = "other";
  const mode = fields.get("mode");
  setup.mode = MODES.find((known) => known === mode) ?? setup.mode;
  return setup;
}

/**
 * The value of a property in a link.
 *
 * @param {string} name
 * @param {string} value
 */
function shareable(name, value) {
  if (name === "url") return withoutSecrets(value);
  // Some servers accept a token as a subprotocol.
  return name === "protocols" && looksSecret(value) ? "" : value;
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
