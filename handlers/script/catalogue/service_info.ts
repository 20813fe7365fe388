/**
 * The facts about the running service that decide which rows of the catalogue it can run.
 *
 * @module
 */

import type { ListenerName } from "../../../lib/websocket.ts";

/** Listeners and threads of the running service. */
export interface ServiceInfo {
  /** The WebSocket URLs of the listeners that run, without a path. */
  readonly bases: Readonly<Partial<Record<ListenerName, string>>>;
  /** Whether several threads serve the listeners. */
  readonly hasSeveralThreads: boolean;
}
