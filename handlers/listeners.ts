/**
 * The listeners as the pages and the log name them.
 *
 * @module
 */

import type { ListenerName } from "../lib/websocket.ts";

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
