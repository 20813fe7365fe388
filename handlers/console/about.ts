/**
 * What the console says of each WebSocket route, and which query parameters it
 * offers for it.
 *
 * @module
 */

import type { ListenerName } from "../../lib/websocket.ts";

/** A query parameter as a field of a form. */
export interface ParameterInfo {
  /** Its name in the query. */
  readonly name: string;
  /** What it takes; a flag is `1` or left out, a secret is kept out of links. */
  readonly kind: "number" | "text" | "flag" | "choice" | "secret";
  /** Where it works. */
  readonly listeners: readonly ListenerName[];
  /** One sentence. */
  readonly description: string;
  /** A query to try it with. */
  readonly example: string;
  /** Whether a flag is set when the route is chosen. */
  readonly preset?: true;
}

/** What the console says of a route. */
export interface RouteAbout {
  /** What it does, in a sentence. */
  readonly purpose: string;
  /** Its query parameters. */
  readonly parameters?: readonly ParameterInfo[];
}

const EVERYWHERE = ["edge", "frame"] as const;

const TOKEN: ParameterInfo = {
  name: "token",
  kind: "secret",
  listeners: EVERYWHERE,
  description: "What the server has as AUTH_TOKEN. Never part of a link.",
  example: "token=",
};

const REPORT: ParameterInfo = {
  name: "report",
  kind: "flag",
  listeners: EVERYWHERE,
  description: "Reports, after each message, the frames that it came in.",
  example: "report=1",
  preset: true,
};

/** The WebSocket routes by path. */
export const ABOUT: Readonly<Record<string, RouteAbout>> = {
  "/ws": { purpose: "Echoes text and binary." },
  "/ws_partial": { purpose: "Echoes in fragments of 64 bytes." },
  "/auth": {
    purpose: "Asks for a token, greets, and echoes.",
    parameters: [TOKEN],
  },
  "/control": {
    purpose:
      "Answers PING, PONG and CLOSE by hand and reports each; “Ping” asks for a PING.",
  },
  "/frames": {
    purpose: "Sends every frame back as it came.",
    parameters: [REPORT],
  },
};
