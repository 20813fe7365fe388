/**
 * A service in the process of the test.
 *
 * @module
 */

import { readConfig } from "../lib/config/config.ts";
import { listenEdge } from "../lib/edge/listener.ts";
import { listenFrames } from "../lib/frame/listener.ts";
import { OpenRequests } from "../lib/limits/open_requests.ts";
import { MemoryAccount, totalsMemory } from "../lib/memory/account.ts";
import { NO_OBSERVER } from "../lib/observer.ts";
import { SOCKETS } from "./sockets.ts";
import { Router } from "../lib/routing/router.ts";
import type { Service } from "../lib/listener/service.ts";
import { Sessions } from "../lib/sessions/sessions.ts";
import { WorkQueue } from "../lib/work_queue.ts";

/** More threads than run tests in one process, which has the limit of all of them. */
const TEST_THREADS = 16;

/**
 * Makes a service with the default limits and no route.
 *
 * @param changes fields that differ from the defaults
 */
export function serviceOf(changes: Partial<Service> = {}): Service {
  return {
    router: new Router({}),
    sessions: new Sessions(1000),
    // The process belongs to the tests of other threads as well: what they use is not
    // memory that the service cannot explain.
    memory: new MemoryAccount(512 * 2 ** 20, {
      memory: totalsMemory(TEST_THREADS),
      index: 0,
    }),
    openRequests: new OpenRequests(),
    workQueue: new WorkQueue({ onError: () => {} }),
    observer: NO_OBSERVER,
    limits: readConfig(() => undefined),
    allowedOrigins: undefined,
    compression: true,
    draining: false,
    ...changes,
  };
}

/** Both listeners of a service; disposal stops them. */
export interface BothListeners extends AsyncDisposable {
  /** The addresses that the listeners are bound to. */
  readonly address: {
    readonly edge: Deno.NetAddr;
    readonly frame: Deno.NetAddr;
  };
}

/**
 * Starts both listeners.
 *
 * @param service the service
 */
export function listenBoth(service: Service): BothListeners {
  const at = { hostname: "127.0.0.1", port: 0 };
  const edge = listenEdge(service, at);
  const edgePort = edge.addr.port;
  const sockets = SOCKETS;
  const frame = listenFrames(service, { ...at, edgePort, sockets });
  return {
    address: { edge: edge.addr, frame: frame.addr },
    async [Symbol.asyncDispose]() {
      await Promise.all([edge.shutdown(), frame.shutdown()]);
      service.memory.stop();
    },
  };
}
