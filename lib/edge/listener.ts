/**
 * The edge listener: `Deno.serve` with `Deno.upgradeWebSocket`. It runs wherever
 * Deno runs, Deno Deploy included, and shows handlers whole messages.
 *
 * @module
 */

import { getLogger } from "@std/log";
import { plainAddress } from "../address_text.ts";
import { type Admission, admit, SERVER_ERROR } from "../admission.ts";
import { CLOSE_CODE } from "../close_code.ts";
import { Deadlines } from "../deadlines.ts";
import { asksForWebSocket, isHost } from "../handshake.ts";
import { answer } from "../http/answer.ts";
import { addSecurityFields } from "../http/security_fields.ts";
import { type HttpError, httpErrorResponse } from "../http_error.ts";
import { debugEnabled } from "../log.ts";
import { originForm, pathOf } from "../request_target.ts";
import type { HttpInfo, Match } from "../router.ts";
import { retainScheduler } from "../scheduling/scheduler.ts";
import type { Service } from "../service.ts";
import type { Identity } from "../tls/identity.ts";
import { closeCode, EdgeConnection } from "./connection.ts";
import { Departures } from "./departures.ts";
import { HttpsServer, type Serve } from "./https_server.ts";
import { KeepAlive } from "./keep_alive.ts";
import { leaveWithRuntime } from "./kept_sockets.ts";
import { ReadingTurns } from "./reading.ts";

/** A running edge listener. */
export interface EdgeListener {
  /** Where it listens. */
  readonly addr: Deno.NetAddr;
  /**
   * Stops accepting once the last WebSocket is closed; resolves when the last
   * request is answered. Until then newcomers are told that it is too late.
   */
  shutdown(): Promise<void>;
  /**
   * Shows newcomers another certificate, as soon as that ends no WebSocket.
   *
   * @param identity the new certificate
   */
  renew(identity: Identity): void;
}

/** Where the edge listener is, and who. */
export interface EdgeListenerOptions {
  /** Host to bind to. */
  readonly hostname: string;
  /** Port; 0 takes a free one. */
  readonly port: number;
  /**
   * Whether other threads listen there, too.
   * @default false
   */
  readonly reusePort?: boolean;
  /**
   * The certificate.
   * @default none: it speaks without TLS
   */
  readonly identity?: Identity | undefined;
}

/**
 * Starts the edge listener.
 *
 * @param service what it serves
 * @param options where, and with which certificate
 * @throws {Deno.errors.AddrInUse} the port is taken
 */
export function listenEdge(
  service: Service,
  options: EdgeListenerOptions,
): EdgeListener {
  const { hostname, reusePort = false } = options;
  const serve: Serve = (port = options.port, identity) =>
    Deno.serve({
      hostname,
      port,
      reusePort,
      ...(identity && { cert: identity.cert, key: identity.key }),
      onListen: () => {},
      onError: failed,
    }, (request, { remoteAddr }) =>
      respond(edge, request, plainAddress(remoteAddr)));
  const server = new HttpsServer(serve, options.identity);
  const keepAlive = new KeepAlive(service.limits.idleTimeout);
  const openings = new Deadlines<() => void>(
    service.limits.handshakeTimeout,
    (lose) => lose(),
  );
  const turns = new ReadingTurns();
  const releaseScheduler = retainScheduler();
  const edge: Edge = {
    service,
    server,
    departures: new Departures(),
    keepAlive,
    turns,
    openings,
  };
  return {
    addr: server.addr,
    renew: (identity) => server.renew(identity),
    async shutdown() {
      // The runtime's shutdown ends upgraded connections without a CLOSE.
      await service.sessions.emptied();
      await server.shutdown();
      openings.clear();
      turns.clear();
      await releaseScheduler();
    },
  };
}

/** What the answers of one listener have in common. */
interface Edge {
  readonly service: Service;
  readonly server: HttpsServer;
  readonly departures: Departures;
  readonly keepAlive: KeepAlive;
  readonly turns: ReadingTurns;
  /** What is to be called where an upgrade comes to nothing. */
  readonly openings: Deadlines<() => void>;
}

/** Answers a request, and tells the observer. */
function respond(
  edge: Edge,
  request: Request,
  remoteAddr: Deno.Addr,
): Response | Promise<Response> {
  const start = performance.now();
  const { method } = request;
  const { path, isHandshake, answer } = route(edge, request, remoteAddr);
  const told = (response: Response) => {
    if (response.status !== 101) addSecurityFields(response.headers);
    edge.service.observer.answered({
      listener: "edge",
      method,
      path,
      isHandshake,
      status: response.status,
      seconds: (performance.now() - start) / 1000,
    });
    return response;
  };
  return answer instanceof Promise
    ? answer.catch(failed).then(told)
    : told(answer);
}

type WebSocketMatch = Extract<Match, { kind: "websocket" }>;

/** Where a request leads, and its answer. */
interface Routed {
  readonly path: string | undefined;
  readonly isHandshake: boolean;
  readonly answer: Response | Promise<Response>;
}

function route(
  edge: Edge,
  request: Request,
  remoteAddr: Deno.Addr,
): Routed {
  // The runtime joins scheme, Host and target as they were sent.
  const host = request.headers.get("host");
  const target = originForm(request.url);
  const url = host === null || isHost(host) ? URL.parse(request.url) : null;
  if (url === null || target === undefined) {
    const message = "The Host field or the request target is malformed.";
    return nowhere(request, { status: 400, message });
  }
  const { method, headers } = request;
  const isUpgrade = asksForWebSocket(headers);
  const path = pathOf(target);
  const match = edge.service.router.match(method, path, isUpgrade);
  switch (match.kind) {
    case "refused":
      return nowhere(request, match.error);
    case "http": {
      const { path, handler, params } = match;
      const info: HttpInfo = { listener: "edge", remoteAddr, params };
      const handle = () => handler(request, info);
      return { path, isHandshake: false, answer: answer(handle, request) };
    }
    case "websocket":
      return {
        path: match.path,
        isHandshake: true,
        answer: shakeHands(edge, match, { request, url, remoteAddr }),
      };
  }
}

function nowhere(request: Request, error: HttpError): Routed {
  const isHandshake = asksForWebSocket(request.headers);
  const answer = httpErrorResponse(request, error);
  return { path: undefined, isHandshake, answer };
}

/** Who asks, and for what. */
interface Caller {
  readonly request: Request;
  /** The request's. */
  readonly url: URL;
  readonly remoteAddr: Deno.Addr;
}

/** Gives the place in the gate back. */
type Leave = () => void;

function shakeHands(
  edge: Edge,
  route: WebSocketMatch,
  caller: Caller,
): Response | Promise<Response> {
  const { service, server } = edge;
  const { request, remoteAddr } = caller;
  const forwardedFor = request.headers.get("x-forwarded-for");
  const entry = service.gate?.enter(remoteAddr, forwardedFor);
  if (entry?.admitted === false) {
    service.observer.limited(entry.limit, "edge");
    return httpErrorResponse(request, entry.error);
  }
  server.entered();
  const leave = () => {
    entry?.leave();
    server.left();
  };
  const admission = admit(service, route.handler, {
    request,
    hasQuery: request.url.includes("?"),
    head: request,
    remoteAddr,
    listener: "edge",
  });
  return conclude(edge, route, caller, leave, admission);
}

async function conclude(
  edge: Edge,
  route: WebSocketMatch,
  caller: Caller,
  leave: Leave,
  deciding: Admission | Promise<Admission>,
): Promise<Response> {
  const admission = deciding instanceof Promise ? await deciding : deciding;
  if (!admission.accepted) {
    leave();
    return admission.response;
  }
  if (await edge.departures.isGone(caller.request)) {
    edge.service.sessions.release();
    leave();
    return new Response(null, { status: 400 });
  }
  return upgrade(edge, route, caller, leave, admission);
}

/** The listener's own last resort, for an error that is nobody's. */
function failed(error: unknown): Response {
  getLogger("httpd").error("Request failed:", error);
  return new Response(`${SERVER_ERROR.message}\n`, {
    status: SERVER_ERROR.status,
  });
}

function upgrade(
  edge: Edge,
  route: WebSocketMatch,
  { request, url, remoteAddr }: Caller,
  leave: Leave,
  { protocol, extras }: Extract<Admission, { accepted: true }>,
): Response {
  const { service } = edge;
  // The upgraded request gives them no more.
  const snapshot = { url, headers: request.headers };
  let upgraded: Deno.WebSocketUpgrade;
  try {
    upgraded = Deno.upgradeWebSocket(request, {
      idleTimeout: edge.keepAlive.idleTimeout,
    });
  } catch (error) {
    service.sessions.release();
    leave();
    // The runtime refuses what the client sent: no bug, so no stack.
    return failed(String(error));
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
    edge,
    socket,
    new EdgeConnection(service, id, {
      socket,
      turns: edge.turns,
      path: route.path,
      handler: extras.handler ?? route.handler,
      request: snapshot,
      remoteAddr,
      protocol,
      state: extras.state,
    }),
    leave,
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
  if (extra === undefined) return;
  for (const [name, value] of new Headers(extra)) headers.append(name, value);
}

function attach(
  { service, keepAlive, turns, openings }: Edge,
  socket: WebSocket,
  connection: EdgeConnection,
  leave: Leave,
): void {
  const { sessions, observer } = service;
  let state: "waiting" | "open" | "lost" = "waiting";
  const lose = () => {
    openings.delete(lose);
    if (state === "waiting") {
      sessions.release();
      leave();
      connection.memory.close();
    }
    state = "lost";
  };
  // A reset at the very moment of the upgrade: no event will ever tell.
  openings.add(lose);
  socket.binaryType = "arraybuffer";
  // A listener is spared the wrapper that the runtime puts around `on…` handlers.
  socket.addEventListener("open", () => {
    if (state === "lost") return socket.close(CLOSE_CODE.goingAway);
    openings.delete(lose);
    state = "open";
    sessions.add(connection);
    observer.opened(connection);
    keepAlive.opened(connection, socket);
    turns.opened(socket);
    connection.opened();
    if (sessions.isClosed) connection.close(CLOSE_CODE.goingAway);
  });
  socket.addEventListener("message", (event) => connection.receive(event.data));
  socket.addEventListener("close", (event) => {
    if (state !== "open") return lose();
    // Closed by this side, and not answered.
    const { memory } = connection;
    if (!event.wasClean && !connection.isOpen) {
      const kept = service.memory.open(undefined, memory.bytes);
      leaveWithRuntime(socket, () => {
        leave();
        kept.close();
      });
    } else leave();
    memory.close();
    const code = closeCode(event);
    keepAlive.closed(connection);
    sessions.remove(connection);
    observer.closed(connection, code);
    getLogger("httpd_ws").info(
      `Connection of sock ${connection.id} closed with ${code}`,
    );
    connection.closed(event);
  });
  socket.addEventListener("error", (event) => {
    getLogger("httpd_ws").debug(() =>
      `Error on sock ${connection.id}: ${(event as ErrorEvent).message}`
    );
  });
}
