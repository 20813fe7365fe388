/**
 * Patterns of paths: `/sessions/:id/messages`, `/http/*`.
 *
 * @module
 */

/** What stands in a path for the names of a pattern; `*` is the rest of the path. */
export type PathParams = Readonly<Record<string, string>>;

/** The parameters of a path that is matched whole. */
export const NO_PARAMS: PathParams = Object.freeze({});

/** Segments that a URL parser takes out of a path, backslashes for slashes. */
const DOT_SEGMENT = /[/\\](?:\.|%2e){1,2}(?:[/\\]|$)/i;

/** An escape that a client has no need of: normalisation takes it out (RFC 3986 §6.2.2.2). */
const ESCAPED_UNRESERVED = /%(?:2[DE]|3\d|[46][1-9A-F]|[57][\dA]|5F|7E)/i;

/**
 * A path with names in it. `:name` stands for one segment that is not empty, and
 * gives it percent-decoded; `*`, at the end, for all that follows, as it was sent.
 * A path with dot segments matches no pattern, nor does a segment for `:name` that
 * escapes a character without need.
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

  /**
   * Reads a pattern.
   *
   * @param pattern begins with a slash
   */
  constructor(pattern: string) {
    const segments = pattern.split("/");
    this.#takesRest = segments.at(-1) === "*";
    this.#segments = this.#takesRest ? segments.slice(0, -1) : segments;
  }

  /**
   * Whether a route's path is a pattern at all.
   *
   * @param path a key of the router map
   */
  static isPattern(path: string): boolean {
    return path.includes("/:") || path.endsWith("/*");
  }

  /**
   * Matches a path.
   *
   * @param path a URL's path, as it was sent
   * @returns its parameters, or `undefined` where the path is another one
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

/** A segment that is no percent-encoded UTF-8 stands for nothing. */
function decoded(part: string): string | undefined {
  if (ESCAPED_UNRESERVED.test(part)) return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
