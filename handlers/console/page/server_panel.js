/**
 * Live figures of the server.
 *
 * @module
 */

import { byId, create, setText } from "./dom.js";
import { formatCount, formatDuration, formatRate } from "./format.js";
import { parseMetrics, total } from "./metrics.js";

/** @import { Config } from "./config.js" */

/** Milliseconds between two looks. */
const PACE = 2000;

const TILES = /** @type {const} */ ([
  "Connections",
  "Messages a second",
  "Uptime",
  "Version",
]);

/** The tiles above the timeline. */
export class ServerPanel {
  #config;
  /** @type {Record<string, HTMLElement>} */
  #values = {};
  /** @type {{ at: number, messages: number } | undefined} */
  #last;

  /** @param {Config} config */
  constructor(config) {
    this.#config = config;
    for (const name of TILES) {
      const value = create("dd", { textContent: "–" });
      this.#values[name] = value;
      byId("server", HTMLElement).append(
        create(
          "dl",
          { className: "tile" },
          create("dt", { textContent: name }),
          value,
        ),
      );
    }
    this.#show("Version", config.version);
    setInterval(() => this.#look(), PACE);
    this.#look();
  }

  async #look() {
    if (document.hidden) return;
    const alive = await this.#read();
    const seconds = (Date.now() - this.#config.startedAt) / 1000;
    this.#show("Uptime", alive ? formatDuration(seconds) : "not reachable");
    if (!alive) {
      this.#show("Connections", "–");
      this.#show("Messages a second", "–");
    }
  }

  /** @returns {Promise<boolean>} whether the server answers */
  async #read() {
    const { metrics } = this.#config;
    try {
      const response = await fetch(metrics ?? "/healthz");
      const text = await response.text();
      if (metrics !== null && response.ok) this.#showMetrics(text);
      return true;
    } catch {
      return false;
    }
  }

  /** @param {string} text */
  #showMetrics(text) {
    const samples = parseMetrics(text);
    // A figure that has never changed is not there.
    const connections = total(samples, "websocket_server_active_connections") ??
      0;
    const messages = total(samples, "websocket_server_messages_total") ?? 0;
    const at = performance.now();
    this.#show("Connections", formatCount(connections));
    const last = this.#last;
    this.#last = { at, messages };
    if (last === undefined) return this.#show("Messages a second", "0");
    const rate = (messages - last.messages) / ((at - last.at) / 1000);
    this.#show("Messages a second", formatRate(Math.max(0, rate)));
  }

  /**
   * @param {typeof TILES[number]} name
   * @param {string} text
   */
  #show(name, text) {
    setText(/** @type {HTMLElement} */ (this.#values[name]), text);
  }
}
