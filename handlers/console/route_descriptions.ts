/**
 * What the console says of each WebSocket route, and which query parameters it
 * offers for it.
 *
 * @module
 */

import {
  type FlagParameter,
  type Parameter,
  type ParameterCommon,
  PARAMETERS,
} from "../behaviour/parameters.ts";

/** A flag that the console sets when the route is chosen. */
export interface PresetParameter extends FlagParameter {
  /** It is set at first. */
  readonly preset: true;
}

/** A text that is kept out of links and of the timeline. */
export interface SecretParameter extends ParameterCommon {
  /** Tells the kinds apart. */
  readonly kind: "secret";
}

/** A query parameter as a field of a form. */
export type ParameterInfo = Parameter | PresetParameter | SecretParameter;

/** What the console says of a route. */
export interface RouteAbout {
  /** What it does, in a sentence. */
  readonly purpose: string;
  /** Its query parameters. */
  readonly parameters?: readonly ParameterInfo[];
}

const EVERYWHERE = ["edge", "frame"] as const;

const TOKEN: SecretParameter = {
  name: "token",
  kind: "secret",
  listeners: EVERYWHERE,
  description: "What the server has as AUTH_TOKEN. Never part of a link.",
  example: "token=",
};

const REPORT: PresetParameter = {
  name: "report",
  kind: "flag",
  listeners: EVERYWHERE,
  description: "Reports, after each message, the frames that it came in.",
  example: "report=1",
  preset: true,
};

const ECHO: RouteAbout = {
  purpose: "Echoes text and binary, and behaves as its parameters ask.",
  parameters: PARAMETERS,
};

/** The WebSocket routes by path. */
export const ROUTE_DESCRIPTIONS: Readonly<Record<string, RouteAbout>> = {
  "/ws": ECHO,
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
  "/": ECHO,
};
