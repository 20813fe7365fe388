/**
 * The fourth stage of the edge listener: from an admitted handshake to the 101
 * and a connection that waits for its socket to open.
 *
 * @module
 */

import { getLogger } from "../std/log.ts";
import type { Accepted } from "../listener/admission.ts";
import { failureResponse } from "../listener/answer.ts";
import { logOpening } from "../listener/connection_log.ts";
import { line } from "../log/fields.ts";
import { debugEnabled } from "../log/log.ts";
import type { Match } from "../routing/router.ts";
import { upgradeQuietly } from "../runtime/upgrade/legacy_abort.ts";
import { EdgeConnection } from "./connection/connection.ts";
import type { EdgeContext } from "./context.ts";
import { UpgradedSocket } from "./upgraded_socket.ts";

/** A route of the router map that serves WebSockets. */
export type WebSocketMatch = Extract<Match, { kind: "websocket" }>;

/** A handshake request. */
export interface Handshake {
  /** The runtime's request. */
  readonly request: Request;
  /** The request's URL. */
  readonly url: URL;
  /** The client's address. */
  readonly remoteAddr: Deno.Addr;
  /** The address that failed upgrades are counted for. */
  readonly address: string;
  /** The client's address, also behind a proxy. */
  readonly client: string;
}

/**
 * Upgrades a request.
 *
 * @param context the listener's parts
 * @param route the matched route
 * @param handshake the request
 * @param release releases the slot in the address limiter, and ends the server's count
 * of the WebSocket; called here, or at the connection's end
 * @param admission the handler's additions to the 101
 * @returns the 101; 500 if the runtime refuses the request
 */
export function upgrade(
  context: EdgeContext,
  route: WebSocketMatch,
  { request, url, remoteAddr, address, client }: Handshake,
  release: () => void,
  { protocol, extras }: Accepted,
): Response {
  const { service } = context;
  let snapshot: EdgeConnection["request"];
  let signal: AbortSignal;
  let upgraded: Deno.WebSocketUpgrade;
  try {
    // The runtime's getters throw after the upgrade, those of its Headers too.
    snapshot = { url, headers: new Headers(request.headers) };
    signal = request.signal;
    upgraded = upgradeQuietly(request, {
      idleTimeout: context.keepAlive.idleTimeout,
    });
  } catch (error) {
    service.sessions.release();
    release();
    // The runtime refuses the request: the stack would show only the call above.
    return failureResponse(String(error));
  }
  const { socket, response } = upgraded;
  addFields(response.headers, protocol, extras.headers);

  const id = service.sessions.nextId();
  const { headers } = snapshot;
  const opening = {
    listener: "edge",
    remoteAddr,
    target: url.pathname,
    headers,
  } as const;
  logOpening(service, id, opening, protocol);
  if (debugEnabled) logKey(response);
  const upgradedSocket = new UpgradedSocket(
    context,
    { socket, address, release },
    (socketControl) =>
      new EdgeConnection(service, id, {
        socket,
        readScheduler: context.readScheduler,
        path: route.path,
        params: route.params,
        handler: extras.handler ?? route.handler,
        request: snapshot,
        remoteAddr,
        client,
        protocol,
        state: extras.state,
        socketControl,
      }),
  );
  upgradedSocket.listen(signal);
  return response;
}

/**
 * Adds the subprotocol and the handler's fields to the 101. The runtime compares
 * its `protocol` option with a header split at exactly `", "`, and so refuses
 * other lists that RFC 6455 allows.
 */
function addFields(
  headers: Headers,
  protocol: string,
  extra: HeadersInit | undefined,
): void {
  if (protocol !== "") headers.set("sec-websocket-protocol", protocol);
  if (extra === undefined) return;
  for (const [name, value] of new Headers(extra)) headers.append(name, value);
}

function logKey({ headers }: Response): void {
  const key = headers.get("sec-websocket-accept") ?? "";
  getLogger("httpd_ws").debug(
    ...line`Generated server key: ${{ "websocket.accept": key }}`,
  );
}
