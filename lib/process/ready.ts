/**
 * The line for programs that start the service and wait for it.
 *
 * @module
 */

import { writeLine } from "../log/log.ts";
import type { Server } from "../mod.ts";

/**
 * Prints `READY {"edge":"http://localhost:8000","frame":"ws://localhost:8001"}`: the URLs
 * of the listeners that are open.
 *
 * @param server a server that listens
 */
export function printReady({ urls }: Pick<Server, "urls">): void {
  const { http: edge, frame } = urls;
  writeLine(`READY ${JSON.stringify({ edge, frame })}`);
}
