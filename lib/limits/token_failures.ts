/**
 * The limit of wrong tokens per address.
 *
 * @module
 */

import type { LimitName, Observer } from "../observer.ts";
import type { RequestFields } from "../protocol/http_error.ts";
import type { ListenerName } from "../websocket.ts";
import { AddressRate } from "./address/address_rate.ts";
import type { ClientOf } from "./address/client_address.ts";

/** Wrong tokens per period, and at once. */
const FAILURES = 10;

/** Milliseconds of the period. */
const PERIOD = 60_000;

/** The variable that sets the token; each token has its own count of failures. */
export type TokenName = Extract<LimitName, `${string}_TOKEN`>;

/** The origin of a request with a token. */
export interface TokenInfo {
  /** The listener that received it. */
  readonly listener: ListenerName;
  /** Address of the transport's remote end. */
  readonly remoteAddr: Deno.Addr;
}

/** Options of {@linkcode TokenFailures}. */
export interface TokenFailuresOptions {
  /** Returns the client of a request. */
  readonly clientOf: ClientOf;
  /** Is notified of refusals. */
  readonly observer: Observer;
  /**
   * A clock in milliseconds that never goes back, the same for all threads.
   * @default `performance.now()`
   */
  readonly now?: () => number;
  /**
   * The counts, by {@linkcode AddressRate.memory}, if threads share them.
   * @default counts of this thread
   */
  readonly memory?: ArrayBufferLike;
}

/** Counts wrong tokens in a table of a fixed size; correct tokens are not counted. */
export class TokenFailures {
  readonly #rate: AddressRate;
  readonly #clientOf: ClientOf;
  readonly #observer: Observer;

  /** Starts without failures. */
  constructor(options: TokenFailuresOptions) {
    const { now, memory } = options;
    this.#rate = new AddressRate(FAILURES, now, memory, PERIOD);
    this.#clientOf = options.clientOf;
    this.#observer = options.observer;
  }

  /**
   * Returns how long the client has to wait before its next token is compared.
   *
   * @returns 0, or milliseconds
   */
  wait(name: TokenName, request: RequestFields, info: TokenInfo): number {
    const wait = this.#rate.peek(this.#key(name, request, info));
    if (wait > 0) this.#observer.limited(name, info.listener);
    return wait;
  }

  /** Counts a wrong token. */
  failed(name: TokenName, request: RequestFields, info: TokenInfo): void {
    this.#rate.take(this.#key(name, request, info));
  }

  #key(name: TokenName, request: RequestFields, info: TokenInfo): string {
    return `${name} ${this.#clientOf(request, info)}`;
  }
}
