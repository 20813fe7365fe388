/**
 * Checks a route when it is added, so that an invalid one fails there and not at a
 * client's request.
 *
 * @module
 */

import { isToken } from "../protocol/handshake.ts";
import { RouteError } from "./error.ts";

/** The name of an HTTP method in a route; the other properties are in lower case. */
export const METHOD = /^(?:[A-Z][A-Z-]*|\*)$/;

/** Properties of a WebSocket handler that are functions. */
const FUNCTIONS = ["frame", "handshake", "checkQuery", "open", "close"];

/** Properties of a WebSocket handler that are positive whole numbers. */
const SIZES = ["maxPart", "maxPayload"];

/** Properties of a WebSocket handler that have one of a few values. */
const CHOICES: Readonly<Record<string, readonly unknown[]>> = {
  receive: ["message", "frame", "part"],
  controlFrames: [true, false, "observe"],
  compression: [true, false],
  handshakes: ["all", "query"],
};

/**
 * Checks a route.
 *
 * @param path the route's path
 * @param route the value in the router map
 * @throws {RouteError} names the path and the fault
 */
export function checkRoute(path: string, route: unknown): void {
  const fault = faultOf(route);
  if (fault !== undefined) {
    throw new RouteError(path, `route "${path}": ${fault}`);
  }
}

function faultOf(route: unknown): string | undefined {
  if (typeof route !== "object" || route === null) {
    return "is no object with handlers";
  }
  const properties = route as Readonly<Record<string, unknown>>;
  const names = Object.keys(properties);
  const isWebSocket = "frame" in properties;
  if (!isWebSocket && names.length === 0) return "has no handler";
  for (const name of names) {
    if (!METHOD.test(name)) {
      if (isWebSocket) continue;
      return `${JSON.stringify(name)} is no HTTP method`;
    }
    const handler = properties[name];
    if (handler !== undefined && typeof handler !== "function") {
      return `${name} is no function`;
    }
  }
  return isWebSocket ? webSocketFault(properties) : undefined;
}

function webSocketFault(
  handler: Readonly<Record<string, unknown>>,
): string | undefined {
  for (const name of FUNCTIONS) {
    const value = handler[name];
    if (value === undefined && name !== "frame") continue;
    if (typeof value !== "function") return `${name} is no function`;
  }
  for (const name of SIZES) {
    const value = handler[name];
    if (value === undefined) continue;
    if (!Number.isSafeInteger(value) || (value as number) < 1) {
      return `${name} is no whole number above 0`;
    }
  }
  for (const [name, values] of Object.entries(CHOICES)) {
    const value = handler[name];
    if (value !== undefined && !values.includes(value)) {
      return `${name} is none of ${values.join(", ")}`;
    }
  }
  const { subprotocols } = handler;
  const areTokens = subprotocols === undefined || Array.isArray(subprotocols) &&
      subprotocols.every((name) => typeof name === "string" && isToken(name));
  return areTokens ? undefined : "subprotocols is no list of tokens";
}
