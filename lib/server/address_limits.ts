/**
 * The address limiter of a configuration.
 *
 * @module
 */

import type { ServerConfig } from "../config/server_config.ts";
import {
  type AddressSlots,
  LocalAddressSlots,
} from "../limits/address/address_slots.ts";
import { AddressLimiter } from "../limits/address/address_limiter.ts";
import {
  commonClock,
  type LimiterMemory,
} from "../limits/address/limiter_memory.ts";
import { AddressRate } from "../limits/address/address_rate.ts";
import { SharedAddressSlots } from "../limits/address/shared_address_slots.ts";

/**
 * Makes the address limiter.
 *
 * @param config the limits
 * @param memory counts that threads share; `undefined`: this thread counts alone
 */
export function addressLimiterOf(
  config: Pick<
    ServerConfig,
    "maxConnectionsPerIp" | "handshakeRate" | "trustProxy"
  >,
  memory?: LimiterMemory,
): AddressLimiter {
  const { maxConnectionsPerIp, handshakeRate, trustProxy } = config;
  return new AddressLimiter({
    slots: maxConnectionsPerIp > 0
      ? slotsOf(maxConnectionsPerIp, memory)
      : undefined,
    rate: handshakeRate > 0 ? rateOf(handshakeRate, memory) : undefined,
    trustedProxies: trustProxy,
  });
}

function slotsOf(
  limit: number,
  memory: LimiterMemory | undefined,
): AddressSlots {
  return memory === undefined
    ? new LocalAddressSlots(limit)
    : new SharedAddressSlots(limit, memory.slots);
}

function rateOf(rate: number, memory: LimiterMemory | undefined): AddressRate {
  return memory === undefined
    ? new AddressRate(rate)
    : new AddressRate(rate, commonClock(memory), memory.rate);
}
