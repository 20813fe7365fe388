/**
 * The section “Timeline”: list, filter, pause, copy, export, selection.
 *
 * @module
 */

import { announce, byId, copyText, create, setText } from "../dom.js";
import { formatCount } from "../text/format.js";
import { Detail } from "./detail.js";
import { createRow, fillRow, plainLine } from "./row.js";
import { jsonLines } from "./timeline.js";
import { VirtualList } from "./virtual_list.js";

/** @import { Entry, Kind, Timeline } from "./timeline.js" */

/** Milliseconds from the last keystroke in the filter to its application. */
const FILTER_DELAY = 120;

/** The section “Timeline”. */
export class TimelinePanel {
  #timeline;
  #list;
  #detail;
  #rows = byId("rows", HTMLElement);
  #filter = byId("filter", HTMLInputElement);
  #empty = byId("empty", HTMLElement);
  #latest = byId("latest", HTMLButtonElement);
  #pause = byId("pause", HTMLButtonElement);
  /**
   * The listed entries during a pause.
   *
   * @type {readonly Entry[] | undefined}
   */
  #frozen;
  /** The id of the last entry at the start of the pause. */
  #frozenAt = 0;
  /** @type {Entry | undefined} */
  #selected;
  #emptyText = "";

  /** @param {Timeline} timeline */
  constructor(timeline) {
    this.#timeline = timeline;
    this.#list = new VirtualList(this.#rows, {
      items: () => this.#items,
      create: createRow,
      fill: (row, entry, index) =>
        fillRow(row, entry, {
          index,
          count: this.#items.length,
          selected: entry === this.#selected,
        }),
      scrolled: (following) => {
        this.#latest.hidden = following;
      },
      drawing: () => this.#showCount(),
    });
    this.#detail = new Detail(() => this.#select(undefined));
    this.#listen();
    this.changed();
  }

  /** Schedules a drawing of new entries. */
  changed() {
    this.#list.changed();
  }

  #showCount() {
    const { shown, entries, removed } = this.#timeline;
    const shownCount = formatCount(this.#items.length);
    const all = formatCount(entries.length);
    const added = this.#frozen === undefined
      ? ""
      : `, ${formatCount(lastId(entries) - this.#frozenAt)} since the pause`;
    const removal = removed === 0
      ? ""
      : `, ${formatCount(removed)} oldest removed`;
    const count = shown.length === entries.length && this.#frozen === undefined
      ? all
      : `${shownCount} of ${all}`;
    setText(byId("shown", HTMLElement), `${count}${added}${removal}`);
    this.#empty.hidden = this.#items.length > 0;
    setText(
      this.#empty,
      entries.length > 0 ? "No entry matches the filter." : this.#emptyText,
    );
  }

  /**
   * Sets the text of the empty list.
   *
   * @param {string} text
   */
  setEmptyText(text) {
    this.#emptyText = text;
    this.changed();
  }

  /** @returns {readonly Entry[]} */
  get #items() {
    return this.#frozen ?? this.#timeline.shown;
  }

  #listen() {
    let timer = 0;
    this.#filter.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.#applyFilter(), FILTER_DELAY);
    });
    byId("kinds", HTMLElement).addEventListener("change", () => {
      this.#applyFilter();
    });
    this.#pause.addEventListener("click", () => this.#togglePause());
    this.#latest.addEventListener("click", () => {
      this.#list.follow();
      this.#rows.focus();
    });
    byId("clear", HTMLButtonElement).addEventListener("click", () => {
      this.#timeline.clear();
      if (this.#frozen !== undefined) this.#freeze();
      this.#select(undefined);
      this.#list.follow();
      this.changed();
      announce("Timeline cleared.");
    });
    byId("copy", HTMLButtonElement).addEventListener("click", () => {
      copyText(this.#items.map(plainLine).join("\n"), "Timeline");
    });
    byId("export", HTMLButtonElement).addEventListener("click", () => {
      download(jsonLines(this.#items));
    });
    this.#rows.addEventListener("click", (event) => {
      const row = event.target instanceof Element &&
        event.target.closest("[data-index]");
      if (row instanceof HTMLElement) {
        this.#selectAt(Number(row.dataset.index));
      }
    });
    this.#rows.addEventListener("keydown", (event) => this.#handleKey(event));
  }

  #applyFilter() {
    /** @type {Set<Kind>} */
    const kinds = new Set();
    for (const box of document.querySelectorAll("#kinds input:checked")) {
      if (box instanceof HTMLInputElement) {
        kinds.add(/** @type {Kind} */ (box.value));
      }
    }
    this.#timeline.filter({ text: this.#filter.value, kinds });
    if (this.#frozen !== undefined) this.#freeze();
    this.#list.follow();
    this.changed();
    announce(`Entries shown: ${formatCount(this.#items.length)}.`);
  }

  #freeze() {
    this.#frozen = [...this.#timeline.shown];
    this.#frozenAt = lastId(this.#timeline.entries);
  }

  #togglePause() {
    if (this.#frozen === undefined) this.#freeze();
    else this.#frozen = undefined;
    const paused = this.#frozen !== undefined;
    this.#pause.setAttribute("aria-pressed", String(paused));
    if (!paused) this.#list.follow();
    this.changed();
  }

  /** @param {KeyboardEvent} event */
  #handleKey(event) {
    const last = this.#items.length - 1;
    const at = this.#selected === undefined
      ? undefined
      : indexOf(this.#items, this.#selected);
    const target = targetOf(event.key, at, last, this.#list.page);
    if (event.key === "Escape") {
      this.#select(undefined);
    } else if (target !== undefined && last >= 0) {
      event.preventDefault();
      this.#selectAt(target);
    } else if (event.key === "Enter" && this.#selected !== undefined) {
      event.preventDefault();
      this.#detail.focus();
    }
  }

  /** @param {number} index */
  #selectAt(index) {
    this.#select(this.#items[index]);
    // After the selection, as the details panel makes the list smaller.
    this.#list.reveal(index);
  }

  /** @param {Entry | undefined} entry */
  #select(entry) {
    const had = this.#selected !== undefined;
    this.#selected = entry;
    this.#detail.show(entry);
    if (entry === undefined) {
      this.#rows.removeAttribute("aria-activedescendant");
      if (had) this.#rows.focus({ preventScroll: true });
    } else {
      this.#rows.setAttribute("aria-activedescendant", `entry-${entry.id}`);
    }
    this.#list.changed();
  }
}

/** @param {readonly Entry[]} entries */
function lastId(entries) {
  return entries.at(-1)?.id ?? 0;
}

/**
 * Finds an entry by binary search; the ids ascend.
 *
 * @param {readonly Entry[]} items
 * @param {Entry} entry
 * @returns {number | undefined}
 */
function indexOf(items, { id }) {
  let low = 0;
  let high = items.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (/** @type {Entry} */ (items[middle]).id < id) low = middle + 1;
    else high = middle;
  }
  return items[low]?.id === id ? low : undefined;
}

/**
 * Returns the row that a key selects.
 *
 * @param {string} key
 * @param {number | undefined} at the selected row
 * @param {number} last
 * @param {number} page number of rows of a page
 * @returns {number | undefined} `undefined`: the key selects no row
 */
function targetOf(key, at, last, page) {
  /** @param {number} by */
  const by = (by) =>
    at === undefined ? last : Math.min(Math.max(at + by, 0), last);
  switch (key) {
    case "ArrowUp":
      return by(-1);
    case "ArrowDown":
      return by(1);
    case "PageUp":
      return by(-page);
    case "PageDown":
      return by(page);
    case "Home":
      return 0;
    case "End":
      return last;
    default:
      return undefined;
  }
}

/** @param {string[]} lines */
function download(lines) {
  const type = "application/jsonl";
  const href = URL.createObjectURL(new Blob(lines, { type }));
  const time = new Date().toISOString().replaceAll(":", "-").slice(0, 19);
  create("a", { href, download: `timeline-${time}.jsonl` }).click();
  URL.revokeObjectURL(href);
}
