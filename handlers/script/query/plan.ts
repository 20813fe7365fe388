/**
 * Translates the parameters of a query into the steps of a plan.
 *
 * @module
 */

import type { PlannedStep } from "../engine/step.ts";
import { REDIRECTS } from "../handshake/rejection.ts";
import { parseStep } from "../notation/parse_step.ts";
import type { Behaviour } from "./parameters.ts";

/**
 * Makes the steps of a behaviour.
 *
 * @param behaviour requested by the query
 * @param address URL of the request
 */
export function stepsOfQuery(
  behaviour: Behaviour,
  address: string,
): PlannedStep[] {
  return [...handshakeSteps(behaviour, address), ...connectionSteps(behaviour)]
    .map(parseStep);
}

function* handshakeSteps(
  { reject, subprotocol, compression }: Behaviour,
  address: string,
): Generator<string> {
  if (reject !== undefined) {
    yield REDIRECTS.includes(reject)
      ? `redirect:${encodeURIComponent(withoutReject(address))}:${reject}`
      : `status:${reject}`;
    return;
  }
  if (subprotocol !== undefined) {
    yield `subprotocol:=${encodeURIComponent(subprotocol)}`;
  }
  if (compression === "off") yield "compression:off";
}

function* connectionSteps(behaviour: Behaviour): Generator<string> {
  const { hello, mute, stall, tick, ping, fragment } = behaviour;
  const { delay = 0, jitter = 0, in: time } = behaviour;
  const count = messagesUntilEnd(behaviour);
  if (hello !== undefined) yield `text:${encodeURIComponent(hello)}`;
  if (count !== 0) {
    if (stall) yield "stall";
    if (tick !== undefined) yield `tick:${tick}`;
    if (ping !== undefined) yield `ping-every:${ping}`;
    if (delay + jitter > 0) yield `delay:${delay}:${jitter}`;
    if (fragment !== undefined) yield `fragment:${fragment}`;
    if (time !== undefined) yield `within:${time}`;
    yield (mute ? "await" : "echo") +
      (count === undefined ? "" : `:${count}`);
  }
  yield* endSteps(behaviour);
}

/** With `close` and `abort`, TCP ends after the CLOSE, without waiting for an answer. */
function* endSteps({ close, reason, abort }: Behaviour): Generator<string> {
  if (close !== undefined) {
    const text = reason === undefined ? "" : `:${encodeURIComponent(reason)}`;
    yield `close:${close}${text}`;
  }
  if (abort) yield "abort";
}

/** `undefined` if only `in` ends the connection, or nothing does. */
function messagesUntilEnd(behaviour: Behaviour): number | undefined {
  const { close, abort, after, in: time } = behaviour;
  if (close === undefined && abort === undefined) return undefined;
  return after ?? (time === undefined ? 0 : undefined);
}

/** Returns path and query only: a proxy may serve another host name. */
function withoutReject(address: string): string {
  const url = new URL(address);
  url.searchParams.delete("reject");
  return url.pathname + url.search;
}
