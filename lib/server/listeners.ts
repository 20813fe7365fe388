/**
 * The listeners of an instance: what they are for, and how they are opened.
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

/** A listener that runs. */
export interface ListenerInfo {
  /** Which of the two. */
  readonly name: ListenerName;
  /** Its port. */
  readonly port: number;
}

/** What each listener is for. */
export const LISTENER_PURPOSE: Readonly<Record<ListenerName, string>> = {
  edge: "whole messages, on the runtime's own WebSocket server",
  frame: "every frame: fragments, PING and PONG, flow control",
};

/** The listeners that a configuration asks for. */
export interface OpenListeners {
  /** Their names and ports, the edge listener's first. */
  readonly running: readonly ListenerInfo[];
  /** What a shutdown has to end. */
  readonly listeners: readonly Stoppable[];
}

/**
 * Opens the edge listener and, unless it is off, the frame listener; with TLS,
 * SIGHUP renews their certificate.
 *
 * @param service what they serve
 * @param config where, and whether with TLS
 * @param worker pool the threads that share the ports
 * @throws {StartError} a port that cannot be had
 * @throws {TlsError} a file that cannot be used
 */
export async function openListeners(
  service: Service,
  config: Config,
  workerPool: WorkerPool,
): Promise<OpenListeners> {
  const { tls } = config;
  // Deno Deploy decides by itself where an instance is reached.
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
