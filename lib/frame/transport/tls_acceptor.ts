/**
 * A listening port with TLS, whose certificate can be changed.
 *
 * @module
 */

import { getLogger } from "../../std/log.ts";
import { listenAgain } from "../../runtime/listen_again.ts";
import type { Identity } from "../../tls/identity.ts";
import {
  acceptConns,
  type Acceptor,
  type AcceptorAddress,
  listenOptions,
} from "./acceptor.ts";
import type { Socket } from "./socket.ts";

/** RFC 7301: a client that offers only other protocols fails the TLS handshake. */
const ALPN = ["http/1.1"];

/** A listening port with TLS. */
export class TlsAcceptor implements Acceptor {
  readonly #accepted: (socket: Socket) => void;
  readonly #addr: Deno.NetAddr;
  readonly #reusePort: boolean;
  #identity: Identity;
  /** `undefined` while the port is closed and opened again. */
  #acceptor: Acceptor | undefined;
  #closed = false;

  /**
   * Starts to accept.
   *
   * @param address host and port; port 0 takes a free one
   * @param identity certificate and key
   * @param accepted gets every socket
   */
  constructor(
    address: AcceptorAddress,
    identity: Identity,
    accepted: (socket: Socket) => void,
  ) {
    this.#accepted = accepted;
    this.#reusePort = address.reusePort ?? false;
    this.#identity = identity;
    this.#acceptor = this.#listen(address);
    this.#addr = this.#acceptor.addr;
  }

  /** The address that the port is bound to. */
  get addr(): Deno.NetAddr {
    return this.#addr;
  }

  /** Stops accepting. */
  close(): Promise<void> {
    this.#closed = true;
    return this.#acceptor?.close() ?? Promise.resolve();
  }

  /**
   * Uses another certificate for new connections. The runtime cannot change the
   * certificate of a listener, so the port is closed for some milliseconds and
   * opened again.
   *
   * @param identity certificate and key
   */
  async renew(identity: Identity): Promise<void> {
    this.#identity = identity;
    if (this.#acceptor === undefined || this.#closed) return;
    void this.#acceptor.close();
    this.#acceptor = undefined;
    const acceptor = await listenAgain(
      () => this.#listen(this.#addr),
      () => !this.#closed,
    );
    if (acceptor === undefined) return;
    if (this.#closed) return acceptor.close();
    this.#acceptor = acceptor;
    getLogger("httpd").info("The frame listener uses the new certificate");
  }

  #listen(
    { hostname, port }: { readonly hostname: string; readonly port: number },
  ): Acceptor {
    const { cert, key } = this.#identity;
    const reusePort = this.#reusePort;
    const address = listenOptions({ hostname, port, reusePort });
    const options = { ...address, cert, key, alpnProtocols: ALPN };
    return acceptConns(Deno.listenTls(options), this.#accepted);
  }
}
