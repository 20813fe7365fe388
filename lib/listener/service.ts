/**
 * What the listeners of one instance share.
 *
 * @module
 */

import type { AddressLimiter } from "../limits/address/address_limiter.ts";
import type { MemoryAccount } from "../memory/account.ts";
import type { Observer } from "../observer.ts";
import type { Router } from "../routing/router.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { WorkQueue } from "../work_queue.ts";

/** Limits of every connection; a route's handler may set its own `maxPayload`. */
export interface Limits {
  /** Bytes of a message; above it the peer is closed with 1009. */
  readonly maxPayload: number;
  /** Frames of a message that is put together; above it 1008 (frame listener). */
  readonly maxFragments: number;
  /** Bytes that may wait for a peer that does not read. */
  readonly sendBufferLimit: number;
  /** Milliseconds of silence until a peer is dropped; 0 never. */
  readonly idleTimeout: number;
  /** Milliseconds from accept to a complete request head (frame listener). */
  readonly handshakeTimeout: number;
  /** Milliseconds that a peer has to answer a CLOSE (frame listener). */
  readonly closeTimeout: number;
}

/** One running instance, whatever its listeners. */
export interface Service {
  /** The router map. */
  readonly router: Router;
  /** Who is connected. */
  readonly sessions: Sessions;
  /** The memory that is held for clients. */
  readonly memory: MemoryAccount;
  /** Where asynchronous sends run. */
  readonly workQueue: WorkQueue;
  /** Is told of what happens. */
  readonly observer: Observer;
  /** Limits of every address; unset: there are none. */
  readonly addressLimiter?: AddressLimiter;
  /** Limits of every connection. */
  readonly limits: Limits;
  /** Origins that browsers may connect from; `undefined`: any. */
  readonly allowedOrigins: ReadonlySet<string> | undefined;
  /** Whether permessage-deflate may be agreed on (frame listener). */
  readonly compression: boolean;
  /** True from the signal to stop on: no handshake is accepted any more. */
  draining: boolean;
}
