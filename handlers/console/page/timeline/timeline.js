/**
 * What happened on the connection: kept, filtered, written out.
 *
 * @module
 */

import { base64, spacedHex } from "../text/bytes.js";
import { preview } from "../text/format.js";

/**
 * @typedef {"sent" | "received" | "event" | "frame"} Kind `frame` is a frame as
 * the server reported it
 */

/**
 * @typedef {object} Entry
 * @property {number} id counts from 1
 * @property {number} at milliseconds since the epoch
 * @property {Kind} kind
 * @property {string} opcode of a message or a frame; the name of an event
 * @property {number} size bytes of payload
 * @property {string | Uint8Array} data a message's payload; an event in words
 * @property {string} preview the beginning of that, on one line
 * @property {number} [rtt] round-trip time in milliseconds
 * @property {import("./frame_report.js").ReportedFrame} [frame]
 */

/** @typedef {Omit<Entry, "id" | "preview">} NewEntry */

/**
 * @typedef {object} Filter
 * @property {string} text what an entry contains, without regard to case
 * @property {ReadonlySet<Kind>} kinds
 */

/**
 * @typedef {object} Limits
 * @property {number} entries
 * @property {number} bytes
 */

/**
 * What is kept: enough for long sessions, little enough for a browser's tab.
 *
 * @type {Limits}
 */
const LIMITS = { entries: 200_000, bytes: 256 * 2 ** 20 };

/** The part of the entries that makes room at a time. */
const ROOM = 0.1;

/** Characters of a preview. */
const PREVIEW = 240;

/** Bytes of a binary preview. */
const PREVIEW_BYTES = 48;

/** Characters of a text that a filter looks at. */
const SEARCHED = 65_536;

/** Entries, and which of them a filter lets through. */
export class Timeline {
  /** @type {Entry[]} */
  #entries = [];
  /** @type {Entry[]} */
  #shown = [];
  /** @type {(entry: Entry) => boolean} */
  #passes = () => true;
  #bytes = 0;
  #nextId = 1;
  #limits;

  /** How many entries made room for later ones. */
  dropped = 0;

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
   * The entries that the filter lets through, oldest first.
   *
   * @returns {readonly Entry[]}
   */
  get shown() {
    return this.#shown;
  }

  /**
   * @param {NewEntry} item
   * @returns {Entry}
   */
  add(item) {
    const entry = { id: this.#nextId++, preview: previewOf(item), ...item };
    this.#entries.push(entry);
    this.#bytes += entry.size;
    if (this.#passes(entry)) this.#shown.push(entry);
    const { entries, bytes } = this.#limits;
    if (this.#entries.length > entries || this.#bytes > bytes) {
      this.#makeRoom();
    }
    return entry;
  }

  /** Forgets all entries. */
  clear() {
    this.#entries = [];
    this.#shown = [];
    this.#bytes = 0;
    this.dropped = 0;
  }

  /**
   * @param {Filter} filter
   */
  filter(filter) {
    this.#passes = matcher(filter);
    this.#shown = this.#entries.filter(this.#passes);
  }

  #makeRoom() {
    const { entries, bytes } = this.#limits;
    let gone = 0;
    while (
      gone < this.#entries.length - 1 &&
      (this.#entries.length - gone > (1 - ROOM) * entries ||
        this.#bytes > (1 - ROOM) * bytes)
    ) {
      this.#bytes -= /** @type {Entry} */ (this.#entries[gone]).size;
      gone++;
    }
    this.dropped += gone;
    this.#entries = this.#entries.slice(gone);
    this.#shown = this.#entries.filter(this.#passes);
  }
}

/**
 * Entries as JSON, one a line; bytes in base64.
 *
 * @param {readonly Entry[]} entries
 * @returns {string[]} a line each, with its line end
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
  // A regular expression that ignores case makes no copy of each text.
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
