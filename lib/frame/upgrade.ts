/**
 * The fourth stage of the frame listener: from an admitted handshake to the 101
 * and an open connection, or to a handler that takes the connection over.
 *
 * @module
 */

import { getLogger } from "../std/log.ts";
import type { Admission } from "../listener/admission.ts";
import type { Service } from "../listener/service.ts";
import { line } from "../log/fields.ts";
import { debugEnabled } from "../log/log.ts";
import { zlibStreamsWork } from "../runtime/zlib_stream.ts";
import { logOpening } from "../listener/connection_log.ts";
import type { FrameCandidate } from "./candidate.ts";
import type { WireTap } from "../wire.ts";
import type { PendingRequest } from "./admission.ts";
import { acceptKey } from "./codec/accept.ts";
import {
  agreeOnDeflate,
  type DeflateAgreement,
  deflateResponse,
} from "./codec/deflate_offer.ts";
import type { ExtensionOffer } from "./codec/extensions.ts";
import { FrameConnection } from "./connection/connection.ts";
import type { FrameContext } from "./context.ts";
import { switchingProtocols } from "./response.ts";
import type { Handshake } from "./route.ts";
import { bufferPool } from "./transport/buffer_pool.ts";
import type { ReadHead } from "./transport/head_reader.ts";
import type { Socket } from "./transport/socket.ts";
import { TappedSocket } from "./wire/tapped_socket.ts";
import { WireSession } from "./wire/wire_session.ts";

/**
 * Upgrades a request: opens its connection, whose first output is the 101, or hands the
 * bytes to a handler that takes them over.
 *
 * @param context the listener's parts
 * @param request the socket; the connection takes its address slot over
 * @param read the head, and the bytes after it
 * @param handshake the matched route
 * @param admission the key, the subprotocol and the handler's additions
 * @param candidate the handshake, for the log
 */
export function upgrade(
  context: FrameContext,
  request: PendingRequest,
  read: ReadHead,
  { origin, path, params, handler: routed, extensions }: Handshake,
  { key, protocol, extras }: Extract<Admission, { accepted: true }>,
  candidate: FrameCandidate,
): void {
  const { service } = context;
  const { text, buffer, start, end } = read;
  const handler = extras.handler ?? routed;
  const id = service.sessions.nextId();
  const accept = acceptKey(key);
  logOpening(service, id, candidate.logged, protocol);
  if (debugEnabled) logKey(accept);
  const mayCompress = handler.compression !== false &&
    extras.compression !== false;
  const compression = mayCompress ? agree(service, extensions) : undefined;
  const agreed = compression === undefined ? "" : deflateResponse(compression);
  const { tap, takeOver } = extras;
  const socket = tap === undefined
    ? request.socket
    : tapped(request.socket, tap, read);
  const response = switchingProtocols(accept, protocol, agreed, extras.headers);
  const { closings, finished, connectionClosed: onClosed } = context;
  const { addressSlot } = request;
  request.addressSlot = undefined;
  if (takeOver !== undefined) {
    const session = new WireSession(service, id, {
      socket,
      path,
      params,
      origin,
      requestHead: text,
      protocol,
      state: extras.state,
      response,
      rest: takeRest(read),
      closings,
      addressSlot,
      onClosed,
    });
    context.connectionOpened(session);
    void session.run(takeOver);
    return;
  }
  const connection = new FrameConnection(service, id, {
    socket,
    path,
    params,
    handler,
    head: { text, origin },
    protocol,
    compression,
    state: extras.state,
    response,
    buffer,
    start,
    end,
    closings,
    finished,
    addressSlot,
    onClosed,
  });
  context.connectionOpened(connection);
  connection.opened();
}

function logKey(accept: string): void {
  getLogger("httpd_ws").debug(
    ...line`Generated server key: ${{ "websocket.accept": accept }}`,
  );
}

/** Puts a tap between a connection and its socket. */
function tapped(
  socket: Socket,
  tap: WireTap,
  { buffer, start, end }: ReadHead,
): Socket {
  const { bytes } = buffer.memory;
  const head = bytes.subarray(buffer.offset, start);
  return new TappedSocket(socket, tap, head, bytes.subarray(start, end));
}

/** Copies the bytes after the head, and gives their buffer back. */
function takeRest(
  { buffer, start, end }: ReadHead,
): Uint8Array<ArrayBuffer> {
  const rest = buffer.memory.bytes.slice(start, end);
  bufferPool.give(buffer);
  return rest;
}

/** Agrees on compression, unless memory is tight: zlib takes up to a third of a MiB. */
function agree(
  service: Service,
  extensions: readonly ExtensionOffer[],
): DeflateAgreement | undefined {
  if (!service.compression || service.memory.isTight) return undefined;
  const agreement = agreeOnDeflate(extensions);
  return agreement !== undefined && zlibStreamsWork() ? agreement : undefined;
}
