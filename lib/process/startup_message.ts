/**
 * The log lines of a start, in the form of ESP-IDF's example.
 *
 * @module
 */

import { getLogger } from "../std/log.ts";
import type { Config } from "../config/config.ts";
import { SETTINGS } from "../config/settings.ts";
import { ipv4Addresses } from "./ipv4_addresses.ts";
import { LISTENER_PURPOSE, type ListenerInfo } from "../server/listeners.ts";
import type { Router } from "../routing/router.ts";

/**
 * Logs addresses, ports and routes, and a warning for the default token.
 *
 * @param config the configuration
 * @param router the routes
 * @param running the listeners, the edge listener first
 */
export function logStartupMessage(
  config: Config,
  router: Router,
  running: readonly ListenerInfo[],
): void {
  const log = getLogger("ws_echo_server");
  if (!config.onDeploy) {
    for (const address of ipv4Addresses(config.host)) {
      log.info(`IPv4 address: ${address}`);
    }
  }
  log.info(`Starting server on port: '${running[0]?.port}'`);
  log.info("Registering URI handlers");
  router.log();
  for (const { name, port } of running) {
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
