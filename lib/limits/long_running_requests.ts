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
  retryLater,
  TOO_LITTLE_MEMORY,
} from "../protocol/http_error.ts";
import { wait } from "../scheduling/wait.ts";
import { getLogger } from "../std/log.ts";
import type { Stoppable } from "../stoppable.ts";
import { LocalAddressSlots } from "./address/address_slots.ts";
import { type ClientOf, clientsBehind } from "./address/client_address.ts";
import type { OpenRequests } from "./open_requests.ts";

/** A slot for a long-running request; disposing of it releases the slot. */
export interface RequestSlot extends Disposable {
  /** Name of the client's address; `undefined` if clients are not counted. */
  readonly client: string | undefined;
  /** Aborted where memory is short: the request has to end. */
  readonly reclaimed: AbortSignal;
  /**
   * Charges memory that the request holds, until the slot is released.
   *
   * @param bytes change of the number of bytes; negative to give memory back
   */
  charge(bytes: number): void;
  /**
   * Waits for a time, at most until the client has left or the service stops. A HEAD does
   * not wait: no response to it ends its connection, see {@linkcode OpenRequests}.
   *
   * @param signals end the wait early, too
   * @returns whether the whole time has passed
   * @throws {RefusedError} 503, memory is short
   */
  wait(
    milliseconds: number,
    signals?: readonly AbortSignal[],
  ): Promise<boolean>;
}

/** The parts of a service that its long-running requests concern. */
export interface RequestOwner {
  /** The requests are charged to it. */
  readonly memory: MemoryAccount;
  /** Can end them. */
  readonly openRequests: OpenRequests;
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
  readonly #owner: RequestOwner | undefined;
  readonly #stop = new AbortController();
  #taken = 0;

  /**
   * Starts with all slots free.
   *
   * @param limit requests at a time
   * @param perClient limit of one client; unset: no such limit
   * @param owner is charged with them; unset: nothing is
   */
  constructor(limit: number, perClient?: ClientLimit, owner?: RequestOwner) {
    this.#owner = owner;
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
    request: Pick<Request, "headers" | "method" | "signal">,
    info: { readonly remoteAddr: Deno.Addr },
  ): RequestSlot {
    const isBusy = this.#taken >= this.#limit || this.#owner?.memory.isFull;
    if (isBusy || this.stopping.aborted) throw new RefusedError(BUSY);
    const slots = this.#slots;
    const client = slots && this.#clientOf(request, info);
    if (client !== undefined && slots?.take(client) === false) {
      this.#observer.limited("MAX_CONNECTIONS_PER_IP", "edge");
      throw new RefusedError(TOO_MANY);
    }
    this.#taken++;
    return new Slot(
      client,
      request,
      this.stopping,
      this.#observer,
      this.#owner,
      () => {
        this.#taken--;
        if (client !== undefined) slots?.release(client);
      },
    );
  }

  /** Aborts the requests; resolves at once. */
  shutdown(): Promise<void> {
    this.#stop.abort();
    return Promise.resolve();
  }
}

/** A slot, which the memory account can end, and where the process grows. */
class Slot implements RequestSlot, MemoryHolder {
  readonly client: string | undefined;
  readonly isReclaimable = true;
  readonly #reclaim = new AbortController();
  readonly #request: Pick<Request, "method" | "signal">;
  readonly #stopping: AbortSignal;
  readonly #observer: Observer;
  readonly #charge: MemoryCharge | undefined;
  readonly #removeOpen: (() => void) | undefined;
  #release: (() => void) | undefined;

  constructor(
    client: string | undefined,
    request: Pick<Request, "method" | "signal">,
    stopping: AbortSignal,
    observer: Observer,
    owner: RequestOwner | undefined,
    release: () => void,
  ) {
    this.client = client;
    this.#request = request;
    this.#stopping = stopping;
    this.#observer = observer;
    this.#charge = owner?.memory.open(this);
    this.#removeOpen = owner?.openRequests.add(() => this.#reclaim.abort());
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
    this.#removeOpen?.();
  }

  async wait(
    milliseconds: number,
    signals: readonly AbortSignal[] = [],
  ): Promise<boolean> {
    if (this.#request.method === "HEAD") return false;
    const passed = await wait(milliseconds, [
      ...signals,
      this.#request.signal,
      this.#stopping,
      this.reclaimed,
    ]);
    if (this.reclaimed.aborted) {
      throw new RefusedError(TOO_LITTLE_MEMORY, { endsConnection: true });
    }
    return passed;
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
