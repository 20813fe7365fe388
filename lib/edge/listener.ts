/**
 * The edge listener: `Deno.serve` with `Deno.upgradeWebSocket`. It runs wherever
 * Deno runs, Deno Deploy included, and shows handlers whole messages.
 *
 * @module
 */

import { getLogger } from "@std/log";
import { type Admission, admit, SERVER_ERROR } from "../admission.ts";
import { CLOSE_CODE } from "../close_code.ts";
import { debugEnabled } from "../log.ts";
import { httpErrorResponse } from "../http_error.ts";
import type { Service } from "../service.ts";
import type { WebSocketHandler } from "../websocket.ts";
import { closeCode, EdgeConnection } from "./connection.ts";

/** A running edge listener. */
export interface EdgeListener {
  /** Where it listens. */
  readonly addr: Deno.NetAddr;
  /**
   * Stops accepting once the last WebSocket is closed; resolves when the last
   * request is answered. Until then newcomers are told that it is too late.
   */
  shutdown(): Promise<void>;
}

/**
 * Starts the edge listener.
 *
 * @param service what it serves
 * @param address host and port; port 0 takes a free one
 * @throws {Deno.errors.AddrInUse} the port is taken
 */
export function listenEdge(
  service: Service,
  address: { readonly hostname: string; readonly port: number },
): EdgeListener {
  const server = Deno.serve({
    ...address,
    onListen: () => {},
    onError: failed,
  }, (request, info) => respond(service, request, info.remoteAddr));
  return {
    addr: server.addr as Deno.NetAddr,
    async shutdown() {
      // The runtime's shutdown ends upgraded connections without a CLOSE.
      await service.sessions.emptied();
      await server.shutdown();
    },
  };
}

function respond(
  service: Service,
  request: Request,
  remoteAddr: Deno.Addr,
): Response | Promise<Response> {
  if (!URL.canParse(request.url)) {
    const message = "The Host field or the request target is malformed.";
    return httpErrorResponse(request, { status: 400, message });
  }
  const path = new URL(request.url).pathname;
  const match = service.router.match(request.method, path);
  switch (match.kind) {
    case "refused":
      return httpErrorResponse(request, match.error);
    case "http":
      return answer(
        () => match.handler(request, { listener: "edge", remoteAddr }),
        request,
      );
    case "websocket": {
      const admission = admit(service, match.handler, {
        request,
        head: request,
        remoteAddr,
        listener: "edge",
      });
      const conclude = (admission: Admission) =>
        upgrade(service, match, request, remoteAddr, admission);
      return admission instanceof Promise
        ? admission.then(conclude)
        : conclude(admission);
    }
  }
}

async function answer(
  handle: () => Response | Promise<Response>,
  request: Request,
): Promise<Response> {
  try {
    return await handle();
  } catch (error) {
    getLogger("httpd").error("HTTP handler failed:", error);
    return httpErrorResponse(request, SERVER_ERROR);
  }
}

/** The listener's own last resort, for an error that is nobody's. */
function failed(error: unknown): Response {
  getLogger("httpd").error("Request failed:", error);
  return new Response(`${SERVER_ERROR.message}\n`, {
    status: SERVER_ERROR.status,
  });
}

function upgrade(
  service: Service,
  route: { readonly path: string; readonly handler: WebSocketHandler },
  request: Request,
  remoteAddr: Deno.Addr,
  admission: Admission,
): Response {
  if (!admission.accepted) return admission.response;
  const { protocol, extras } = admission;
  const snapshot = {
    url: new URL(request.url),
    headers: new Headers(request.headers),
  };
  let upgraded: Deno.WebSocketUpgrade;
  try {
    upgraded = Deno.upgradeWebSocket(request, {
      idleTimeout: service.limits.idleTimeout / 1000,
    });
  } catch (error) {
    service.sessions.release();
    throw error;
  }
  const { socket, response } = upgraded;
  addFields(response.headers, protocol, extras.headers);

  const id = service.sessions.nextId();
  const log = getLogger("httpd_ws");
  log.info(`Responding WS handshake to sock ${id}`);
  if (debugEnabled) {
    log.debug(
      `Generated server key: ${response.headers.get("sec-websocket-accept")}`,
    );
  }
  attach(
    service,
    socket,
    new EdgeConnection(service, id, {
      socket,
      path: route.path,
      handler: route.handler,
      request: snapshot,
      remoteAddr,
      protocol,
      state: extras.state,
    }),
  );
  return response;
}

/**
 * The subprotocol is set here and not by the runtime, which compares it with a
 * header split at `", "` and knows only one such way to write a list.
 */
function addFields(
  headers: Headers,
  protocol: string,
  extra: HeadersInit | undefined,
): void {
  if (protocol !== "") headers.set("sec-websocket-protocol", protocol);
  for (const [name, value] of new Headers(extra)) headers.append(name, value);
}

function attach(
  service: Service,
  socket: WebSocket,
  connection: EdgeConnection,
): void {
  const { sessions } = service;
  let added = false;
  socket.binaryType = "arraybuffer";
  // A listener is spared the wrapper that the runtime puts around `on…` handlers.
  socket.addEventListener("open", () => {
    added = true;
    sessions.add(connection);
    connection.opened();
    if (service.draining) connection.close(CLOSE_CODE.goingAway);
  });
  socket.addEventListener("message", (event) => connection.receive(event.data));
  socket.addEventListener("close", (event) => {
    if (!added) return sessions.release();
    sessions.remove(connection);
    getLogger("httpd_ws").info(
      `Connection of sock ${connection.id} closed with ${closeCode(event)}`,
    );
    connection.closed(event);
  });
  socket.addEventListener("error", (event) => {
    getLogger("httpd_ws").debug(() =>
      `Error on sock ${connection.id}: ${(event as ErrorEvent).message}`
    );
  });
}
