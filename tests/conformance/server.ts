/**
 * The frame listener in this process, and a record of its close events.
 *
 * @module
 */

import { routes } from "../../handlers/routes.ts";
import { SOCKETS } from "../sockets.ts";
import { listenFrames } from "../../lib/frame/listener.ts";
import type { Limits, Service } from "../../lib/listener/service.ts";
import { setupLog } from "../../lib/log/log.ts";
import {
  isWebSocketRoute,
  Router,
  type Routes,
} from "../../lib/routing/router.ts";
import type { CloseEventInfo, WebSocketHandler } from "../../lib/websocket.ts";
import { Inbox } from "../integration/support/inbox.ts";
import { within } from "../integration/support/within.ts";
import { routeContext } from "../route_context.ts";
import { serviceOf } from "../service.ts";
import type { Address } from "./client.ts";

/** The port that a 426 names; nothing listens on it. */
export const EDGE_PORT = 8000;

const LIMITS: Limits = {
  maxPayload: 16 * 2 ** 20,
  maxFragments: 131_072,
  sendBufferLimit: 16 * 2 ** 20,
  idleTimeout: 0,
  handshakeTimeout: 10_000,
  sendTimeout: 0,
  closeTimeout: 10_000,
};

setupLog({ level: "CRITICAL", format: "text", colors: false });

/** Options of the service of a test. */
export interface ServerOptions {
  /** Limits that differ. */
  readonly limits?: Partial<Limits>;
  /**
   * Whether compression may be agreed on.
   * @default true
   */
  readonly compression?: boolean;
  /** Routes that are added to the service's own or replace them. */
  readonly routes?: Routes;
}

/** A running frame listener, stopped by disposal. */
export interface TestServer extends AsyncDisposable {
  /** The address. */
  readonly address: Address;
  /** The service. */
  readonly service: Service;
  /** Every call of a handler's `close`, in order. */
  readonly closed: readonly CloseEventInfo[];
  /** The next call of a handler's `close`. */
  nextClosed(): Promise<CloseEventInfo>;
  /** Stops; resolves with {@linkcode closed} when every connection is closed. */
  ended(): Promise<readonly CloseEventInfo[]>;
}

/**
 * Starts a frame listener.
 *
 * @param options options of the service
 */
export function serve(options: ServerOptions = {}): TestServer {
  const closed: CloseEventInfo[] = [];
  const inbox = new Inbox<CloseEventInfo>("a call of the handler's close");
  const onClose = (event: CloseEventInfo) => {
    closed.push(event);
    inbox.push(event);
  };
  const service: Service = serviceOf({
    router: new Router(recording({
      ...routes(routeContext({
        sendBufferLimit: options.limits?.sendBufferLimit ??
          LIMITS.sendBufferLimit,
        isDraining: () => service.draining,
      })),
      ...options.routes,
    }, onClose)),
    limits: { ...LIMITS, ...options.limits },
    compression: options.compression ?? true,
  });
  const hostname = "127.0.0.1";
  const listener = listenFrames(service, {
    hostname,
    port: 0,
    edgePort: EDGE_PORT,
    sockets: SOCKETS,
  });
  let stopped: Promise<void> | undefined;
  const ended = async () => {
    stopped ??= listener.shutdown();
    await within(stopped, "the end of every connection");
    return closed;
  };
  return {
    address: { hostname, port: listener.addr.port },
    service,
    closed,
    nextClosed: () => inbox.next(),
    ended,
    async [Symbol.asyncDispose]() {
      await ended();
    },
  };
}

/** The same routes, whose `close` events are recorded. */
function recording(
  map: Routes,
  onClose: (event: CloseEventInfo) => void,
): Routes {
  return Object.fromEntries(
    Object.entries(map).map(([path, route]) => {
      if (!isWebSocketRoute(route)) return [path, route];
      const handler: WebSocketHandler = {
        ...route,
        close(connection, event) {
          onClose(event);
          route.close?.(connection, event);
        },
      };
      return [path, handler];
    }),
  );
}
