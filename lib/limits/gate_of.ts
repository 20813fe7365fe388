/**
 * The gate that a configuration asks for.
 *
 * @module
 */

import type { Config } from "../config.ts";
import { ConnectionCount } from "./connection_count.ts";
import { Gate } from "./gate.ts";
import { HandshakeRate } from "./handshake_rate.ts";

/**
 * Makes a gate with counts of this instance's own.
 *
 * @param config which limits are on
 */
export function gateOf(
  config: Pick<
    Config,
    "connectionsPerAddress" | "handshakeRate" | "trustedProxies"
  >,
): Gate {
  const { connectionsPerAddress, handshakeRate, trustedProxies } = config;
  return new Gate({
    places: connectionsPerAddress > 0
      ? new ConnectionCount(connectionsPerAddress)
      : undefined,
    rate: handshakeRate > 0 ? new HandshakeRate(handshakeRate) : undefined,
    trustedProxies,
  });
}
