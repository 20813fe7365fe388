/**
 * The options and the interface that both listeners have in common.
 *
 * @module
 */

import type { Stoppable } from "../stoppable.ts";
import type { Identity } from "../tls/identity.ts";

/** The address and the certificate of a listener. */
export interface ListenerOptions {
  /** Host to bind to. */
  readonly hostname: string;
  /** Port; 0 takes a free one. */
  readonly port: number;
  /**
   * Whether other threads listen on the same port.
   * @default false
   */
  readonly reusePort?: boolean;
  /**
   * The certificate.
   * @default none: the listener speaks without TLS
   */
  readonly identity?: Identity | undefined;
}

/**
 * A running listener. Its `shutdown` waits until the last WebSocket is closed,
 * and refuses handshakes meanwhile; then it stops accepting, and resolves when
 * the last request is answered.
 */
export interface Listener extends Stoppable {
  /** The address that the listener is bound to. */
  readonly addr: Deno.NetAddr;
  /**
   * Uses another certificate for new connections. The edge listener changes it
   * as soon as that ends no WebSocket.
   *
   * @param identity the new certificate
   */
  renew(identity: Identity): void;
}
