/**
 * The server's reports of received frames. Scripts in a browser see whole messages
 * only.
 *
 * @module
 */

/**
 * @typedef {object} ReportedFrame
 * @property {string} opcode
 * @property {number} number opcode on the wire
 * @property {boolean} final FIN
 * @property {number} length bytes of the payload
 * @property {string} [payload] payload of a control frame in hex
 */

/**
 * Parses a report: JSON with one frame (`/control`), or with a list `frames`
 * (`/frames?report=1`).
 *
 * @param {string | Uint8Array} data
 * @returns {ReportedFrame[] | undefined} `undefined`: the message is not a report
 */
export function readReport(data) {
  if (typeof data !== "string" || !data.startsWith("{")) return undefined;
  /** @type {unknown} */
  let value;
  try {
    value = JSON.parse(data);
  } catch {
    return undefined;
  }
  if (isFrame(value)) return [value];
  if (typeof value !== "object" || value === null || !("frames" in value)) {
    return undefined;
  }
  const { frames } = value;
  return Array.isArray(frames) && frames.every(isFrame) ? frames : undefined;
}

/**
 * Describes a frame on one line.
 *
 * @param {ReportedFrame} frame
 * @returns {string} such as `FIN · 0x1 text · 5 bytes`
 */
export function describeFrame({ opcode, number, final, length }) {
  const bytes = length === 1 ? "1 byte" : `${length} bytes`;
  return `${final ? "FIN" : "no FIN"} · 0x${
    number.toString(16)
  } ${opcode} · ${bytes}`;
}

/**
 * @param {unknown} value
 * @returns {value is ReportedFrame}
 */
function isFrame(value) {
  if (typeof value !== "object" || value === null) return false;
  const frame = /** @type {Record<string, unknown>} */ (value);
  return typeof frame.opcode === "string" &&
    typeof frame.number === "number" && typeof frame.final === "boolean" &&
    typeof frame.length === "number";
}
