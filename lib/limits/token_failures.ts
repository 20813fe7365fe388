/**
 * Wrong tokens of each address.
 *
 * @module
 */

import type { Fields } from "../protocol/http_error.ts";
import type { LimitName, Observer } from "../observer.ts";
import type { ListenerName } from "../websocket.ts";
import type { ClientOf } from "./address/client_address.ts";
import { AddressRate } from "./address/address_rate.ts";

/** Wrong tokens in a period, as many at once. */
const FAILURES = 10;

/** Milliseconds of the period. */
const PERIOD = 60_000;

/** The variable whose token was asked for: each has its own failures. */
export type TokenName = Extract<LimitName, `${string}_TOKEN`>;

/** A request with a token. */
export interface TokenRequest {
  /** The request's fields. */
  readonly headers: Fields;
}

/** Where it came from. */
export interface TokenInfo {
  /** The listener that received it. */
  readonly listener: ListenerName;
  /** The transport's other end. */
  readonly remoteAddr: Deno.Addr;
}

/** What the limit goes by. */
export interface TokenFailuresOptions {
  /** Whose request it is. */
  readonly clientOf: ClientOf;
  /** Is told of refusals. */
  readonly observer: Observer;
  /**
   * A clock in milliseconds that never goes back, the same for all threads.
   * @default this thread's own
   */
  readonly now?: () => number;
  /**
   * By {@linkcode AddressRate.memory}, where threads share it.
   * @default this thread's own
   */
  readonly memory?: ArrayBufferLike;
}

/** Limits failures in a table of a fixed size; a right token costs nothing. */
export class TokenFailures {
  readonly #rate: AddressRate;
  readonly #clientOf: ClientOf;
  readonly #observer: Observer;

  /**
   * Starts without failures.
   *
   * @param options what the limit goes by
   */
  constructor(options: TokenFailuresOptions) {
    const { now, memory } = options;
    this.#rate = new AddressRate(FAILURES, now, memory, PERIOD);
    this.#clientOf = options.clientOf;
    this.#observer = options.observer;
  }

  /**
   * Asks whether a token may be looked at.
   *
   * @param name of the token
   * @param request that brings one
   * @param info where it came from
   * @returns 0, or the milliseconds until it may
   */
  wait(name: TokenName, request: TokenRequest, info: TokenInfo): number {
    const wait = this.#rate.peek(this.#key(name, request, info));
    if (wait > 0) this.#observer.limited(name, info.listener);
    return wait;
  }

  /**
   * Counts a wrong token.
   *
   * @param name of the token that was asked for
   * @param request that brought another
   * @param info where it came from
   */
  failed(name: TokenName, request: TokenRequest, info: TokenInfo): void {
    this.#rate.wait(this.#key(name, request, info));
  }

  #key(name: TokenName, request: TokenRequest, info: TokenInfo): string {
    return `${name} ${this.#clientOf(request, info)}`;
  }
}
