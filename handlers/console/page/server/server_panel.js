/**
 * The tiles with live figures of the server.
 *
 * @module
 */

import { byId, create, setText } from "../dom.js";
import { formatCount, formatDuration, formatRate } from "../text/format.js";

/** @import { Config, Figures } from "./config.js" */

/** Milliseconds between two requests. */
const INTERVAL = 2000;

const TILES = /** @type {const} */ ([
  "Connections",
  "Messages/s",
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
    setInterval(() => this.#update(), INTERVAL);
    this.#update();
  }

  async #update() {
    if (document.hidden) return;
    const { figures } = this.#config;
    try {
      const response = await fetch(figures ?? "/healthz");
      if (!response.ok) {
        this.#showFailure(`status ${response.status}`);
      } else if (figures === null) {
        this.#showUptime(this.#config.startedAt);
      } else {
        this.#showFigures(await response.json());
      }
    } catch {
      this.#showFailure("unreachable");
    }
  }

  /** @param {string} state shown instead of the uptime */
  #showFailure(state) {
    this.#show("Uptime", state);
    this.#show("Connections", "–");
    this.#show("Messages/s", "–");
    this.#last = undefined;
  }

  /** @param {number} startedAt milliseconds since the epoch */
  #showUptime(startedAt) {
    this.#show("Uptime", formatDuration((Date.now() - startedAt) / 1000));
  }

  /** @param {Figures} figures */
  #showFigures({ version, startedAt, connections, messages }) {
    const at = performance.now();
    this.#show("Version", version);
    this.#showUptime(startedAt);
    this.#show("Connections", formatCount(connections));
    const last = this.#last;
    this.#last = { at, messages };
    if (last === undefined) return this.#show("Messages/s", "0");
    const rate = (messages - last.messages) / ((at - last.at) / 1000);
    this.#show("Messages/s", formatRate(Math.max(0, rate)));
  }

  /**
   * @param {typeof TILES[number]} name
   * @param {string} text
   */
  #show(name, text) {
    setText(/** @type {HTMLElement} */ (this.#values[name]), text);
  }
}
