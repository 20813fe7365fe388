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
import { asksForWebSocket, isHost, UPGRADE_FIELDS } from "../handshake.ts";
import { answer } from "../http/answer.ts";
import { addSecurityFields } from "../http/security_fields.ts";
import { type HttpError, httpErrorResponse } from "../http_error.ts";
import { clientAddress } from "../limits/client_address.ts";
import { debugEnabled } from "../log.ts";
import type { MemoryAccount } from "../memory/account.ts";
import { originForm, pathOf } from "../request_target.ts";
import type { HttpInfo, Match } from "../router.ts";
import { retainScheduler } from "../scheduling/scheduler.ts";
import type { Service } from "../service.ts";
import type { Identity } from "../tls/identity.ts";
import { closeCode, EdgeConnection } from "./connection.ts";
import { Departures } from "./departures.ts";
import { hardClose } from "./hard_close.ts";
import { HttpsServer, type Serve } from "./https_server.ts";
import { KeepAlive } from "./keep_alive.ts";
import { KeptSockets } from "./kept_sockets.ts";
import { Lifetime } from "./lifetime.ts";
import { ReadingTurns } from "./reading.ts";
import { SilentClients } from "./silent_clients.ts";
import { isUpgradable } from "./upgrade_field.ts";

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
    (fail) => fail(),
  );
  const closings = new Deadlines<() => void>(
    service.limits.closeTimeout,
    (end) => end(),
  );
  const departures = new Departures();
  const turns = new ReadingTurns();
  const releaseScheduler = retainScheduler();
  const silentClients = new SilentClients(service);
  const kept = new KeptSockets();
  const edge: Edge = {
    service,
    server,
    departures,
    keepAlive,
    turns,
    openings,
    closings,
    kept,
  };
  return {
    addr: server.addr,
    renew: (identity) => server.renew(identity),
    async shutdown() {
      // The runtime's shutdown ends upgraded connections without a CLOSE.
      await service.sessions.emptied();
      await server.shutdown();
      openings.clear();
      closings.clear();
      departures.clear();
      turns.clear();
      silentClients.stop();
      kept.clear();
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
  /** What is to be called where a CLOSE is not answered. */
  readonly closings: Deadlines<() => void>;
  /** Those that the runtime keeps. */
  readonly kept: KeptSockets;
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
        answer: shakeHands(edge, match, {
          request,
          url,
          remoteAddr,
          address: clientAddress(remoteAddr, null, 0),
        }),
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
  /** What {@linkcode Departures} counts it for. */
  readonly address: string;
}

/** Gives the place in the gate back; once, however often it is called. */
type Leave = () => void;

const NO_H2C: HttpError = {
  status: 426,
  message:
    "This listener upgrades to WebSocket only, but the first Upgrade field is h2c.",
  headers: UPGRADE_FIELDS,
};

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
  let hasLeft = false;
  const leave = () => {
    if (hasLeft) return;
    hasLeft = true;
    entry?.leave();
    server.left();
  };
  if (!isUpgradable(request.headers)) {
    leave();
    return httpErrorResponse(request, NO_H2C);
  }
  const admission = admit(service, route.handler, {
    request,
    hasQuery: request.url.includes("?"),
    head: request,
    remoteAddr,
    listener: "edge",
  });
  if (
    !(admission instanceof Promise) &&
    (!admission.accepted || edge.departures.mayUpgradeAtOnce(caller.address))
  ) return conclude(edge, route, caller, leave, admission);
  return concludeLater(edge, route, caller, leave, admission);
}

/** Answers within the call that brought the request. */
function conclude(
  edge: Edge,
  route: WebSocketMatch,
  caller: Caller,
  leave: Leave,
  admission: Admission,
): Response {
  if (admission.accepted) return upgrade(edge, route, caller, leave, admission);
  leave();
  return admission.response;
}

/** Answers where the request has waited meanwhile, so that its client may have gone. */
async function concludeLater(
  edge: Edge,
  route: WebSocketMatch,
  caller: Caller,
  leave: Leave,
  deciding: Admission | Promise<Admission>,
): Promise<Response> {
  const admission = await deciding;
  const { departures, service } = edge;
  if (
    admission.accepted &&
    await departures.isGone(caller.request)
  ) {
    service.sessions.release();
    leave();
    return new Response(null, { status: 400 });
  }
  return conclude(edge, route, caller, leave, admission);
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
  { request, url, remoteAddr, address }: Caller,
  leave: Leave,
  { protocol, extras }: Extract<Admission, { accepted: true }>,
): Response {
  const { service } = edge;
  // The upgraded request gives them no more.
  const snapshot = { url, headers: request.headers };
  const { signal } = request;
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
    { socket, signal, address, leave },
    (closing, cut) =>
      new EdgeConnection(service, id, {
        socket,
        turns: edge.turns,
        path: route.path,
        handler: extras.handler ?? route.handler,
        request: snapshot,
        remoteAddr,
        protocol,
        state: extras.state,
        closing,
        cut,
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
  if (extra === undefined) return;
  for (const [name, value] of new Headers(extra)) headers.append(name, value);
}

/** An upgrade that is under way. */
interface Upgrade {
  readonly socket: WebSocket;
  /** Aborts where the 101 could not be written. */
  readonly signal: AbortSignal;
  /** The client's, of {@linkcode Caller}. */
  readonly address: string;
  readonly leave: Leave;
}

/** Outside of {@linkcode attach}: a closure of that would keep its socket alive. */
function leaveCharged(
  leave: Leave,
  memory: MemoryAccount,
  bytes: number,
): Leave {
  const charge = memory.open(undefined, bytes);
  return () => {
    leave();
    charge.close();
  };
}

function attach(
  { service, keepAlive, turns, openings, closings, departures, kept }: Edge,
  { socket, signal, address, leave }: Upgrade,
  connect: (
    closing: (isFlushed: boolean) => void,
    cut: () => void,
  ) => EdgeConnection,
): void {
  const { sessions, observer } = service;
  /** Whether the runtime keeps what was written, whoever closes. */
  let isKept = false;
  let letGo = leave;
  /** Whether the runtime's events tell nothing of what it keeps. */
  let isCut = false;
  const cut = () => {
    isCut = true;
    hardClose(socket);
    lifetime.end(NO_ANSWER);
  };
  const connection = connect((isFlushed) => {
    isKept = !isFlushed;
    closings.add(cut);
  }, cut);
  const lifetime = new Lifetime({
    opened() {
      openings.delete(fail);
      sessions.add(connection);
      observer.opened(connection);
      keepAlive.opened(connection, socket, () => {
        isKept = true;
        cut();
      });
      turns.opened(socket);
      connection.opened();
      if (sessions.isClosed) connection.close(CLOSE_CODE.goingAway);
    },
    failed() {
      openings.delete(fail);
      departures.failed(address);
      sessions.release();
      leave();
      connection.memory.close();
    },
    ended(event) {
      closings.delete(cut);
      const { memory } = connection;
      if (isKept) {
        letGo = leaveCharged(leave, service.memory, connection.unwritten);
        kept.keep(socket, letGo);
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
    },
  });
  const fail = () => lifetime.fail();
  openings.add(fail);
  signal.addEventListener("abort", fail);
  socket.binaryType = "arraybuffer";
  // A listener is spared the wrapper that the runtime puts around `on…` handlers.
  socket.addEventListener("open", () => {
    if (lifetime.open()) return;
    socket.close(CLOSE_CODE.goingAway);
    closings.add(cut);
  });
  socket.addEventListener("message", (event) => connection.receive(event.data));
  socket.addEventListener("close", (event) => {
    const isFirst = lifetime.end(event);
    // The CLOSE could not be written: the runtime keeps nothing more.
    if (!isFirst && !isCut && event.code === 0) letGo();
  });
  socket.addEventListener("error", (event) => {
    lifetime.fail();
    getLogger("httpd_ws").debug(() =>
      `Error on sock ${connection.id}: ${(event as ErrorEvent).message}`
    );
  });
}

/** The end of a connection whose client does not answer a CLOSE. */
const NO_ANSWER = new CloseEvent("close", { code: CLOSE_CODE.abnormal });
