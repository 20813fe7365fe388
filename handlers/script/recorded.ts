/**
 * Plans in the journal: the step `journal:NAME`, and the faults of a plan.
 *
 * @module
 */

import type { HandshakeResult, WebSocketHandler } from "../../lib/websocket.ts";
import { Recording, recordingOf } from "../journal/recording.ts";
import type { PlannedHandshake } from "./answer_plan.ts";
import type { Fault } from "./faults/fault.ts";
import { JOURNAL } from "./steps/show.ts";

/**
 * Answers a handshake, and records the connection if a step says so. `?journal=` comes
 * first: it records the connection already.
 *
 * @param planned the handshake and its plan
 * @param route the handler that has the plan
 * @param answer makes the answer
 */
export function recorded(
  { request, info, steps, context: { journals } }: PlannedHandshake,
  route: WebSocketHandler,
  answer: () => HandshakeResult | Promise<HandshakeResult>,
): HandshakeResult | Promise<HandshakeResult> {
  const name = steps.find(({ step }) => step.name === JOURNAL)?.values[0];
  const isRecorded = recordingOf(request) !== undefined;
  if (name === undefined || journals === undefined || isRecorded) {
    return answer();
  }
  const recording = Recording.begin(journals, name as string, request, info);
  recording.attach(request);
  return complete(recording, request, route, answer);
}

async function complete(
  recording: Recording,
  request: Request,
  route: WebSocketHandler,
  answer: () => HandshakeResult | Promise<HandshakeResult>,
): Promise<HandshakeResult> {
  try {
    return await recording.complete(await answer(), route);
  } catch (error) {
    await recording.failed(request, error);
    throw error;
  }
}

/**
 * Tells the record of a connection which rule the plan violates, before its first byte: before
 * the answer to the handshake, or before the first frame.
 *
 * @param request the handshake
 * @param fault the named plan
 * @param place where the plan is
 */
export function recordFault(
  request: Request,
  { name, expects, section, offers = 0 }: Fault,
  place: "handshake" | "connection",
): void {
  if (expects === undefined) return;
  const isOfHandshake = expects.reaction === "refuse";
  if (isOfHandshake !== (place === "handshake")) return;
  if (offeredSubprotocols(request) < offers) return;
  recordingOf(request)?.fault(name, { ...expects, section });
}

/** The number of subprotocols that a client offers. */
function offeredSubprotocols(request: Request): number {
  const offer = request.headers.get("sec-websocket-protocol") ?? "";
  return offer.split(",").filter((name) => name.trim() !== "").length;
}
