/**
 * Query parameters of a route, checked by the rules of the server's table.
 *
 * @module
 */

import { utf8Length } from "../text/bytes.js";

/**
 * @typedef {object} Parameter
 * @property {string} name
 * @property {"number" | "text" | "flag" | "choice" | "secret"} kind
 * @property {readonly string[]} listeners the listeners that support it
 * @property {string} description a sentence
 * @property {string} example a query that uses it
 * @property {readonly string[]} [needs] it requires one of these
 * @property {readonly string[]} [excludes] it has no effect with these
 * @property {number} [min] of a number
 * @property {number} [max] of a number
 * @property {readonly (readonly [number, number])[]} [gaps] of a number
 * @property {string} [unit] of a number
 * @property {number} [maxBytes] of a text
 * @property {boolean} [isToken] whether a text is a token
 * @property {readonly string[]} [choices]
 * @property {boolean} [preset] whether a flag is set by default
 */

/** @typedef {Readonly<Record<string, string>>} Values */

/**
 * Checks the value of a parameter as the server does.
 *
 * @param {Parameter} parameter
 * @param {Values} values of all parameters
 * @param {string} server the listener's name
 * @returns {string | undefined} the error in one sentence; `undefined`: valid
 */
export function errorOf(parameter, values, server) {
  const value = values[parameter.name] ?? "";
  if (value === "") return undefined;
  return contextError(parameter, values, server) ??
    valueError(parameter, value);
}

/**
 * The example value that an empty field shows.
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
function contextError({ listeners, needs, excludes = [] }, values, server) {
  /** @param {string} name */
  const isSet = (name) => (values[name] ?? "") !== "";
  if (!listeners.includes(server)) {
    return `Available on the ${listeners.join(" or ")} listener only.`;
  }
  if (needs !== undefined && !needs.some(isSet)) {
    return `Requires ${needs.join(" or ")}.`;
  }
  const excluded = excludes.find(isSet);
  return excluded && `Cannot be combined with ${excluded}.`;
}

/**
 * @param {Parameter} parameter
 * @param {string} value
 */
function valueError(parameter, value) {
  const { kind, maxBytes = Infinity, isToken, choices } = parameter;
  switch (kind) {
    case "number":
      return numberError(parameter, value);
    case "choice":
      return choices?.includes(value) === false
        ? `Must be one of ${choices.join(", ")}.`
        : undefined;
    case "text":
      if (utf8Length(value) > maxBytes) {
        return `Must be at most ${maxBytes} bytes of UTF-8.`;
      }
      return isToken && !/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(value)
        ? "Must be a token: letters, digits and !#$%&'*+-.^_`|~."
        : undefined;
    default:
      return undefined;
  }
}

/**
 * @param {Parameter} parameter
 * @param {string} value
 */
function numberError({ min = 0, max = Infinity, gaps = [] }, value) {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number < min || number > max) {
    return max === Infinity
      ? `Must be a whole number, ${min} or more.`
      : `Must be a whole number from ${min} to ${max}.`;
  }
  const gap = gaps.find(([from, to]) => from <= number && number <= to);
  return gap && `Must not be from ${gap[0]} to ${gap[1]}.`;
}
