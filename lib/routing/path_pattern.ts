/**
 * Path patterns: `/sessions/:id/messages`, `/http/*`.
 *
 * @module
 */

import type { PathParams } from "../websocket.ts";

/** Parameters of a path without a pattern. */
export const NO_PARAMS: PathParams = Object.freeze({});

/** A dot segment, which a URL parser removes; it treats a backslash as a slash. */
const DOT_SEGMENT = /[/\\](?:\.|%2e){1,2}(?:[/\\]|$)/i;

/** A percent-encoded unreserved character, which normalization decodes (RFC 3986 §6.2.2.2). */
const ESCAPED_UNRESERVED = /%(?:2[DE]|3\d|[46][1-9A-F]|[57][\dA]|5F|7E)/i;

/**
 * A path pattern. `:name` matches one non-empty segment and returns it percent-decoded. A
 * final `*` matches the rest of the path and returns it as received. A path with dot
 * segments matches no pattern. `:name` matches no segment with a percent-encoded
 * unreserved character, since several paths would have the same value.
 *
 * @example
 * ```ts
 * const pattern = new PathPattern("/sessions/:id/messages");
 * pattern.match("/sessions/7/messages"); // { id: "7" }
 * ```
 */
export class PathPattern {
  readonly #segments: readonly string[];
  readonly #takesRest: boolean;
  /** One digit for each segment: the text sorts before that of a less specific pattern. */
  readonly #order: string;

  /**
   * Parses a pattern.
   *
   * @param pattern begins with a slash
   * @throws {TypeError} a parameter without a name, two of one name, or a `*` that is not
   * the last segment
   */
  constructor(pattern: string) {
    const segments = pattern.split("/");
    this.#takesRest = segments.at(-1) === "*";
    this.#segments = this.#takesRest ? segments.slice(0, -1) : segments;
    this.#order = segments.map(rank).join("");
    checkSegments(pattern, this.#segments);
  }

  /** Returns whether a route's path is a pattern. */
  static isPattern(path: string): boolean {
    return /\/(?::|\*(?:\/|$))/.test(path);
  }

  /**
   * Orders patterns by precedence, segment by segment: a literal comes before a name, and
   * a name before the rest.
   *
   * @returns a negative number if `one` comes first, 0 if neither does
   */
  static compare(one: PathPattern, other: PathPattern): number {
    if (one.#order === other.#order) return 0;
    return one.#order < other.#order ? -1 : 1;
  }

  /**
   * Matches a path.
   *
   * @param path a URL's path, as received
   * @returns its parameters, or `undefined` if it does not match
   */
  match(path: string): PathParams | undefined {
    if (DOT_SEGMENT.test(path)) return undefined;
    const parts = path.split("/");
    const { length } = this.#segments;
    if (this.#takesRest ? parts.length <= length : parts.length !== length) {
      return undefined;
    }
    const params: Record<string, string> = {};
    for (let i = 0; i < length; i++) {
      const segment = this.#segments[i]!;
      const part = parts[i]!;
      if (!segment.startsWith(":")) {
        if (segment !== part) return undefined;
        continue;
      }
      const value = decoded(part);
      if (!value) return undefined;
      params[segment.slice(1)] = value;
    }
    if (this.#takesRest) params["*"] = parts.slice(length).join("/");
    return params;
  }
}

function rank(segment: string): string {
  return segment === "*" ? "2" : segment.startsWith(":") ? "1" : "0";
}

function checkSegments(pattern: string, segments: readonly string[]): void {
  if (segments.includes("*")) {
    throw new TypeError(`route "${pattern}" has a "*" before its end`);
  }
  const names = segments.filter((segment) => segment.startsWith(":"));
  if (names.includes(":")) {
    throw new TypeError(`route "${pattern}" has a parameter without a name`);
  }
  if (new Set(names).size < names.length) {
    throw new TypeError(`route "${pattern}" has two parameters of one name`);
  }
}

/** Decodes a segment; `undefined` if it is not valid percent-encoded UTF-8. */
function decoded(part: string): string | undefined {
  if (ESCAPED_UNRESERVED.test(part)) return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
