/**
 * Runs a plan on the bytes of a connection.
 *
 * @module
 */

import { CLOSE_CODE } from "../../../lib/protocol/close_code.ts";
import { isSliceOver, nextSlice } from "../../../lib/scheduling/scheduler.ts";
import { wait } from "../../../lib/scheduling/wait.ts";
import type { HandshakeInfo } from "../../../lib/websocket.ts";
import type { Wire, WireClosing } from "../../../lib/wire.ts";
import { MAX_TIME } from "../arguments/argument.ts";
import { Draft } from "../engine/draft.ts";
import { Run, type RunOptions } from "../engine/run.ts";
import type { PlannedStep } from "../engine/step.ts";
import { decide } from "../handshake/decide.ts";
import { WireEndpoint } from "./endpoint.ts";
import { PlanInput } from "./input.ts";
import type { MessageLimits } from "./messages.ts";
import { acceptingBytes, fieldsOf, refusingBytes } from "./response_bytes.ts";

/** Options of {@linkcode takeOver}. */
export interface TakeOverOptions
  extends Omit<RunOptions, "endpoint">, MessageLimits {
  /** The handshake request. */
  readonly request: Request;
  /** The listener, and the client's address. */
  readonly handshakeInfo: HandshakeInfo;
  /** The steps of the handshake. */
  readonly handshake: readonly PlannedStep[];
  /** Milliseconds from a CLOSE to the end of TCP. */
  readonly closeTimeout: number;
}

/**
 * Runs a plan on a connection, from the answer to the handshake to the end of TCP.
 *
 * @param wire the connection
 * @param options the plan
 */
export async function takeOver(
  wire: Wire,
  options: TakeOverOptions,
): Promise<void> {
  const endpoint = new WireEndpoint(wire, options.limit);
  const input = new PlanInput({
    wire,
    endpoint,
    maxPayload: options.maxPayload,
    maxFragments: options.maxFragments,
    isCloseForPlan: options.steps.some(({ step, values }) =>
      step.takesClose?.(values)
    ),
  });
  const limit = setTimeout(
    () => endpoint.end(),
    MAX_TIME + options.closeTimeout,
  );
  // Notices from the first moment on that the client ends TCP.
  const reading = input.read();
  try {
    const isAccepted = await answer(wire, endpoint, options);
    if (isAccepted) await run(wire, endpoint, input, options);
  } finally {
    clearTimeout(limit);
    endpoint.end();
    await reading;
  }
}

/** Answers the handshake; returns whether with a 101. */
async function answer(
  wire: Wire,
  endpoint: WireEndpoint,
  { request, handshakeInfo: info, handshake }: TakeOverOptions,
): Promise<boolean> {
  const signals = [endpoint.endSignal, wire.closing];
  const draft = new Draft({
    request,
    info,
    fields: fieldsOf(wire.response),
    wait: (ms) => wait(ms, signals),
  });
  await decide(draft, handshake);
  // Many clients may need long heads at the same time.
  if (isSliceOver()) await nextSlice();
  if (endpoint.hasEnded || wire.closing.aborted) return false;
  if (draft.silence !== undefined) {
    if (draft.silence === "waits") await wait(MAX_TIME, signals);
    return false;
  }
  const { output } = endpoint;
  endpoint.setDelivery(draft.delivery);
  endpoint.windowBits = draft.windowBits;
  endpoint.protocol = draft.protocol ?? info.protocol;
  if (draft.refusal !== undefined) {
    output.write(await refusingBytes(draft, draft.refusal));
    await output.idle();
    return false;
  }
  if (draft.isGlued) output.hold();
  output.write(acceptingBytes(draft));
  return true;
}

/** Runs the steps after the handshake, and ends the connection. */
async function run(
  wire: Wire,
  endpoint: WireEndpoint,
  input: PlanInput,
  options: TakeOverOptions,
): Promise<void> {
  const run = new Run({
    ...options,
    endpoint,
    maxTime: MAX_TIME,
    onPause: () => endpoint.output.release(),
  });
  const close = () => {
    const { code, reason } = wire.closing.reason as WireClosing;
    if (wire.isClosed || code === CLOSE_CODE.abnormal) return endpoint.end();
    endpoint.close(code, reason);
    run.end();
  };
  endpoint.ended().then(() => run.end());
  wire.closing.addEventListener("abort", close);
  try {
    // Waits until the 101 is written, so that a journal records it before the frames of
    // the first step.
    if (!endpoint.output.isHeld) await endpoint.output.idle().catch(() => {});
    input.open(run);
    run.start();
    if (wire.closing.aborted) close();
    await run.finished;
    await conclude(endpoint, input, options.closeTimeout);
  } finally {
    wire.closing.removeEventListener("abort", close);
    run.end();
  }
}

/** Ends a connection whose plan is over. */
async function conclude(
  endpoint: WireEndpoint,
  input: PlanInput,
  closeTimeout: number,
): Promise<void> {
  const { clientClosed, closeSent, settings, endSignal } = endpoint;
  if (endpoint.hasEnded) return;
  if (!endpoint.isCloseSent) {
    // The client's CLOSE has waited for the plan.
    if (clientClosed.isDone && settings.close !== "none") input.answerClose();
    // The connection stays open until the client or the service closes it.
    await Promise.race([endpoint.ended(), closeSent]);
  }
  const answered = new AbortController();
  clientClosed.then(() => answered.abort());
  await endpoint.flushed().catch(() => {});
  await wait(closeTimeout, [endSignal, answered.signal]);
}
