/**
 * The origin of a request's URL, from its Host field.
 *
 * @module
 */

import { isHost } from "../protocol/handshake.ts";

/** Makes origins, and remembers the last one: most clients send the same Host field. */
export class OriginCache {
  readonly #scheme: "http" | "https";
  #host: string | undefined;
  #origin = "";

  /**
   * Starts empty.
   *
   * @param scheme the listener's scheme
   */
  constructor(scheme: "http" | "https") {
    this.#scheme = scheme;
  }

  /**
   * The scheme and authority of a request's URL.
   *
   * @param host the Host field
   * @returns `undefined` where the field is missing or malformed
   */
  of(host: string | null): string | undefined {
    if (host === null) return undefined;
    if (host !== this.#host) {
      const origin = `${this.#scheme}://${host}`;
      if (!isHost(host) || !URL.canParse(origin)) return undefined;
      this.#host = host;
      this.#origin = origin;
    }
    return this.#origin;
  }
}
