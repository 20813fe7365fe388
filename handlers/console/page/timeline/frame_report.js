/**
 * What the server says that it received, frame by frame: a browser shows its
 * scripts whole messages only.
 *
 * @module
 */

/**
 * @typedef {object} ReportedFrame
 * @property {string} opcode
 * @property {number} number of the opcode, as on the wire
 * @property {boolean} final FIN
 * @property {number} length bytes of payload
 * @property {string} [payload] in hex, of control frames
 */

/**
 * Reads a message that may be a report: an object for one frame (`/control`) or
 * a list of them under `frames` (`/frames?report=1`).
 *
 * @param {string | Uint8Array} data
 * @returns {ReportedFrame[] | undefined} nothing where it is no report
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
