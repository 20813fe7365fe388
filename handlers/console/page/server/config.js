/**
 * `/console/config.json`: the server's version, listeners and routes.
 *
 * @module
 */

/** @import { Parameter } from "./parameters.js" */

/**
 * @typedef {object} Listener
 * @property {string} name `edge` or `frame`
 * @property {number} port
 * @property {string} purpose
 */

/**
 * @typedef {object} Route
 * @property {string} path
 * @property {string} purpose
 * @property {readonly string[]} subprotocols
 * @property {readonly Parameter[]} parameters
 */

/**
 * @typedef {object} Config
 * @property {string} version
 * @property {number} startedAt milliseconds since the epoch
 * @property {readonly Listener[]} listeners
 * @property {readonly Route[]} routes
 * @property {string | null} figures path of the figures; `null`: they need a token
 */

/**
 * @typedef {object} Figures
 * @property {string} version
 * @property {number} startedAt milliseconds since the epoch
 * @property {number} connections open connections
 * @property {number} messages in both directions since the start
 */

/**
 * Requests the configuration.
 *
 * @returns {Promise<Config>}
 * @throws {Error} the response has an error status
 */
export async function readConfig() {
  const response = await fetch("/console/config.json");
  if (!response.ok) {
    throw new Error(`/console/config.json: status ${response.status}`);
  }
  return await response.json();
}
