/**
 * Descriptions of the WebSocket routes for the console: purpose and query
 * parameters.
 *
 * @module
 */

import type { ListenerName } from "../../lib/websocket.ts";
import {
  type FlagParameter,
  type Parameter,
  type ParameterCommon,
  PARAMETERS,
} from "../script/query/parameters.ts";

/** A flag that the console sets when the user chooses the route. */
export interface PresetParameter extends FlagParameter {
  /** Marks the flag as set by default. */
  readonly preset: true;
}

/** A text that the console leaves out of links and of the timeline. */
export interface SecretParameter extends ParameterCommon {
  /** Discriminates the kinds of parameters. */
  readonly kind: "secret";
}

/** A query parameter as a form field. */
export type ParameterInfo = Parameter | PresetParameter | SecretParameter;

/** Description of a WebSocket route. */
export interface RouteDescription {
  /** Purpose in one sentence. */
  readonly purpose: string;
  /** Query parameters; absent: none. */
  readonly parameters?: readonly ParameterInfo[];
  /** The only listener that serves the route; absent: both serve it. */
  readonly listener?: ListenerName;
}

const BOTH_LISTENERS = ["edge", "frame"] as const;

const TOKEN: SecretParameter = {
  name: "token",
  kind: "secret",
  listeners: BOTH_LISTENERS,
  description: "The server's AUTH_TOKEN. Links do not contain it.",
  example: "token=",
};

const REPORT: PresetParameter = {
  name: "report",
  kind: "flag",
  listeners: BOTH_LISTENERS,
  description: "Sends a report of the frames of each message after its echo.",
  example: "report=1",
  preset: true,
};

const ECHO: RouteDescription = {
  purpose:
    "Echoes text and binary messages; parameters make the server misbehave.",
  parameters: PARAMETERS,
};

/** The parameter of every route while there are journals. */
export const JOURNAL: ParameterInfo = {
  name: "journal",
  kind: "text",
  maxBytes: 64,
  isToken: true,
  listeners: BOTH_LISTENERS,
  description:
    "Records the connection under this name; the link below shows it, with a verdict about the client.",
  example: "journal=my-test-1",
};

/** The descriptions of routes without a pattern, by their paths. */
export const ROUTE_DESCRIPTIONS: Readonly<Record<string, RouteDescription>> = {
  "/ws": ECHO,
  "/ws_partial": { purpose: "Echoes each message in fragments of 64 bytes." },
  "/auth": {
    purpose: "Requires a token, sends a greeting, and echoes each message.",
    parameters: [TOKEN],
  },
  "/control": {
    purpose:
      "Answers PING and CLOSE in the handler and reports each control frame; the message “Ping” makes the server send a PING.",
  },
  "/frames": {
    purpose: "Sends every frame back unchanged.",
    parameters: [REPORT],
  },
  "/getCaseCount": {
    listener: "frame",
    purpose: "Sends the number of conformance cases.",
  },
  "/getCaseInfo": {
    listener: "frame",
    purpose: "Sends id and description of a conformance case: ?case=1.",
  },
  "/runCase": {
    listener: "frame",
    purpose:
      "Runs a conformance case with a client that echoes: ?case=1&agent=NAME.",
  },
  "/getCaseStatus": {
    listener: "frame",
    purpose: "Sends the verdict on a conformance case: ?case=1&agent=NAME.",
  },
  "/updateReports": {
    listener: "frame",
    purpose: "Ends the conformance cases of a client: ?agent=NAME.",
  },
  "/info": {
    purpose: "Sends the handshake request as JSON.",
  },
  "/echo": ECHO,
  "/channel": {
    purpose:
      'Delivers messages of several clients to one: ["message", 1]. Needs ?uuid=NAME&direction=write, or read.',
  },
  "/stash": {
    purpose:
      'Keeps values: {"action":"set","key":"a","value":1}, then {"action":"get","key":"a"}.',
  },
  "/": ECHO,
};
