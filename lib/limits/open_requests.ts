/**
 * The HTTP requests whose response is not complete.
 *
 * Meanwhile the runtime reads on from the client, to notice its end, and keeps what it
 * reads, without a limit (seen in Deno 2.9.6; denoland/deno#36869). No event shows which
 * client that is, and only the end of its connection frees the memory.
 *
 * @module
 */

/**
 * Ends a request.
 *
 * @param breaksOff whether its connection has to end, too
 */
export type EndRequest = (breaksOff: boolean) => void;

/** The open requests of an instance. */
export class OpenRequests {
  /** Ends of the requests, the oldest first. */
  readonly #ends = new Set<EndRequest>();
  /** Whether the oldest requests are ended next. */
  #areOldest = false;

  /**
   * Adds a request.
   *
   * @param end is called once at most
   * @returns a function that removes the request
   */
  add(end: EndRequest): () => void {
    this.#ends.add(end);
    return () => void this.#ends.delete(end);
  }

  /**
   * Ends a part of the requests and their connections: the newest ones, at the next call
   * the oldest ones, and so on. So a client that was early does not outlast the others.
   *
   * @param share part of the requests, 0 to 1; one request at least
   * @returns the number of requests that were ended
   */
  endSome(share: number): number {
    const newestFirst = [...this.#ends].reverse();
    const order = this.#areOldest ? newestFirst.reverse() : newestFirst;
    const ended = order.slice(0, Math.ceil(order.length * share));
    this.#areOldest = !this.#areOldest;
    for (const end of ended) this.#end(end, true);
    return ended.length;
  }

  /** Ends all requests. The runtime ends their connections. */
  endAll(): void {
    for (const end of this.#ends) this.#end(end, false);
  }

  #end(end: EndRequest, breaksOff: boolean): void {
    this.#ends.delete(end);
    end(breaksOff);
  }
}
