/**
 * The one form of the `Upgrade` field that the runtime takes and cannot handle.
 * Where the first of several `Upgrade` lines is `h2c`, it prepares no upgrade;
 * `Deno.upgradeWebSocket` succeeds all the same if another line has `websocket`,
 * and the connection then stays open without an answer.
 *
 * @module
 */

import { symbolOf } from "./internals.ts";

/** The fields of a request as they came, once they have been iterated over. */
const HEADER_LIST = "header list";

/**
 * Whether the runtime can upgrade a request as far as its `Upgrade` field goes.
 *
 * @param headers the request's fields; `Upgrade` has `websocket` in it
 */
export function isUpgradable(headers: Headers): boolean {
  const joined = headers.get("upgrade") ?? "";
  return !/^h2c,/i.test(joined) || firstLine(headers)?.toLowerCase() !== "h2c";
}

/** The first `Upgrade` line; what a runtime that does not show it may have seen is `h2c`. */
function firstLine(headers: Headers): string | undefined {
  // The runtime reads the list when it is asked for it.
  headers.forEach(() => {});
  const symbol = symbolOf(headers, HEADER_LIST);
  const list = symbol && (headers as Headers & Record<symbol, unknown>)[symbol];
  if (!Array.isArray(list)) return "h2c";
  const pairs: readonly [string, string][] = list;
  return pairs.find(([name]) => name.toLowerCase() === "upgrade")?.[1];
}
