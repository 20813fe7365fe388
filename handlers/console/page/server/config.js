/**
 * What the server tells its console of itself.
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
 * @property {string | null} figures path of the server's figures, where a page may read them
 */

/**
 * @typedef {object} Figures
 * @property {string} version
 * @property {number} startedAt milliseconds since the epoch
 * @property {number} connections that are open
 * @property {number} messages in both directions, since the start
 */

/**
 * Asks the server.
 *
 * @returns {Promise<Config>}
 */
export async function readConfig() {
  const response = await fetch("/console/config.json");
  if (!response.ok) {
    throw new Error(`/console/config.json: answered with ${response.status}`);
  }
  return await response.json();
}
