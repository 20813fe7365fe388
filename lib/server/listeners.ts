/**
 * The listeners of an instance.
 *
 * @module
 */

import { bindHost } from "./bind_host.ts";
import type { ServerConfig } from "../config/server_config.ts";
import { startListening, startStep } from "../config/start_error.ts";
import { listenEdge } from "../edge/listener.ts";
import type { Service } from "../listener/service.ts";
import type { Listener } from "../listener/listener.ts";
import { type Identity, readIdentity } from "../tls/identity.ts";
import type { ListenerName } from "../websocket.ts";
import type { WorkerPool } from "../cluster/workers/worker_pool.ts";
import type { Addresses } from "./urls.ts";

/**
 * An open listener.
 *
 * @example
 * ```ts
 * import { type ListenerInfo, serve } from "@ws-echo/server";
 * import { assertEquals } from "@std/assert";
 *
 * const lineOf = ({ name, port }: ListenerInfo) => `${name} ${port}`;
 * await using server = await serve({ routes: {}, host: "127.0.0.1", port: 0 });
 * const { edge, frame } = server.addresses;
 * assertEquals(server.listeners.map(lineOf), [
 *   `edge ${edge.port}`,
 *   `frame ${frame!.port}`,
 * ]);
 * ```
 */
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
  /** Their addresses. */
  readonly addresses: Addresses;
  /** The listeners, for a shutdown. */
  readonly listeners: readonly Listener[];
  /** The certificate that they use; `undefined`: no TLS. */
  readonly identity: Identity | undefined;
}

/**
 * Opens the edge listener and, unless it is off, the frame listener.
 *
 * @param service the service
 * @param config hosts, ports and certificate
 * @param workerPool the threads that share the ports
 * @throws {StartError} a port cannot be opened
 * @throws {TlsError} certificate or key is unusable
 */
export async function openListeners(
  service: Service,
  config: ServerConfig,
  workerPool: WorkerPool,
): Promise<OpenListeners> {
  const hostname = bindHost(config.host);
  const { port, framePort } = workerPool.ports ?? config;
  const identity = config.tls && readIdentity(config.tls);
  const at = {
    hostname,
    reusePort: workerPool.shared !== undefined,
    identity,
  };
  const edge = startListening({ variable: "PORT", hostname, port }, () => {
    workerPool.claim(hostname, port);
    return listenEdge(service, { ...at, port });
  });
  const { addr } = edge;
  const opened: OpenListeners = {
    running: [{ name: "edge", port: addr.port }],
    addresses: { edge: addr, frame: undefined },
    listeners: [edge],
    identity,
  };
  if (framePort === false || framePort === undefined) return opened;
  try {
    const { checkNativeSockets, listenFrames } = await import(
      "../frame/listener.ts"
    );
    const address = {
      variable: "FRAME_PORT",
      hostname,
      port: framePort,
    } as const;
    const { sockets } = config;
    if (sockets === "native") {
      startStep((nameOf) => `${nameOf("SOCKETS")}=native`, checkNativeSockets);
    }
    const frame = startListening(address, () => {
      workerPool.claim(hostname, framePort);
      const edgePort = addr.port;
      const options = { ...at, port: framePort, edgePort, sockets };
      return listenFrames(service, options);
    });
    return {
      ...opened,
      running: [...opened.running, { name: "frame", port: frame.addr.port }],
      addresses: { edge: addr, frame: frame.addr },
      listeners: [edge, frame],
    };
  } catch (error) {
    await edge.shutdown();
    throw error;
  }
}
