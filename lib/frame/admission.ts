/**
 * The third stage of the frame listener: the address limiter admits or refuses a
 * client. If the limiter needs no head, this happens before the request is read.
 * The checks of the handshake are the same for both listeners:
 * `../listener/admission.ts`.
 *
 * @module
 */

import type { AddressVerdict } from "../limits/address/address_limiter.ts";
import { refusalResponse } from "../listener/refusal.ts";
import type { FrameCandidate } from "./candidate.ts";
import type { FrameContext } from "./context.ts";
import { headlessRefusal, refuse } from "./refuse.ts";
import { bufferPool, type ReceiveBuffer } from "./transport/buffer_pool.ts";
import { HEAD_BUFFER } from "./transport/head_reader.ts";
import type { Socket } from "./transport/socket.ts";

/** A client's share of its address's limits. */
export type AddressSlot = Extract<AddressVerdict, { admitted: true }>;

/** A socket whose request is not answered. */
export interface PendingRequest {
  /** The socket. */
  readonly socket: Socket;
  /** Set once the address is admitted, until a connection takes it over. */
  addressSlot: AddressSlot | undefined;
}

/** Refusals that are sent at a time; above it the socket is closed without one. */
const MAX_LIMIT_REFUSALS = 256;

/**
 * Asks the address limiter for a slot. A client that is refused gets a 429.
 *
 * @param context the listener's parts
 * @param request the socket; gets the slot
 * @param candidate the request, where its head was read
 * @param buffer the buffer of the head, where it was read
 * @returns false where the client was refused; its socket is closed then
 */
export async function admitAddress(
  context: FrameContext,
  request: PendingRequest,
  candidate?: FrameCandidate,
  buffer?: ReceiveBuffer,
): Promise<boolean> {
  const { socket } = request;
  const { addressLimiter, observer } = context.service;
  const forwardedFor = candidate?.head.headers.get("x-forwarded-for") ?? null;
  const verdict = addressLimiter?.admit(socket.remoteAddr, forwardedFor);
  if (verdict?.admitted !== false) {
    request.addressSlot = verdict;
    return true;
  }
  observer.limited(verdict.limit, "frame");
  if (context.limitRefusals >= MAX_LIMIT_REFUSALS) {
    if (buffer !== undefined) bufferPool.give(buffer);
    socket.close();
    return false;
  }
  context.limitRefusals++;
  try {
    const response = candidate === undefined
      ? headlessRefusal(context, socket, verdict.error)
      : await refusalResponse(context.service, candidate, verdict.error);
    const held = buffer ?? bufferPool.take(HEAD_BUFFER);
    await refuse(observer, socket, held, response);
  } finally {
    context.limitRefusals--;
  }
  return false;
}
