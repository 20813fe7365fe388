/**
 * The place of the frame listener, for refusals of the edge listener.
 *
 * @module
 */

import type { ListenerName } from "../../lib/websocket.ts";

/**
 * Returns the end of a sentence about the frame listener: `at ws://…`, or that it does not
 * run.
 *
 * @param request whose host the address has
 * @param listeners the running listeners
 * @param target path on the frame listener
 */
export function frameListenerPlace(
  request: Request,
  listeners: readonly { readonly name: ListenerName; readonly port: number }[],
  target: string,
): string {
  const frame = listeners.find(({ name }) => name === "frame");
  if (frame === undefined) return "which does not run here";
  const url = new URL(request.url);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.port = String(frame.port);
  return `at ${url.origin}${target}`;
}
