/**
 * The log lines of a start, in the form of ESP-IDF's example.
 *
 * @module
 */

import { getLogger } from "../std/log.ts";
import type { Config } from "../config/config.ts";
import { SETTINGS } from "../config/settings.ts";
import { ipv4Addresses } from "./ipv4_addresses.ts";
import { LISTENER_PURPOSE } from "../server/listeners.ts";
import type { Server } from "../mod.ts";

/**
 * Logs addresses, ports and routes, and a warning for the default token.
 *
 * @param server the server
 * @param config its configuration
 */
export function logStartupMessage(server: Server, config: Config): void {
  const log = getLogger("ws_echo_server");
  if (!config.onDeploy) {
    for (const address of ipv4Addresses(config.host)) {
      log.info(`IPv4 address: ${address}`);
    }
  }
  log.info(`Starting server on port: '${server.addresses.edge.port}'`);
  log.info("Registering URI handlers");
  server.routes.log();
  for (const { name, port } of server.listeners) {
    log.info(
      `The ${name} listener is on port ${port}: ${LISTENER_PURPOSE[name]}`,
    );
  }
  if (config.workers > 1) log.info(`${config.workers} threads share the ports`);
  if (config.authToken === SETTINGS.AUTH_TOKEN.default) {
    log.warn(
      "AUTH_TOKEN is not set: /auth accepts the default, which is public",
    );
  }
}
