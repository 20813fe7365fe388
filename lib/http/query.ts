/**
 * Query parameters that steer a route: checked, and named where they are wrong.
 *
 * @module
 */

import type { Kind } from "../config/kinds.ts";
import { httpErrorResponse } from "../protocol/http_error.ts";
import type { HttpHandler } from "../routing/router.ts";

/** A parameter has a value that cannot be used. */
export class QueryError extends Error {
  /** The class's name. */
  override readonly name = "QueryError";

  /**
   * Writes the sentence that the peer gets.
   *
   * @param parameter its name
   * @param allowed what it may be
   */
  constructor(parameter: string, allowed: string) {
    super(`The parameter "${parameter}" has to be ${allowed}.`);
  }
}

/**
 * Reads a parameter.
 *
 * @param query where it stands
 * @param name its name
 * @param kind what it may be
 * @returns its value, or `undefined` where it is not given
 * @throws {QueryError} a value that is not allowed, or more than one
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
 * A whole number.
 *
 * @param min the least
 * @param max the greatest
 * @param unit of what, for the error
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

/**
 * Answers 400 where a handler finds a wrong parameter.
 *
 * @param handler throws {@linkcode QueryError}, or rejects with it
 */
export function refusingBadQuery(handler: HttpHandler): HttpHandler {
  return async (request, info) => {
    try {
      return await handler(request, info);
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      return httpErrorResponse(request, {
        status: 400,
        message: error.message,
      });
    }
  };
}
