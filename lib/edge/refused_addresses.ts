/**
 * Refuses handshakes of addresses whose clients were closed because reads starve. A
 * client that floods and connects again at once would otherwise starve reads again.
 *
 * @module
 */

import { getLogger } from "../std/log.ts";
import { line } from "../log/fields.ts";
import { type HttpError, retryLater } from "../protocol/http_error.ts";

/** Seconds that an address is refused. */
const DURATION = 10;

/** Addresses that are remembered; beyond them, the one refused first is forgotten. */
const MAX_ADDRESSES = 1024;

/** The response to a refused handshake. */
export const REFUSED: HttpError = retryLater(
  429,
  "Clients of this address gave the server too much to read.",
  DURATION,
);

/** The addresses that one listener refuses. */
export class RefusedAddresses {
  /** The time until which each address is refused, the earliest first. */
  readonly #until = new Map<string, number>();
  readonly #now: () => number;

  /**
   * Starts without an address.
   *
   * @param now a clock in milliseconds
   */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Refuses an address for ten seconds from now. */
  add(address: string): void {
    if (!this.has(address)) {
      getLogger("httpd_ws").info(
        ...line`Handshakes of ${{
          "client.address": address,
        }} are refused for ${{
          "duration": DURATION,
        }} s`,
      );
    }
    this.#until.delete(address);
    this.#until.set(address, this.#now() + 1000 * DURATION);
    if (this.#until.size <= MAX_ADDRESSES) return;
    const [first] = this.#until.keys();
    this.#until.delete(first!);
  }

  /** Whether an address is refused. */
  has(address: string): boolean {
    const until = this.#until.get(address);
    if (until === undefined) return false;
    if (until > this.#now()) return true;
    this.#until.delete(address);
    return false;
  }
}
