/**
 * The address limiter: bounds the connections and handshakes of one address, for both
 * listeners.
 *
 * @module
 */

import { getLogger } from "../../std/log.ts";
import type { LimitName } from "../../observer.ts";
import { type HttpError, retryLater } from "../../protocol/http_error.ts";
import type { AddressRate } from "./address_rate.ts";
import type { AddressSlots } from "./address_slots.ts";
import { clientAddress } from "./client_address.ts";

/** Options of {@linkcode AddressLimiter}. */
export interface AddressLimiterOptions {
  /**
   * Connection slots of each address.
   * @default any number of connections
   */
  readonly slots?: AddressSlots | undefined;
  /**
   * Handshakes per second of each address.
   * @default any number of handshakes
   */
  readonly rate?: AddressRate | undefined;
  /** Proxies that every request passes. */
  readonly trustedProxies: number;
}

/** The decision of {@linkcode AddressLimiter.admit}. */
export type AddressVerdict =
  | {
    readonly admitted: true;
    /** Releases the connection slot; call it once, when the connection has ended. */
    release(): void;
  }
  | {
    readonly admitted: false;
    /** The limit that the address has reached. */
    readonly limit: LimitName;
    /** The response to send. */
    readonly error: HttpError;
  };

const TOO_FAST = "Too many handshakes from this address at once.";

const TOO_MANY = retryLater(
  429,
  "This address has as many connections as it may have.",
);

/** Admits a new connection while its address is within the limits. */
export class AddressLimiter {
  readonly #slots: AddressSlots | undefined;
  readonly #rate: AddressRate | undefined;
  readonly #trustedProxies: number;
  #hasWarned = false;

  /** Makes a limiter. */
  constructor(options: AddressLimiterOptions) {
    this.#slots = options.slots;
    this.#rate = options.rate;
    this.#trustedProxies = options.trustedProxies;
  }

  /** Whether the client's address is in the request head, not in the transport. */
  get needsHead(): boolean {
    return this.#trustedProxies > 0;
  }

  /**
   * Returns the name under which a client is counted; see {@linkcode clientAddress}.
   *
   * @param remoteAddr address of the transport's remote end
   * @param forwardedFor the request's `X-Forwarded-For`, or null
   */
  addressOf(remoteAddr: Deno.Addr, forwardedFor: string | null): string {
    return clientAddress(remoteAddr, forwardedFor, this.#trustedProxies);
  }

  /**
   * Counts a handshake and takes a connection slot of its address.
   *
   * @param remoteAddr address of the transport's remote end
   * @param forwardedFor the request's `X-Forwarded-For`, or null
   */
  admit(remoteAddr: Deno.Addr, forwardedFor: string | null): AddressVerdict {
    if (forwardedFor !== null && !this.needsHead) this.#warnOfProxy();
    const address = this.addressOf(remoteAddr, forwardedFor);
    const wait = this.#rate?.take(address) ?? 0;
    if (wait > 0) {
      return {
        admitted: false,
        limit: "HANDSHAKE_RATE",
        error: retryLater(429, TOO_FAST, Math.ceil(wait / 1000)),
      };
    }
    if (this.#slots?.take(address) === false) {
      return {
        admitted: false,
        limit: "MAX_CONNECTIONS_PER_IP",
        error: TOO_MANY,
      };
    }
    return this.#slots === undefined
      ? NO_SLOT
      : new Admitted(this.#slots, address);
  }

  /** Without TRUST_PROXY, all clients of a proxy share the limits of one address. */
  #warnOfProxy(): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    getLogger("httpd").warn(
      "A request has X-Forwarded-For, but TRUST_PROXY is 0: behind a proxy all clients share the limits of one address; set TRUST_PROXY to the number of proxies",
    );
  }
}

/** A class, because each connection keeps an object: a closure takes three times the memory. */
class Admitted {
  readonly #slots: AddressSlots;
  readonly #address: string;

  constructor(slots: AddressSlots, address: string) {
    this.#slots = slots;
    this.#address = address;
  }

  get admitted(): true {
    return true;
  }

  release(): void {
    this.#slots.release(this.#address);
  }
}

/** Admits without a limit of connections: there is nothing to release. */
const NO_SLOT: AddressVerdict = { admitted: true, release() {} };
