/**
 * The parts of one frame listener that its requests and connections share.
 *
 * @module
 */

import type { ConnectionEnd, TimeoutName } from "../listener/connection_end.ts";
import type { Service } from "../listener/service.ts";
import type { Deadlines } from "../scheduling/deadlines.ts";
import type { CloseEventInfo, Connection } from "../websocket.ts";
import type { OriginCache } from "./origin_cache.ts";
import type { HeadReader } from "./transport/head_reader.ts";
import type { Socket } from "./transport/socket.ts";

/** A connection, or the session of one that a handler has taken over. */
export interface FrameSession extends Connection {
  /**
   * Ends the connection at once.
   *
   * @param timeout the setting whose time is over, if one is
   */
  destroy(timeout?: TimeoutName): void;
  /**
   * One sweep of the keep-alive.
   *
   * @param sweeps sweeps in one idle timeout
   */
  sweep(sweeps: number): void;
  /**
   * One sweep of the send timeout.
   *
   * @param sweeps sweeps in one timeout
   */
  sweepOutput(sweeps: number): void;
}

/** The shared parts of one frame listener. */
export interface FrameContext {
  /** The routes, limits and sessions. */
  readonly service: Service;
  /** Port of the edge listener, which a 426 names. */
  readonly edgePort: number;
  /** Makes the origins of the requests' URLs. */
  readonly origins: OriginCache;
  /** Request heads that are being read. */
  readonly heads: Deadlines<HeadReader>;
  /** Connections whose client has not answered a CLOSE, or not read it. */
  readonly closings: Deadlines<Pick<FrameSession, "destroy">>;
  /** Connections after the closing handshake whose client has not ended TCP. */
  readonly finished: Deadlines<Pick<FrameSession, "destroy">>;
  /** Refusals of the address limiter that are being sent. */
  limitRefusals: number;

  /**
   * Called once for a socket, when its request was upgraded, or answered and the
   * socket closed.
   *
   * @param socket the request's socket
   */
  requestEnded(socket: Socket): void;

  /**
   * Called when the handshake is done, before the handler's `open`.
   *
   * @param connection the new connection
   */
  connectionOpened(connection: FrameSession): void;

  /**
   * Called once when a connection's transport is closed.
   *
   * @param connection the connection
   * @param event its end, as the handler's `close` got it
   * @param end its end, for the log
   */
  connectionClosed(
    connection: FrameSession,
    event: CloseEventInfo,
    end: ConnectionEnd,
  ): void;
}
