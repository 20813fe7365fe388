/**
 * The list of messages and events: filter, pause, copy, export, selection.
 *
 * @module
 */

import { announce, byId, copyText, create, setText } from "../dom.js";
import { Detail } from "./detail.js";
import {
  formatCount,
  formatMs,
  formatSize,
  formatTime,
} from "../text/format.js";
import { jsonLines } from "./timeline.js";
import { VirtualList } from "./virtual_list.js";

/** @import { Entry, Kind, Timeline } from "./timeline.js" */

/**
 * The direction of each kind: a sign for the eye, a word for the ear.
 *
 * @type {Readonly<Record<Kind, [sign: string, word: string]>>}
 */
const DIRECTION = {
  sent: ["↑", "sent"],
  received: ["↓", "received"],
  frame: ["▭", "frame at the server"],
  event: ["•", "event"],
};

/** Milliseconds from the last keystroke in the filter until it works. */
const TYPING = 120;

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
   * What is listed while the timeline goes on.
   *
   * @type {readonly Entry[] | undefined}
   */
  #frozen;
  /** The last entry's number at the pause. */
  #frozenAt = 0;
  /** @type {Entry | undefined} */
  #selected;
  #hint = "";

  /** @param {Timeline} timeline */
  constructor(timeline) {
    this.#timeline = timeline;
    this.#list = new VirtualList(this.#rows, {
      items: () => this.#items,
      create: createRow,
      fill: (row, entry, index) => this.#fill(row, entry, index),
      scrolled: (following) => {
        this.#latest.hidden = following;
      },
      drawing: () => this.#count(),
    });
    this.#detail = new Detail(() => this.#select(undefined));
    this.#listen();
    this.changed();
  }

  /** Shows soon what was added. */
  changed() {
    this.#list.changed();
  }

  #count() {
    const { shown, entries, dropped } = this.#timeline;
    const shownCount = formatCount(this.#items.length);
    const all = formatCount(entries.length);
    const waiting = this.#frozen === undefined
      ? ""
      : `, ${formatCount(lastId(entries) - this.#frozenAt)} since the pause`;
    const gone = dropped === 0
      ? ""
      : `, ${formatCount(dropped)} oldest dropped`;
    const count = shown.length === entries.length && this.#frozen === undefined
      ? all
      : `${shownCount} of ${all}`;
    setText(byId("shown", HTMLElement), `${count}${waiting}${gone}`);
    this.#empty.hidden = this.#items.length > 0;
    setText(
      this.#empty,
      entries.length > 0 ? "Nothing passes the filter." : this.#hint,
    );
  }

  /**
   * @param {string} hint what to do while there is nothing to see
   */
  suggest(hint) {
    this.#hint = hint;
    this.changed();
  }

  /** @returns {readonly Entry[]} */
  get #items() {
    return this.#frozen ?? this.#timeline.shown;
  }

  #listen() {
    let typing = 0;
    this.#filter.addEventListener("input", () => {
      clearTimeout(typing);
      typing = setTimeout(() => this.#applyFilter(), TYPING);
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
    this.#rows.addEventListener("keydown", (event) => this.#pressed(event));
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
    announce(`${formatCount(this.#items.length)} entries.`);
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
  #pressed(event) {
    const last = this.#items.length - 1;
    const at = this.#selected === undefined
      ? undefined
      : indexOf(this.#items, this.#selected);
    const target = moved(event.key, at, last, this.#list.page);
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
    // Only now: what is shown of the entry takes its room from the list.
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

  /**
   * @param {HTMLElement} row
   * @param {Entry} entry
   * @param {number} index
   */
  #fill(row, entry, index) {
    const selected = entry === this.#selected;
    const { length } = this.#items;
    // A row that shows this already is left alone.
    const state = `${entry.id} ${index} ${selected} ${length}`;
    if (row.dataset.state === state) return;
    row.dataset.state = state;
    row.dataset.index = String(index);
    row.dataset.kind = entry.kind;
    row.id = `entry-${entry.id}`;
    row.setAttribute("aria-selected", String(selected));
    row.setAttribute("aria-posinset", String(index + 1));
    row.setAttribute("aria-setsize", String(length));
    const [sign, word] = DIRECTION[entry.kind];
    const texts = [
      formatTime(entry.at),
      sign,
      word,
      entry.opcode,
      entry.kind === "event" ? "" : formatSize(entry.size),
      entry.rtt === undefined ? "" : formatMs(entry.rtt),
      entry.preview,
    ];
    for (const [i, text] of texts.entries()) {
      setText(/** @type {Element} */ (row.children[i]), text);
    }
    const content = /** @type {Element} */ (row.children[6]);
    if (entry.frame !== undefined) {
      content.replaceChildren(...frameChips(entry));
    }
  }
}

/** @param {readonly Entry[]} entries */
function lastId(entries) {
  return entries.at(-1)?.id ?? 0;
}

function createRow() {
  const row = create("div", { className: "row" });
  row.role = "option";
  for (
    const name of ["time", "sign", "unseen", "opcode", "size", "rtt", "content"]
  ) {
    row.append(create("span", { className: name }));
  }
  row.children[1]?.setAttribute("aria-hidden", "true");
  return row;
}

/** @param {Entry} entry */
function frameChips({ frame, size }) {
  if (frame === undefined) return [];
  const parts = [
    frame.final ? "FIN" : "no FIN",
    `0x${frame.number.toString(16)}`,
    frame.opcode,
    `len ${size}`,
  ];
  if (frame.payload) parts.push(frame.payload);
  return parts.map((text) =>
    create("span", { className: "part", textContent: text })
  );
}

/** @param {Entry} entry */
function plainLine({ at, kind, opcode, size, data, preview }) {
  const content = typeof data === "string" ? data : preview;
  return `${formatTime(at)} ${
    DIRECTION[kind][0]
  } ${opcode} ${size} B ${content}`;
}

/**
 * Entries are in the order of their ids.
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
 * Where a key leads in the list.
 *
 * @param {string} key
 * @param {number | undefined} at the selected row
 * @param {number} last
 * @param {number} page rows
 * @returns {number | undefined} nothing where the key leads nowhere
 */
function moved(key, at, last, page) {
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
