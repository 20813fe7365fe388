/**
 * Query parameters of a route, with checks.
 *
 * @module
 */

import type { Kind } from "../config/kinds.ts";
import { RefusedError } from "../protocol/http_error.ts";

/** A parameter has an invalid value; refuses with 400. */
export class QueryError extends RefusedError {
  /** The class's name. */
  override readonly name = "QueryError";

  /** Makes an error. */
  constructor(parameter: string, allowed: string) {
    super({
      status: 400,
      message: `The parameter "${parameter}" has to be ${allowed}.`,
    });
  }
}

/**
 * Reads a parameter.
 *
 * @returns its value, or `undefined` if it is missing
 * @throws {QueryError} the value is invalid, or there are several
 */
export function readParameter<T>(
  query: URLSearchParams,
  name: string,
  kind: Kind<T>,
): T | undefined {
  const [text, second] = query.getAll(name);
  if (text === undefined) return undefined;
  const value = second === undefined ? kind.parse(text) : undefined;
  if (value === undefined) throw new QueryError(name, `${kind.allowed}, once`);
  return value;
}

/**
 * Checks the names of the parameters, so that a misspelt one has no silent effect.
 *
 * @param names of the route's parameters
 * @throws {RefusedError} 400, a parameter has another name
 */
export function checkNames(
  query: URLSearchParams,
  names: readonly string[],
): void {
  const unknown = [...query.keys()].find((name) => !names.includes(name));
  if (unknown === undefined) return;
  const known = names.length === 0 ? "there are none" : names.join(", ");
  const message = `${
    JSON.stringify(unknown)
  } is no parameter of this route: ${known}.`;
  throw new RefusedError({ status: 400, message });
}

/**
 * Makes the kind of a whole number.
 *
 * @param unit named in the error
 */
export function wholeNumber(
  min: number,
  max: number,
  unit = "",
): Kind<number> {
  return {
    allowed: `a whole number${unit && ` of ${unit}`} from ${min} to ${max}`,
    parse(text) {
      const value = /^\d{1,16}$/.test(text) ? Number(text) : NaN;
      return value >= min && value <= max ? value : undefined;
    },
  };
}
