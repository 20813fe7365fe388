/**
 * The edge listener: `Deno.serve` with `Deno.upgradeWebSocket`. It runs wherever
 * Deno runs, Deno Deploy included, and gives handlers whole messages.
 *
 * A request passes six stages: `request.ts` receives it, `route.ts` routes it,
 * `admission.ts` admits it, `upgrade.ts` upgrades it. Then `upgraded_socket.ts` opens
 * its socket, and `connection/` is the connection.
 *
 * @module
 */

import { failureResponse } from "../listener/answer.ts";
import type { Listener, ListenerOptions } from "../listener/listener.ts";
import { sweepOutputs } from "../listener/send_timeout.ts";
import type { Service } from "../listener/service.ts";
import { plainAddress } from "../protocol/address_text.ts";
import { LeakedSockets } from "../runtime/leaked_sockets.ts";
import { Deadlines } from "../scheduling/deadlines.ts";
import { RequestTurns } from "../scheduling/request_turns.ts";
import { retainScheduler } from "../scheduling/scheduler.ts";
import { AbortedRequests } from "./aborted_requests.ts";
import { EdgeConnection } from "./connection/connection.ts";
import { ReadScheduler } from "./connection/read_scheduler.ts";
import type { EdgeContext } from "./context.ts";
import { ReplaceableServer, type Serve } from "./replaceable_server.ts";
import { KeepAlive } from "./keep_alive.ts";
import { RefusedAddresses } from "./refused_addresses.ts";
import { answerRequest } from "./request.ts";
import { SilentClients } from "./silent_clients.ts";

/**
 * Starts the edge listener.
 *
 * @param service the routes, limits and sessions
 * @param options its address and certificate
 * @throws {Deno.errors.AddrInUse} the port is taken
 */
export function listenEdge(
  service: Service,
  options: ListenerOptions,
): Listener {
  const { hostname, reusePort = false } = options;
  const destroyed = Promise.withResolvers<void>();
  const serve: Serve = (port = options.port, identity, signal) =>
    Deno.serve({
      hostname,
      port,
      reusePort,
      signal,
      ...(identity && { cert: identity.cert, key: identity.key }),
      onListen: () => {},
      onError: failureResponse,
    }, (request, { remoteAddr }) =>
      answerRequest(context, request, plainAddress(remoteAddr)));
  const server = new ReplaceableServer(serve, options.identity);
  const context = contextOf(service, server);
  const releaseScheduler = retainScheduler();
  const stopOutputSweeps = sweepOutputs(
    service.limits.sendTimeout,
    () => edgeConnections(service),
  );
  const silentClients = new SilentClients(
    service,
    context.refusedAddresses,
  );
  return {
    addr: server.addr,
    renew: (identity) => server.renew(identity),
    destroy() {
      context.openings.expireAll();
      context.closings.expireAll();
      for (const connection of edgeConnections(service)) connection.destroy();
      service.openRequests.endAll();
      server.abort();
      destroyed.resolve();
    },
    async shutdown() {
      server.forbidRenewal();
      // The runtime's shutdown closes all WebSockets at once.
      await Promise.race([service.sessions.emptied(), destroyed.promise]);
      await server.shutdown();
      clear(context);
      silentClients.stop();
      stopOutputSweeps();
      await releaseScheduler();
    },
  };
}

function contextOf(service: Service, server: ReplaceableServer): EdgeContext {
  const { closeTimeout, handshakeTimeout, idleTimeout } = service.limits;
  return {
    service,
    server,
    requestTurns: new RequestTurns(),
    keepAlive: new KeepAlive(idleTimeout),
    openings: new Deadlines(handshakeTimeout, (socket) => socket.fail()),
    closings: new Deadlines(
      closeTimeout,
      (socket) => socket.cut("CLOSE_TIMEOUT"),
    ),
    abortedRequests: new AbortedRequests(),
    refusedAddresses: new RefusedAddresses(),
    readScheduler: new ReadScheduler(),
    leakedSockets: new LeakedSockets(),
  };
}

function edgeConnections({ sessions }: Service): EdgeConnection[] {
  return [...sessions.list()]
    .filter((connection) => connection instanceof EdgeConnection);
}

/** Stops the timers of a listener's parts. */
function clear(context: EdgeContext): void {
  context.openings.clear();
  context.closings.clear();
  context.abortedRequests.clear();
  context.readScheduler.clear();
  context.leakedSockets.clear();
}
