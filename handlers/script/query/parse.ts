/**
 * Parses a query into a behaviour, or into an error message.
 *
 * @module
 */

import { printable } from "../../../lib/log/log.ts";
import { isToken } from "../../../lib/protocol/handshake.ts";
import type { ListenerName } from "../../../lib/websocket.ts";
import {
  allowedValues,
  type Behaviour,
  type NumberParameter,
  type Parameter,
  type ParameterName,
  PARAMETERS,
  type TextParameter,
} from "./parameters.ts";

/** An invalid query. */
export interface BehaviourRefusal {
  /** Discriminates {@linkcode ParsedBehaviour}. */
  readonly ok: false;
  /** The name of the invalid parameter, as in the query. */
  readonly parameter: string;
  /** Names the parameter, its value and the allowed values; printable. */
  readonly message: string;
  /** Whether the query is valid on the frame listener. */
  readonly isForFrameListener: boolean;
}

/** The result of {@linkcode parseBehaviour}. */
export type ParsedBehaviour =
  | { readonly ok: true; readonly behaviour: Behaviour }
  | BehaviourRefusal;

const ROWS: ReadonlyMap<string, Parameter> = new Map(
  PARAMETERS.map((parameter) => [parameter.name, parameter]),
);

const NAMES = [...ROWS.keys()].join(", ");

/**
 * Parses a query strictly: a typing error must not result in a plain echo.
 *
 * @param query the URL's parameters
 * @param listener that received the request
 */
export function parseBehaviour(
  query: URLSearchParams,
  listener: ListenerName,
): ParsedBehaviour {
  const given = new Map<string, string>();
  const behaviour: Record<string, number | string | true> = {};
  for (const [name, text] of query) {
    const parameter = ROWS.get(name);
    if (parameter === undefined) {
      return refused(
        name,
        `${quoted(name)} is unknown; the parameters are ${NAMES}.`,
      );
    }
    if (given.has(name)) {
      return refused(name, `${name} is given twice; it is allowed once.`);
    }
    given.set(name, text);
    const value = valueOf(parameter, text);
    if (value === undefined) {
      return refused(name, `${shown(name, text)} ${faultOf(name, text)}.`);
    }
    behaviour[name] = value;
  }
  return checkCombination(given, listener) ?? { ok: true, behaviour };
}

/** Checks `needs`, `excludes` and `listeners` of each parameter. */
function checkCombination(
  given: ReadonlyMap<string, string>,
  listener: ListenerName,
): BehaviourRefusal | undefined {
  for (const [name, text] of given) {
    const { needs, excludes, listeners } = ROWS.get(name)!;
    const subject = shown(name, text);
    if (needs !== undefined && !needs.some((other) => given.has(other))) {
      return refused(name, `${subject} needs ${needs.join(" or ")} as well.`);
    }
    const other = excludes?.find((other) => given.has(other));
    if (other !== undefined) {
      return refused(name, `${subject} has no effect with ${other}.`);
    }
    if (!listeners.includes(listener)) {
      const message = `${subject} works on the ${listeners[0]} listener only`;
      return { ...refused(name, message), isForFrameListener: true };
    }
  }
  return undefined;
}

function valueOf(
  parameter: Parameter,
  text: string,
): number | string | true | undefined {
  switch (parameter.kind) {
    case "number":
      return numberOf(parameter, text);
    case "text":
      return isTextAllowed(parameter, text) ? text : undefined;
    case "choice":
      return parameter.choices.includes(text) ? text : undefined;
    case "flag":
      return text === "1" ? true : undefined;
  }
}

function numberOf(
  { min, max, gaps = [] }: NumberParameter,
  text: string,
): number | undefined {
  if (!/^\d{1,10}$/.test(text)) return undefined;
  const value = Number(text);
  const isAllowed = value >= min && value <= max &&
    !gaps.some(([from, to]) => value >= from && value <= to);
  return isAllowed ? value : undefined;
}

function isTextAllowed(
  { maxBytes, isToken: mustBeToken }: TextParameter,
  text: string,
): boolean {
  return new TextEncoder().encode(text).length <= maxBytes &&
    (!mustBeToken || isToken(text));
}

function faultOf(name: string, text: string): string {
  const allowed = `is not valid; allowed: ${allowedValues(ROWS.get(name)!)}`;
  if (name !== ("close" satisfies ParameterName) || text !== "1006") {
    return allowed;
  }
  return `${allowed}; use abort=1 for an end without a CLOSE, which clients report as 1006`;
}

function shown(name: string, text: string): string {
  return `${name}=${printable(text)}`;
}

function quoted(text: string): string {
  return `"${printable(text)}"`;
}

function refused(parameter: string, message: string): BehaviourRefusal {
  return { ok: false, parameter, message, isForFrameListener: false };
}
