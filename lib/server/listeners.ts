/**
 * The listeners of an instance.
 *
 * @module
 */

import { bindHost } from "./bind_host.ts";
import type { Config } from "../config/config.ts";
import { startListening } from "../config/start_error.ts";
import { listenEdge } from "../edge/listener.ts";
import type { Service } from "../listener/service.ts";
import type { Stoppable } from "../stoppable.ts";
import { readIdentity } from "../tls/identity.ts";
import { type Renewable, renewOnSignal } from "../tls/renewal.ts";
import type { ListenerName } from "../websocket.ts";
import type { WorkerPool } from "../cluster/workers/worker_pool.ts";

/** An open listener. */
export interface ListenerInfo {
  /** Its name. */
  readonly name: ListenerName;
  /** Its port. */
  readonly port: number;
}

/** The purpose of each listener. */
export const LISTENER_PURPOSE: Readonly<Record<ListenerName, string>> = {
  edge: "whole messages, on the runtime's own WebSocket server",
  frame: "every frame: fragments, PING and PONG, flow control",
};

/** The open listeners of an instance. */
export interface OpenListeners {
  /** Names and ports, the edge listener first. */
  readonly running: readonly ListenerInfo[];
  /** The listeners, for a shutdown. */
  readonly listeners: readonly Stoppable[];
}

/**
 * Opens the edge listener and, unless it is off, the frame listener. With TLS, SIGHUP
 * renews their certificate.
 *
 * @param service the service
 * @param config hosts, ports and certificate
 * @param workerPool the threads that share the ports
 * @throws {StartError} a port cannot be opened
 * @throws {TlsError} certificate or key is unusable
 */
export async function openListeners(
  service: Service,
  config: Config,
  workerPool: WorkerPool,
): Promise<OpenListeners> {
  const { tls } = config;
  // Deno Deploy chooses the address.
  const hostname = config.onDeploy ? "0.0.0.0" : bindHost(config.host);
  const { port, framePort } = workerPool.ports ?? config;
  const reusePort = workerPool.shared !== undefined;
  const identity = tls && readIdentity(tls);
  const at = { hostname, reusePort, identity };

  const edge = startListening({ variable: "PORT", hostname, port }, () => {
    workerPool.claim(hostname, port);
    return listenEdge(service, { ...at, port });
  });
  const running: ListenerInfo[] = [{ name: "edge", port: edge.addr.port }];
  const listeners: (Stoppable & Renewable)[] = [edge];

  if (framePort !== undefined) {
    const { listenFrames } = await import("../frame/listener.ts");
    const edgePort = edge.addr.port;
    const address = {
      variable: "FRAME_PORT",
      hostname,
      port: framePort,
    } as const;
    const frame = startListening(address, () => {
      workerPool.claim(hostname, framePort);
      return listenFrames(service, { ...at, port: framePort, edgePort });
    });
    running.push({ name: "frame", port: frame.addr.port });
    listeners.push(frame);
  }
  if (tls && identity) renewOnSignal(tls, identity, listeners);
  return { running, listeners };
}
