/**
 * The address limiter of a configuration.
 *
 * @module
 */

import type { Config } from "../config/config.ts";
import {
  ConnectionCount,
  type Places,
} from "../limits/address/connection_count.ts";
import { AddressLimiter } from "../limits/address/address_limiter.ts";
import {
  commonClock,
  type LimiterMemory,
} from "../limits/address/limiter_memory.ts";
import { HandshakeRate, type Rate } from "../limits/address/handshake_rate.ts";
import { SharedConnectionCount } from "../limits/address/shared_count.ts";

/**
 * Makes the address limiter.
 *
 * @param config the limits
 * @param memory counts that threads share; `undefined`: this thread counts alone
 */
export function addressLimiterOf(
  config: Pick<
    Config,
    "connectionsPerAddress" | "handshakeRate" | "trustedProxies"
  >,
  memory?: LimiterMemory,
): AddressLimiter {
  const { connectionsPerAddress, handshakeRate, trustedProxies } = config;
  return new AddressLimiter({
    places: connectionsPerAddress > 0
      ? placesOf(connectionsPerAddress, memory)
      : undefined,
    rate: handshakeRate > 0 ? rateOf(handshakeRate, memory) : undefined,
    trustedProxies,
  });
}

function placesOf(limit: number, memory: LimiterMemory | undefined): Places {
  return memory === undefined
    ? new ConnectionCount(limit)
    : new SharedConnectionCount(limit, memory.places);
}

function rateOf(rate: number, memory: LimiterMemory | undefined): Rate {
  return memory === undefined
    ? new HandshakeRate(rate)
    : new HandshakeRate(rate, commonClock(memory), memory.rate);
}
