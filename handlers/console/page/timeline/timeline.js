/**
 * The entries of the timeline: storage, filter, export.
 *
 * @module
 */

import { base64, spacedHex } from "../text/bytes.js";
import { preview } from "../text/format.js";

/** @import { ReportedFrame } from "./frame_report.js" */

/**
 * @typedef {"sent" | "received" | "event" | "frame"} Kind `frame`: a frame that the
 * server reported
 */

/**
 * @typedef {object} Entry
 * @property {number} id sequence number from 1
 * @property {number} at milliseconds since the epoch
 * @property {Kind} kind
 * @property {string} opcode of a message or a frame; name of an event
 * @property {number} size bytes of the payload
 * @property {string | Uint8Array} data payload of a message; description of an event
 * @property {string} preview start of `data` on one line
 * @property {number} [rtt] round-trip time in milliseconds
 * @property {ReportedFrame} [frame] of an entry of the kind `frame`
 */

/** @typedef {Omit<Entry, "id" | "preview">} NewEntry */

/**
 * @typedef {object} Filter
 * @property {string} text text that an entry contains, case-insensitive
 * @property {ReadonlySet<Kind>} kinds
 */

/**
 * @typedef {object} Limits
 * @property {number} entries
 * @property {number} bytes
 */

/**
 * Limits of the timeline, small enough for the memory of a browser tab.
 *
 * @type {Limits}
 */
const LIMITS = { entries: 200_000, bytes: 256 * 2 ** 20 };

/** Fraction of the limits that one removal of old entries frees. */
const FREED = 0.1;

/** Characters of a text preview. */
const PREVIEW = 240;

/** Bytes of a binary preview. */
const PREVIEW_BYTES = 48;

/** Characters of a text that the filter searches. */
const SEARCHED = 65_536;

/** Stores entries and applies a filter to them. */
export class Timeline {
  /** @type {Entry[]} */
  #entries = [];
  /** @type {Entry[]} */
  #shown = [];
  /** @type {(entry: Entry) => boolean} */
  #matches = () => true;
  #bytes = 0;
  #nextId = 1;
  #limits;

  /** Number of entries removed because of the limits. */
  removed = 0;

  /** @param {Limits} [limits] */
  constructor(limits = LIMITS) {
    this.#limits = limits;
  }

  /**
   * All entries, oldest first.
   *
   * @returns {readonly Entry[]}
   */
  get entries() {
    return this.#entries;
  }

  /**
   * The entries that match the filter, oldest first.
   *
   * @returns {readonly Entry[]}
   */
  get shown() {
    return this.#shown;
  }

  /**
   * Adds an entry; above a limit, the oldest entries are removed.
   *
   * @param {NewEntry} item
   */
  add(item) {
    const entry = { id: this.#nextId++, preview: previewOf(item), ...item };
    this.#entries.push(entry);
    this.#bytes += entry.size;
    if (this.#matches(entry)) this.#shown.push(entry);
    const { entries, bytes } = this.#limits;
    if (this.#entries.length > entries || this.#bytes > bytes) {
      this.#removeOldest();
    }
  }

  /** Removes all entries. */
  clear() {
    this.#entries = [];
    this.#shown = [];
    this.#bytes = 0;
    this.removed = 0;
  }

  /** @param {Filter} filter applies to present and future entries */
  filter(filter) {
    this.#matches = matcher(filter);
    this.#shown = this.#entries.filter(this.#matches);
  }

  #removeOldest() {
    const { entries, bytes } = this.#limits;
    let removed = 0;
    while (
      removed < this.#entries.length - 1 &&
      (this.#entries.length - removed > (1 - FREED) * entries ||
        this.#bytes > (1 - FREED) * bytes)
    ) {
      this.#bytes -= /** @type {Entry} */ (this.#entries[removed]).size;
      removed++;
    }
    this.removed += removed;
    this.#entries = this.#entries.slice(removed);
    this.#shown = this.#entries.filter(this.#matches);
  }
}

/**
 * Writes entries as JSON lines; bytes in base64.
 *
 * @param {readonly Entry[]} entries
 * @returns {string[]} one line per entry, with a line feed
 */
export function jsonLines(entries) {
  return entries.map(({ at, kind, opcode, size, data, rtt, frame }) => {
    const content = typeof data === "string"
      ? { text: data }
      : { base64: base64(data) };
    const time = new Date(at).toISOString();
    return JSON.stringify({
      time,
      kind,
      opcode,
      size,
      rtt,
      ...(frame === undefined ? content : { final: frame.final }),
    }) + "\n";
  });
}

/** @param {NewEntry} item */
function previewOf({ data }) {
  if (typeof data === "string") return preview(data, PREVIEW);
  const start = spacedHex(data.subarray(0, PREVIEW_BYTES));
  return data.length > PREVIEW_BYTES ? `${start} …` : start;
}

/**
 * @param {Filter} filter
 * @returns {(entry: Entry) => boolean}
 */
function matcher({ text, kinds }) {
  if (text === "") return (entry) => kinds.has(entry.kind);
  // A case-insensitive regular expression copies no text, unlike toLowerCase().
  const pattern = new RegExp(RegExp.escape(text), "iu");
  return (entry) => {
    if (!kinds.has(entry.kind)) return false;
    const { data } = entry;
    const searched = typeof data === "string"
      ? data.slice(0, SEARCHED)
      : entry.preview;
    return pattern.test(searched) || pattern.test(entry.opcode);
  };
}
