/**
 * The URLs of a server's listeners.
 *
 * @module
 */

import type { ListenerName } from "../websocket.ts";

/**
 * The addresses of the listeners.
 *
 * @example
 * ```ts
 * import { type Addresses, serve } from "@ws-echo/server";
 * import { assertEquals } from "@std/assert";
 *
 * const options = { host: "127.0.0.1", port: 0, framePort: false } as const;
 * await using server = await serve({ ...options, routes: {} });
 * const { edge, frame }: Addresses = server.addresses;
 * assertEquals(edge.hostname, "127.0.0.1");
 * assertEquals(frame, undefined);
 * ```
 */
export interface Addresses {
  /** The address that the edge listener is bound to. */
  readonly edge: Deno.NetAddr;
  /** The address that the frame listener is bound to; `undefined`: it is off. */
  readonly frame: Deno.NetAddr | undefined;
}

/**
 * The URLs of the listeners, without a slash at the end. The host is that of
 * `addresses`; `localhost` for `::`, and `127.0.0.1` for `0.0.0.0`.
 *
 * @example
 * ```ts
 * import { serve, type Urls } from "@ws-echo/server";
 * import { assertEquals } from "@std/assert";
 *
 * await using server = await serve({ routes: {}, host: "127.0.0.1", port: 0 });
 * const { edge, http }: Urls = server.urls;
 * const { port } = server.addresses.edge;
 * assertEquals(edge, `ws://127.0.0.1:${port}`);
 * assertEquals(http, `http://127.0.0.1:${port}`);
 * ```
 */
export interface Urls {
  /** The edge listener's, such as `ws://127.0.0.1:8000`. */
  readonly edge: string;
  /** The frame listener's, such as `ws://127.0.0.1:8001`; `undefined`: it is off. */
  readonly frame: string | undefined;
  /** That of the HTTP routes, such as `http://127.0.0.1:8000`. */
  readonly http: string;
}

/** The hosts of URLs for addresses that mean every address of the machine. */
const LOOPBACK: Readonly<Record<string, string>> = {
  "::": "localhost",
  "0.0.0.0": "127.0.0.1",
};

/**
 * Makes the URLs of listeners.
 *
 * @param addresses their addresses
 * @param isSecure whether they use TLS
 */
export function urlsOf(
  { edge, frame }: Pick<Addresses, ListenerName>,
  isSecure: boolean,
): Urls {
  const s = isSecure ? "s" : "";
  return {
    edge: `ws${s}://${authority(edge)}`,
    frame: frame && `ws${s}://${authority(frame)}`,
    http: `http${s}://${authority(edge)}`,
  };
}

function authority({ hostname, port }: Deno.NetAddr): string {
  const host = LOOPBACK[hostname] ?? hostname;
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}
