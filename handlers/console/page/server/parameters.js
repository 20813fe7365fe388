/**
 * Query parameters of a route, as the server's own table describes them.
 *
 * @module
 */

import { utf8Length } from "../text/bytes.js";

/**
 * @typedef {object} Parameter
 * @property {string} name
 * @property {"number" | "text" | "flag" | "choice" | "secret"} kind
 * @property {readonly string[]} listeners where it works
 * @property {string} description a sentence
 * @property {string} example a query to try it with
 * @property {readonly string[]} [needs] it means nothing without one of these
 * @property {readonly string[]} [excludes] it takes no effect beside these
 * @property {number} [min] of a number
 * @property {number} [max] of a number
 * @property {readonly (readonly [number, number])[]} [gaps] of a number
 * @property {string} [unit] of a number
 * @property {number} [maxBytes] of a text
 * @property {boolean} [isToken] whether a text is a token
 * @property {readonly string[]} [choices]
 * @property {boolean} [preset] whether a flag is set at first
 */

/** @typedef {Readonly<Record<string, string>>} Values */

/**
 * Checks a value as the server will.
 *
 * @param {Parameter} parameter
 * @param {Values} values of all parameters
 * @param {string} server the listener's name
 * @returns {string | undefined} what is wrong, in a sentence
 */
export function faultOf(parameter, values, server) {
  const value = values[parameter.name] ?? "";
  if (value === "") return undefined;
  return faultOfPlace(parameter, values, server) ??
    faultOfValue(parameter, value);
}

/**
 * A value to show in an empty field.
 *
 * @param {Parameter} parameter
 * @returns {string}
 */
export function exampleOf({ name, example }) {
  return new URLSearchParams(example).get(name) ?? "";
}

/**
 * @param {Parameter} parameter
 * @param {Values} values
 * @param {string} server
 */
function faultOfPlace({ listeners, needs, excludes = [] }, values, server) {
  /** @param {string} name */
  const isSet = (name) => (values[name] ?? "") !== "";
  if (!listeners.includes(server)) {
    return `Only the ${listeners.join(" or ")} listener can do this.`;
  }
  if (needs !== undefined && !needs.some(isSet)) {
    return `Needs ${needs.join(" or ")}.`;
  }
  const excluded = excludes.find(isSet);
  return excluded === undefined ? undefined : `Not beside ${excluded}.`;
}

/**
 * @param {Parameter} parameter
 * @param {string} value
 */
function faultOfValue(parameter, value) {
  const { kind, maxBytes = Infinity, isToken, choices } = parameter;
  switch (kind) {
    case "number":
      return faultOfNumber(parameter, value);
    case "choice":
      return choices?.includes(value) === false
        ? `One of ${choices.join(", ")}.`
        : undefined;
    case "text":
      if (utf8Length(value) > maxBytes) {
        return `At most ${maxBytes} bytes of UTF-8.`;
      }
      return isToken && !/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(value)
        ? "Letters, digits and marks, without spaces."
        : undefined;
    default:
      return undefined;
  }
}

/**
 * @param {Parameter} parameter
 * @param {string} value
 */
function faultOfNumber({ min = 0, max = Infinity, gaps = [] }, value) {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < min || number > max) {
    return max === Infinity
      ? `A whole number from ${min} on.`
      : `A whole number from ${min} to ${max}.`;
  }
  const gap = gaps.find(([from, to]) => from <= number && number <= to);
  return gap && `Not from ${gap[0]} to ${gap[1]}.`;
}
