/**
 * Detects a form of the `Upgrade` field that the runtime accepts and never answers.
 *
 * Where the first of several `Upgrade` lines is `h2c`, the runtime prepares no
 * upgrade. `Deno.upgradeWebSocket` succeeds all the same if another line is
 * `websocket`, and the connection stays open without an answer. Seen in Deno 2.9.6.
 *
 * @module
 */

import { symbolOf } from "../internals.ts";

/** The received lines; there once the fields have been iterated over. */
const HEADER_LIST = "header list";

/**
 * Whether the runtime can upgrade a request with this `Upgrade` field.
 *
 * @param headers the request's fields; one `Upgrade` element is `websocket`
 */
export function isUpgradable(headers: Headers): boolean {
  const joined = headers.get("upgrade") ?? "";
  return !/^h2c,/i.test(joined) || firstLine(headers)?.toLowerCase() !== "h2c";
}

/** The first `Upgrade` line; `h2c` where the runtime does not show the lines. */
function firstLine(headers: Headers): string | undefined {
  // The iteration makes the runtime fill the list.
  headers.forEach(() => {});
  const symbol = symbolOf(headers, HEADER_LIST);
  const list = symbol && (headers as Headers & Record<symbol, unknown>)[symbol];
  if (!Array.isArray(list)) return "h2c";
  const pairs: readonly [string, string][] = list;
  return pairs.find(([name]) => name.toLowerCase() === "upgrade")?.[1];
}
