/**
 * The parts and limits that the listeners of one instance share.
 *
 * @module
 */

import type { AddressLimiter } from "../limits/address/address_limiter.ts";
import type { OpenRequests } from "../limits/open_requests.ts";
import type { MemoryAccount } from "../memory/account.ts";
import type { Observer } from "../observer.ts";
import type { Router } from "../routing/router.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { CloseEventInfo, Connection } from "../websocket.ts";
import type { WorkQueue } from "../work_queue.ts";
import type { ErrorHandlers } from "./refusal.ts";

/** Limits of each connection; a handler may set its own `maxPayload`. */
export interface Limits {
  /** Bytes of a message; a longer one is closed with 1009. */
  readonly maxPayload: number;
  /** Fragments of a message; more are closed with 1008 (frame listener). */
  readonly maxFragments: number;
  /** Bytes of unwritten data for a client that does not read. */
  readonly sendBufferLimit: number;
  /** Milliseconds without progress of the output until a client is closed; 0: never. */
  readonly sendTimeout: number;
  /** Milliseconds of silence until a client is dropped; 0: never. */
  readonly idleTimeout: number;
  /**
   * Milliseconds from accept to a complete request head (frame listener), or from
   * the upgrade to the open socket (edge listener).
   */
  readonly handshakeTimeout: number;
  /** Milliseconds that a client has to answer a CLOSE. */
  readonly closeTimeout: number;
}

/** One running instance. */
export interface Service {
  /** The router map. */
  readonly router: Router;
  /** The open connections. */
  readonly sessions: Sessions;
  /** The account of the memory that is held for clients. */
  readonly memory: MemoryAccount;
  /** The HTTP requests whose response is not complete. */
  readonly openRequests: OpenRequests;
  /** Runs asynchronous sends. */
  readonly workQueue: WorkQueue;
  /** Notified of answers, connections and limits. */
  readonly observer: Observer;
  /** Limits of each client address; unset: none. */
  readonly addressLimiter?: AddressLimiter;
  /**
   * Proxies that every request passes, for the clients' addresses in the log.
   * @default 0
   */
  readonly trustProxy?: number;
  /** Limits of every connection. */
  readonly limits: Limits;
  /** Origins that may connect; `undefined`: any. */
  readonly allowedOrigins: ReadonlySet<string> | undefined;
  /**
   * Replaces the listeners' responses to refused requests, by status. Responses of
   * handlers are not replaced, nor are those to requests whose head could not be read.
   * @default text, or JSON where the client's `Accept` prefers it
   */
  readonly errors?: ErrorHandlers;
  /**
   * Returns the path of a request as the log shows it: without the segments that are
   * secret. Called for every handshake, and for every request that is refused, whether a
   * route matches or not. It must not throw.
   *
   * @default the path
   * @param path as received, without the query
   */
  maskPath?(path: string): string;
  /** Whether permessage-deflate is negotiated (frame listener). */
  readonly compression: boolean;
  /** True during a shutdown: handshakes are refused. */
  draining: boolean;
  /**
   * Called for every connection of every route, before the handler's `open`. An error or
   * a rejection is logged and has no other effect.
   *
   * @param connection has become a session
   */
  onConnection?(connection: Connection): void | Promise<void>;
  /**
   * Called once for every connection that has ended, after the handler's `close`. An
   * error or a rejection is logged and has no other effect.
   *
   * @param connection is no session any more
   * @param event code and reason, as the handler's `close` gets them
   */
  onDisconnection?(
    connection: Connection,
    event: CloseEventInfo,
  ): void | Promise<void>;
}
