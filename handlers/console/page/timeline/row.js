/**
 * The rows of the timeline: one entry each.
 *
 * @module
 */

import { create, setText } from "../dom.js";
import { formatMs, formatSize, formatTime } from "../text/format.js";

/** @import { ReportedFrame } from "./frame_report.js" */
/** @import { Entry, Kind } from "./timeline.js" */

/**
 * A sign for each kind, and its text for screen readers.
 *
 * @type {Readonly<Record<Kind, [sign: string, word: string]>>}
 */
const DIRECTION = {
  sent: ["↑", "sent"],
  received: ["↓", "received"],
  frame: ["▭", "frame received by the server"],
  event: ["•", "event"],
};

/**
 * @typedef {object} RowState
 * @property {number} index of the entry in the list
 * @property {number} count entries of the list
 * @property {boolean} selected
 */

/**
 * Creates an empty row.
 *
 * @returns {HTMLElement}
 */
export function createRow() {
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

/**
 * Shows an entry in a row; a row that shows the same state stays unchanged.
 *
 * @param {HTMLElement} row
 * @param {Entry} entry
 * @param {RowState} state
 */
export function fillRow(row, entry, { index, count, selected }) {
  const key = `${entry.id} ${index} ${selected} ${count}`;
  if (row.dataset.state === key) return;
  row.dataset.state = key;
  row.dataset.index = String(index);
  row.dataset.kind = entry.kind;
  row.id = `entry-${entry.id}`;
  row.setAttribute("aria-selected", String(selected));
  row.setAttribute("aria-posinset", String(index + 1));
  row.setAttribute("aria-setsize", String(count));
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
    content.replaceChildren(...frameParts(entry.frame));
  }
}

/**
 * Writes an entry as one line of text for the clipboard.
 *
 * @param {Entry} entry
 * @returns {string}
 */
export function plainLine({ at, kind, opcode, size, data, preview }) {
  const content = typeof data === "string" ? data : preview;
  return `${formatTime(at)} ${
    DIRECTION[kind][0]
  } ${opcode} ${size} B ${content}`;
}

/** @param {ReportedFrame} frame */
function frameParts({ final, number, opcode, length, payload }) {
  const parts = [
    final ? "FIN" : "no FIN",
    `0x${number.toString(16)}`,
    opcode,
    `len ${length}`,
  ];
  if (payload) parts.push(payload);
  return parts.map((text) =>
    create("span", { className: "part", textContent: text })
  );
}
