/**
 * The details of one entry: text, formatted JSON, hex dump.
 *
 * @module
 */

import { byId, copyText, create } from "../dom.js";
import { isJsonStructure, prettyJson } from "../sending/payload.js";
import { hexDump, spacedHex } from "../text/bytes.js";
import { formatMs, formatSize, formatTime } from "../text/format.js";

/** @import { Entry } from "./timeline.js" */

/** Bytes or characters shown at first. */
const FOLDED = 4096;

/** Bytes or characters shown at most. */
const UNFOLDED = 2 ** 20;

/** @typedef {"Text" | "JSON" | "Hex"} View */

/** The panel with the details of the selected entry. */
export class Detail {
  #box = byId("detail", HTMLElement);
  #close;
  /** @type {Entry | undefined} */
  #entry;

  /** @param {() => void} close */
  constructor(close) {
    this.#close = close;
    this.#box.addEventListener("keydown", (event) => {
      if (event.key === "Escape") close();
    });
  }

  /** Moves the focus to the panel. */
  focus() {
    this.#box.querySelector("button")?.focus();
  }

  /** @param {Entry | undefined} entry `undefined`: hides the panel */
  show(entry) {
    if (entry === this.#entry) return;
    this.#entry = entry;
    this.#box.hidden = entry === undefined;
    if (entry === undefined) return this.#box.replaceChildren();
    const body = create("div", { className: "body" });
    const views = viewsOf(entry);
    const head = create(
      "div",
      { className: "toolbar" },
      create("strong", { textContent: `${entry.kind} · ${entry.opcode}` }),
      this.#tools(entry),
    );
    this.#box.replaceChildren(
      head,
      facts(entry),
      viewButtons(entry, views, body),
      body,
    );
    showView(body, entry, /** @type {View} */ (views[0]), FOLDED);
  }

  /** @param {Entry} entry */
  #tools(entry) {
    const tools = create("div", { className: "tools" });
    const copy = create("button", {
      type: "button",
      className: "small",
      textContent: "Copy",
    });
    copy.addEventListener("click", () => {
      const { data } = entry;
      copyText(typeof data === "string" ? data : spacedHex(data), "Content");
    });
    const close = create("button", {
      type: "button",
      className: "small",
      textContent: "Close",
    });
    close.addEventListener("click", this.#close);
    tools.append(copy, close);
    return tools;
  }
}

/** @param {Entry} entry */
function facts({ at, size, rtt, kind }) {
  const parts = [formatTime(at)];
  if (kind !== "event") parts.push(formatSize(size));
  if (rtt !== undefined) parts.push(`round trip ${formatMs(rtt)}`);
  return create("p", { className: "hint", textContent: parts.join(" · ") });
}

/**
 * @param {Entry} entry
 * @returns {View[]}
 */
function viewsOf({ data, kind }) {
  if (kind === "event" || kind === "frame") return ["Text"];
  if (typeof data !== "string") return ["Hex"];
  return isJsonStructure(data) ? ["JSON", "Text", "Hex"] : ["Text", "Hex"];
}

/**
 * @param {Entry} entry
 * @param {View[]} views
 * @param {HTMLElement} body
 */
function viewButtons(entry, views, body) {
  const group = create("div", { className: "chips" });
  group.role = "group";
  group.ariaLabel = "View";
  if (views.length < 2) return group;
  for (const [i, view] of views.entries()) {
    const button = create("button", {
      type: "button",
      className: "small",
      textContent: view,
    });
    button.ariaPressed = String(i === 0);
    button.addEventListener("click", () => {
      for (const other of group.children) {
        other.ariaPressed = String(other === button);
      }
      showView(body, entry, view, FOLDED);
    });
    group.append(button);
  }
  return group;
}

/**
 * @param {HTMLElement} body
 * @param {Entry} entry
 * @param {View} view
 * @param {number} limit
 */
function showView(body, entry, view, limit) {
  const { length } = entry.data;
  const content = create("pre", { textContent: render(entry, view, limit) });
  content.dataset.view = view;
  content.tabIndex = 0;
  content.role = "region";
  content.ariaLabel = "Content";
  body.replaceChildren(content);
  if (length <= limit) return;
  const part = `${formatSize(limit)} of ${formatSize(length)} shown`;
  if (limit === UNFOLDED) {
    body.append(
      create("p", {
        className: "hint",
        textContent: `${part}; Export has the whole message.`,
      }),
    );
    return;
  }
  const more = create("button", {
    type: "button",
    className: "small",
    textContent: `Show more (${part})`,
  });
  more.addEventListener("click", () => {
    showView(body, entry, view, UNFOLDED);
    body.querySelector("pre")?.focus();
  });
  body.append(more);
}

/**
 * @param {Entry} entry
 * @param {View} view
 * @param {number} limit
 */
function render({ data }, view, limit) {
  const part = data.slice(0, limit);
  if (view === "Hex") {
    return hexDump(
      typeof part === "string" ? new TextEncoder().encode(part) : part,
    );
  }
  if (typeof part !== "string") return "";
  return view === "JSON" && part.length === data.length
    ? prettyJson(part)
    : part;
}
