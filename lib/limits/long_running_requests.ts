/**
 * Answers that take their time: delays, event streams, bodies that trickle in.
 *
 * @module
 */

import type { Fields, HttpError } from "../protocol/http_error.ts";
import { type ClientOf, clientsBehind } from "./address/client_address.ts";
import { LocalAddressSlots } from "./address/address_slots.ts";
import type { MemoryAccount } from "../memory/account.ts";
import { NO_OBSERVER, type Observer } from "../observer.ts";
import type { Stoppable } from "../stoppable.ts";

/** A place among the long answers; given back when it is disposed of. */
export interface Place extends Disposable {
  /** The client that has it; unset where clients are not counted. */
  readonly client: string | undefined;
  /**
   * Charges memory that the answer holds until the place is given back.
   *
   * @param bytes more, or with a minus sign fewer
   */
  charge(bytes: number): void;
}

/** A place, or the refusal to send. */
export type Begun =
  | { readonly place: Place; readonly error?: undefined }
  | { readonly place?: undefined; readonly error: HttpError };

/** What one client may take. */
export interface ClientShare {
  /** Answers of a client at a time. */
  readonly limit: number;
  /**
   * Whose request it is.
   * @default the transport's other end
   */
  readonly clientOf?: ClientOf;
  /** Is told of clients that are refused. */
  readonly observer?: Observer;
}

/**
 * Bounds how many there are at a time, of all clients and of each, and lets a
 * shutdown end them instead of waiting for them.
 */
export class LongRunningRequests implements Stoppable {
  readonly #limit: number;
  readonly #counts: LocalAddressSlots | undefined;
  readonly #clientOf: ClientOf;
  readonly #observer: Observer;
  readonly #memory: MemoryAccount | undefined;
  readonly #stop = new AbortController();
  #taken = 0;

  /**
   * Starts with every place free.
   *
   * @param limit how many there may be at a time
   * @param share how many of them one client may have; unset: all
   * @param memory where what they hold is charged; unset: nowhere
   */
  constructor(limit: number, share?: ClientShare, memory?: MemoryAccount) {
    this.#memory = memory;
    this.#limit = limit;
    this.#counts = share && new LocalAddressSlots(share.limit);
    this.#clientOf = share?.clientOf ?? clientsBehind(0);
    this.#observer = share?.observer ?? NO_OBSERVER;
  }

  /** Aborted when everybody has to come to an end. */
  get stopping(): AbortSignal {
    return this.#stop.signal;
  }

  /** AddressSlots that are taken. */
  get size(): number {
    return this.#taken;
  }

  /**
   * Takes a place.
   *
   * @param request whose answer takes its time
   * @param info where it came from
   * @returns a place; or 429 where the client has its share, 503 where all places
   * are taken, too much memory is held or the service is stopping
   */
  begin(
    request: { readonly headers: Fields },
    info: { readonly remoteAddr: Deno.Addr },
  ): Begun {
    const isBusy = this.#taken >= this.#limit || this.#memory?.isFull;
    if (isBusy || this.stopping.aborted) return { error: BUSY };
    const counts = this.#counts;
    const client = counts && this.#clientOf(request, info);
    if (client !== undefined && counts?.take(client) === false) {
      this.#observer.limited("MAX_CONNECTIONS_PER_IP", "edge");
      return { error: TOO_MANY };
    }
    this.#taken++;
    const charge = this.#memory?.open();
    let isTaken = true;
    return {
      place: {
        client,
        charge: (bytes) => charge?.add(bytes),
        [Symbol.dispose]: () => {
          if (!isTaken) return;
          isTaken = false;
          this.#taken--;
          charge?.close();
          if (client !== undefined) counts?.give(client);
        },
      },
    };
  }

  /** Ends what is under way; resolves at once. */
  shutdown(): Promise<void> {
    this.#stop.abort();
    return Promise.resolve();
  }
}

const BUSY: HttpError = {
  status: 503,
  message: "The server is busy with too many requests that take their time.",
  headers: { "retry-after": "5" },
};

const TOO_MANY: HttpError = {
  status: 429,
  message: "This address has as many requests that take their time as it may.",
  headers: { "retry-after": "5" },
};
