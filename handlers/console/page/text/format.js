/**
 * Formats of sizes, times, counts and previews on the page.
 *
 * @module
 */

const UNITS = ["B", "KiB", "MiB", "GiB"];

const COUNT = new Intl.NumberFormat("en");

/**
 * Formats a size.
 *
 * @param {number} bytes
 * @returns {string} such as `64 B` or `1.5 KiB`
 */
export function formatSize(bytes) {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : significant(value)} ${UNITS[unit]}`;
}

/**
 * Formats a duration with a resolution of 0.01 ms.
 *
 * @param {number} ms
 * @returns {string} such as `0.3 ms`, `12 ms` or `1.25 s`
 */
export function formatMs(ms) {
  if (ms >= 1000) return `${significant(ms / 1000)} s`;
  return `${ms < 10 ? Number(ms.toFixed(2)) : significant(ms)} ms`;
}

/**
 * Formats a duration in its two largest units.
 *
 * @param {number} seconds
 * @returns {string} such as `3 h 12 min`
 */
export function formatDuration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [
    [Math.floor(whole / 86400), "d"],
    [Math.floor(whole / 3600) % 24, "h"],
    [Math.floor(whole / 60) % 60, "min"],
    [whole % 60, "s"],
  ];
  const first = parts.findIndex(([value]) => value !== 0);
  return first < 0
    ? "0 s"
    : parts.slice(first, first + 2).map((part) => part.join(" ")).join(" ");
}

/**
 * Formats a local time of day with milliseconds.
 *
 * @param {number} at milliseconds since the epoch
 * @returns {string} such as `14:03:07.250`
 */
export function formatTime(at) {
  const date = new Date(at);
  const [hours, minutes, seconds] = [
    date.getHours(),
    date.getMinutes(),
    date.getSeconds(),
  ].map((value) => String(value).padStart(2, "0"));
  const ms = String(date.getMilliseconds()).padStart(3, "0");
  return `${hours}:${minutes}:${seconds}.${ms}`;
}

/**
 * Formats a count with a separator for thousands.
 *
 * @param {number} count
 * @returns {string} such as `100,000`
 */
export function formatCount(count) {
  return COUNT.format(count);
}

/**
 * Formats a rate.
 *
 * @param {number} perSecond
 * @returns {string}
 */
export function formatRate(perSecond) {
  return perSecond >= 100
    ? formatCount(Math.round(perSecond))
    : String(significant(perSecond));
}

/**
 * Cuts a text and puts it on one line: symbols replace control characters.
 *
 * @param {string} text
 * @param {number} limit characters
 * @returns {string}
 */
export function preview(text, limit) {
  const start = text.slice(0, limit).replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    symbol,
  );
  return text.length > limit ? `${start}…` : start;
}

/**
 * Returns Unicode's control picture for an ASCII control character.
 *
 * @param {string} character
 */
function symbol(character) {
  const code = /** @type {number} */ (character.codePointAt(0));
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return code === 0x7f ? "\u2421" : "\ufffd";
}

/** @param {number} value */
function significant(value) {
  return value >= 100
    ? Math.round(value)
    : Number(value.toFixed(value >= 10 ? 1 : 2));
}
