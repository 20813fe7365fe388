/**
 * The first stage of the frame listener: reads and parses the request of a new
 * socket, and takes it through the other stages.
 *
 * @module
 */

import { getLogger } from "../std/log.ts";
import { admit } from "../listener/admission.ts";
import { refusalResponse } from "../listener/refusal.ts";
import { NO_PARAMS } from "../routing/path_pattern.ts";
import { admitAddress, type PendingRequest } from "./admission.ts";
import { FrameCandidate } from "./candidate.ts";
import { parseHead, type RequestHead } from "./codec/request_head.ts";
import type { FrameContext } from "./context.ts";
import { headlessRefusal, refuse, reportAnswer } from "./refuse.ts";
import { route } from "./route.ts";
import { HeadReader, type ReadHead } from "./transport/head_reader.ts";
import type { Socket } from "./transport/socket.ts";
import { upgrade } from "./upgrade.ts";

/**
 * Answers the request of a socket: with a connection, or with a response, after
 * which the socket is closed. The promise never rejects.
 *
 * @param context the listener's parts
 * @param socket a new socket
 */
export async function answerRequest(
  context: FrameContext,
  socket: Socket,
): Promise<void> {
  const request: PendingRequest = { socket, addressSlot: undefined };
  try {
    if (context.service.addressLimiter?.needsHead === false) {
      const admitted = admitAddress(context, request);
      if (admitted !== true && !await admitted) return;
    }
    const reader = new HeadReader(socket);
    context.heads.add(reader);
    const read = await reader.read();
    context.heads.delete(reader);
    if (read.kind === "head") await answerHead(context, request, read);
    else if (read.kind === "refused") {
      const { observer } = context.service;
      const response = headlessRefusal(context, socket, read.error);
      await refuse(observer, socket, read.buffer, response);
    } else socket.close();
  } catch (error) {
    getLogger("httpd").debug("Handshake failed:", error);
    socket.close();
  } finally {
    request.addressSlot?.release();
    context.requestEnded(socket);
  }
}

/** Resolves when the request is upgraded, or its socket is closed. */
async function answerHead(
  context: FrameContext,
  request: PendingRequest,
  read: ReadHead,
): Promise<void> {
  const start = performance.now();
  const { service } = context;
  const { observer } = service;
  const { socket } = request;
  const { buffer } = read;
  const parsed = parseHead(read.text);
  if (!parsed.ok) {
    const response = headlessRefusal(context, socket, parsed.error);
    return refuse(observer, socket, buffer, response);
  }
  const { head } = parsed;
  if (service.addressLimiter?.needsHead) {
    const refusable = refusableOf(context, head, socket);
    const admitted = admitAddress(context, request, refusable, buffer);
    if (admitted !== true && !await admitted) return;
  }
  const { method } = head;
  const routed = route(context, head, socket.remoteAddr);
  if (routed.kind === "refused") {
    const refusable = refusableOf(context, head, socket);
    const deciding = refusalResponse(service, refusable, routed.error);
    const observed = { method, start };
    return refuse(observer, socket, buffer, await deciding, observed);
  }
  if (routed.kind === "answered") {
    const { path } = routed;
    const isHandshake = path === undefined;
    const observed = { method, path, start, isHandshake };
    return refuse(observer, socket, buffer, await routed.response, observed);
  }
  const { origin, path, params, handler } = routed;
  const observed = { method, path, start };
  const { remoteAddr } = socket;
  const candidate = new FrameCandidate(head, origin, remoteAddr, params, path);
  const deciding = admit(service, handler, candidate);
  const admission = deciding instanceof Promise ? await deciding : deciding;
  if (!admission.accepted) {
    const response = await admission.response;
    return refuse(observer, socket, buffer, response, observed);
  }
  upgrade(context, request, read, routed, admission, candidate);
  reportAnswer(observer, observed, 101);
}

/** A request that has no route yet. */
function refusableOf(
  context: FrameContext,
  head: RequestHead,
  { remoteAddr }: Socket,
): FrameCandidate {
  const origin = context.origins.of(head.headers.get("host"));
  return new FrameCandidate(head, origin, remoteAddr, NO_PARAMS);
}
