/**
 * The log lines of a start, in the form of ESP-IDF's example.
 *
 * @module
 */

import { getLogger } from "../std/log.ts";
import type { Config } from "../config/config.ts";
import { SETTINGS } from "../config/settings.ts";
import { VERSION } from "../config/version.ts";
import { line } from "../log/fields.ts";
import type { Server } from "../mod.ts";
import { LISTENER_PURPOSE, type ListenerInfo } from "../server/listeners.ts";
import { expiryNotice } from "../tls/identity.ts";
import { ipv4Addresses } from "./ipv4_addresses.ts";

/** Addresses of the network whose URLs are shown, at most. */
const MAX_URLS = 3;

/**
 * Logs addresses, ports, routes and URLs.
 *
 * @param server the server
 * @param config its configuration
 */
export function logStartupMessage(server: Server, config: Config): void {
  const log = getLogger("ws_echo_server");
  const addresses = config.onDeploy ? [] : ipv4Addresses(config.host);
  for (const address of addresses) {
    log.info(...line`IPv4 address: ${{ "server.address": address }}`);
  }
  const { port } = server.addresses.edge;
  log.info(...line`Starting server on port: '${{ "server.port": port }}'`);
  log.info("Registering URI handlers");
  server.routes.log();
  log.info(
    ...line`ws-echo-server ${{ "service.version": VERSION }} on Deno ${{
      "process.runtime.version": Deno.version.deno,
    }}`,
  );
  for (const listener of server.listeners) {
    logListener(server, listener, addresses);
  }
  const { workers } = config;
  if (workers > 1) {
    log.info(...line`${{ threads: workers }} threads share the ports`);
  }
  // The platform has the URL.
  if (config.onDeploy) return;
  log.info(...line`Console: ${{ "url.full": `${server.urls.http}/` }}`);
}

function logListener(
  { urls }: Pick<Server, "urls">,
  { name, port }: ListenerInfo,
  addresses: readonly string[],
): void {
  const url = new URL(urls[name]!);
  const network = addresses.slice(0, MAX_URLS)
    .filter((address) => address !== url.hostname)
    .map((address) => `${url.protocol}//${address}:${port}`);
  const shown = [urls[name], ...network].map((origin) => `${origin}/ws`);
  getLogger("ws_echo_server").info(
    ...line`The ${{ listener: name }} listener is on port ${{
      "server.port": port,
    }}: ${{ "url.full": shown.join(" ") }} (${{
      purpose: LISTENER_PURPOSE[name],
    }})`,
  );
}

/**
 * Logs the warnings of a start, which stand last: a certificate that expires soon, and
 * the default token.
 *
 * @param server the server
 * @param config its configuration
 */
export function logWarnings(
  { certificateExpires: expires }: Pick<Server, "certificateExpires">,
  config: Pick<Config, "authToken">,
): void {
  const log = getLogger("ws_echo_server");
  const notice = expires && expiryNotice({ expires });
  if (notice !== undefined) log.warn(notice);
  if (config.authToken !== SETTINGS.AUTH_TOKEN.default) return;
  log.warn(
    "AUTH_TOKEN is not set: /auth accepts the default token, which is public; set AUTH_TOKEN to a secret",
  );
}
