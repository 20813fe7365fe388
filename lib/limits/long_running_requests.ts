/**
 * Limits for requests whose answers take long: delays, event streams, slow bodies.
 *
 * @module
 */

import { line } from "../log/fields.ts";
import type {
  MemoryAccount,
  MemoryCharge,
  MemoryHolder,
} from "../memory/account.ts";
import { NO_OBSERVER, type Observer } from "../observer.ts";
import {
  RefusedError,
  type RequestFields,
  retryLater,
} from "../protocol/http_error.ts";
import { getLogger } from "../std/log.ts";
import type { Stoppable } from "../stoppable.ts";
import { LocalAddressSlots } from "./address/address_slots.ts";
import { type ClientOf, clientsBehind } from "./address/client_address.ts";

/** A slot for a long-running request; disposing of it releases the slot. */
export interface RequestSlot extends Disposable {
  /** Name of the client's address; `undefined` if clients are not counted. */
  readonly client: string | undefined;
  /** Aborted where the request holds too much memory: it has to end. */
  readonly reclaimed: AbortSignal;
  /**
   * Charges memory that the request holds, until the slot is released.
   *
   * @param bytes change of the number of bytes; negative to give memory back
   */
  charge(bytes: number): void;
}

/** The limit of one client. */
export interface ClientLimit {
  /** Requests of a client at a time. */
  readonly limit: number;
  /**
   * Returns the client of a request.
   * @default the transport's remote end
   */
  readonly clientOf?: ClientOf;
  /** Is notified of refused clients. */
  readonly observer?: Observer;
}

/**
 * Bounds the number of long-running requests, in total and per client. A shutdown
 * aborts them instead of waiting for them.
 */
export class LongRunningRequests implements Stoppable {
  readonly #limit: number;
  readonly #slots: LocalAddressSlots | undefined;
  readonly #clientOf: ClientOf;
  readonly #observer: Observer;
  readonly #memory: MemoryAccount | undefined;
  readonly #stop = new AbortController();
  #taken = 0;

  /**
   * Starts with all slots free.
   *
   * @param limit requests at a time
   * @param perClient limit of one client; unset: no such limit
   * @param memory account that the requests are charged to; unset: none
   */
  constructor(limit: number, perClient?: ClientLimit, memory?: MemoryAccount) {
    this.#memory = memory;
    this.#limit = limit;
    this.#slots = perClient && new LocalAddressSlots(perClient.limit);
    this.#clientOf = perClient?.clientOf ?? clientsBehind(0);
    this.#observer = perClient?.observer ?? NO_OBSERVER;
  }

  /** Aborted by a shutdown; each request ends then. */
  get stopping(): AbortSignal {
    return this.#stop.signal;
  }

  /** Slots that are taken. */
  get size(): number {
    return this.#taken;
  }

  /**
   * Takes a slot.
   *
   * @throws {RefusedError} 429 if the client has reached its limit; 503 if all slots
   * are taken, too much memory is held or the service is stopping
   */
  begin(
    request: RequestFields,
    info: { readonly remoteAddr: Deno.Addr },
  ): RequestSlot {
    const isBusy = this.#taken >= this.#limit || this.#memory?.isFull;
    if (isBusy || this.stopping.aborted) throw new RefusedError(BUSY);
    const slots = this.#slots;
    const client = slots && this.#clientOf(request, info);
    if (client !== undefined && slots?.take(client) === false) {
      this.#observer.limited("MAX_CONNECTIONS_PER_IP", "edge");
      throw new RefusedError(TOO_MANY);
    }
    this.#taken++;
    return new Slot(client, this.#memory, this.#observer, () => {
      this.#taken--;
      if (client !== undefined) slots?.release(client);
    });
  }

  /** Aborts the requests; resolves at once. */
  shutdown(): Promise<void> {
    this.#stop.abort();
    return Promise.resolve();
  }
}

/** A slot, which the memory account can end. */
class Slot implements RequestSlot, MemoryHolder {
  readonly client: string | undefined;
  readonly isReclaimable = true;
  readonly #reclaim = new AbortController();
  readonly #charge: MemoryCharge | undefined;
  readonly #observer: Observer;
  #release: (() => void) | undefined;

  constructor(
    client: string | undefined,
    memory: MemoryAccount | undefined,
    observer: Observer,
    release: () => void,
  ) {
    this.client = client;
    this.#charge = memory?.open(this);
    this.#observer = observer;
    this.#release = release;
  }

  get reclaimed(): AbortSignal {
    return this.#reclaim.signal;
  }

  charge(bytes: number): void {
    this.#charge?.add(bytes);
  }

  [Symbol.dispose](): void {
    this.#release?.();
    this.#release = undefined;
    this.#charge?.close();
  }

  measure(): void {}

  holdReading(): void {}

  releaseReading(): void {}

  reclaim(): void {
    getLogger("httpd").warn(
      ...line`A request is ended: it holds ${{
        "memory.bytes": this.#charge!.bytes,
      }} bytes, and MEMORY_LIMIT is near`,
    );
    this.#observer.limited("MEMORY_LIMIT", "edge");
    this.#reclaim.abort();
  }
}

const BUSY = retryLater(503, "The server has too many long-running requests.");

const TOO_MANY = retryLater(
  429,
  "This address has as many long-running requests as it may have.",
);
