/**
 * The address limiter in front of both listeners: what one address may take of the service.
 *
 * @module
 */

import { getLogger } from "@std/log";
import type { HttpError } from "../../protocol/http_error.ts";
import type { LimitName } from "../../observer.ts";
import { clientAddress } from "./client_address.ts";
import type { AddressSlots } from "./address_slots.ts";
import type { Rate } from "./address_rate.ts";

/** What a address limiter goes by. */
export interface AddressLimiterOptions {
  /** Connections of an address at once; unset: any number. */
  readonly places?: AddressSlots | undefined;
  /** Handshakes of an address a second; unset: any number. */
  readonly rate?: Rate | undefined;
  /** Proxies that every request comes through. */
  readonly trustedProxies: number;
}

/** What knocking comes to. */
export type Entry =
  | {
    readonly admitted: true;
    /** Gives the place back; to be called once, when the peer is gone. */
    leave(): void;
  }
  | {
    readonly admitted: false;
    /** Which limit it was. */
    readonly limit: LimitName;
    /** The refusal to send. */
    readonly error: HttpError;
  };

/** Seconds after which a client that has too many connections may look again. */
const RETRY_AFTER = 5;

/** Lets a peer in while its address has not too much already. */
export class AddressLimiter {
  readonly #places: AddressSlots | undefined;
  readonly #rate: Rate | undefined;
  readonly #trustedProxies: number;
  #hasWarned = false;

  /**
   * Puts up a address limiter.
   *
   * @param options what it goes by
   */
  constructor(options: AddressLimiterOptions) {
    this.#places = options.places;
    this.#rate = options.rate;
    this.#trustedProxies = options.trustedProxies;
  }

  /** Whether the client is known from the request's head only, not from the transport. */
  get needsHead(): boolean {
    return this.#trustedProxies > 0;
  }

  /**
   * Counts a handshake and takes a place for the connection that it may become.
   *
   * @param peer the transport's other end
   * @param forwardedFor the request's `X-Forwarded-For`, as far as there is a head
   */
  enter(peer: Deno.Addr, forwardedFor: string | null): Entry {
    if (forwardedFor !== null && !this.needsHead) this.#warnOfProxy();
    const address = clientAddress(peer, forwardedFor, this.#trustedProxies);
    const wait = this.#rate?.wait(address) ?? 0;
    if (wait > 0) {
      return refused(
        "HANDSHAKE_RATE",
        "Too many handshakes from this address at once.",
        Math.ceil(wait / 1000),
      );
    }
    if (this.#places?.take(address) === false) {
      return refused(
        "MAX_CONNECTIONS_PER_IP",
        "This address has as many connections as it may have.",
        RETRY_AFTER,
      );
    }
    return new Admitted(this.#places, address);
  }

  /** Behind a proxy that is not known of, all clients share the limits of one. */
  #warnOfProxy(): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    getLogger("httpd").warn(
      "A request has X-Forwarded-For: behind a proxy, set TRUST_PROXY, or all clients count as one address",
    );
  }
}

/** A class, as every connection holds one: a closure takes three times the memory. */
class Admitted {
  readonly #places: AddressSlots | undefined;
  readonly #address: string;

  constructor(places: AddressSlots | undefined, address: string) {
    this.#places = places;
    this.#address = address;
  }

  get admitted(): true {
    return true;
  }

  leave(): void {
    this.#places?.give(this.#address);
  }
}

/** RFC 6585 §4: the client, not the server, has to slow down. */
function refused(
  limit: LimitName,
  message: string,
  retryAfter: number,
): Entry {
  const headers = { "retry-after": String(retryAfter) };
  return { admitted: false, limit, error: { status: 429, message, headers } };
}
