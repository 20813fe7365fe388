/**
 * The service that shows the catalogue: its listeners and threads.
 *
 * @module
 */

import type { ListenerName } from "../../../lib/websocket.ts";

/** What the service can run, and where. */
export interface Place {
  /** The WebSocket URLs of the listeners that run, without a path. */
  readonly bases: Readonly<Partial<Record<ListenerName, string>>>;
  /** Whether several threads serve the listeners. */
  readonly isShared: boolean;
}
