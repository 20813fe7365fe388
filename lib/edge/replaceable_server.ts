/**
 * The runtime's HTTP server, with or without TLS. Another one replaces it when its
 * certificate changes, and when `accept` fails.
 *
 * The runtime has no way to change the certificate of a server, and it ends the
 * WebSockets of a server that is shut down (seen in Deno 2.9.6). So the change
 * needs a second server on the same port. The old one runs until it has no
 * WebSocket, or until its certificate is about to expire.
 *
 * Each server has a signal of its own: the abort of one that was shut down throws an
 * uncaught `BadResource` (seen in Deno 2.9.6).
 *
 * @module
 */

import { getLogger } from "../std/log.ts";
import { line } from "../log/fields.ts";
import { listenAgain } from "../runtime/listen_again.ts";
import type { Identity } from "../tls/identity.ts";

/** Milliseconds before a certificate's expiry at which the change ends open WebSockets. */
const LAST_DAY = 24 * 60 * 60 * 1000;

/** The longest delay of a timer, in milliseconds. */
const MAX_TIMER = 2 ** 31 - 1;

/** Milliseconds between the failure of a server and the start of the next one. */
const RESTART_DELAY = 100;

/** Starts a server that the signal ends; without a port, on the one of the listener's options. */
export type Serve = (
  port: number | undefined,
  identity: Identity | undefined,
  signal: AbortSignal,
) => Deno.HttpServer<Deno.NetAddr>;

/** A sequence of servers on the same port. */
export class ReplaceableServer {
  readonly #serve: Serve;
  #server: Deno.HttpServer<Deno.NetAddr>;
  /** Ends the current server; `undefined` once it is shut down. */
  #abort: AbortController | undefined;
  #identity: Identity | undefined;
  /** The certificate of the next server, while the change waits. */
  #nextIdentity: Identity | undefined;
  #webSockets = 0;
  #isRenewalForbidden = false;
  #closing = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #replacing: Promise<void> | undefined;

  /**
   * Starts the first server.
   *
   * @param serve starts a server
   * @param identity its certificate; `undefined`: plain HTTP
   */
  constructor(serve: Serve, identity: Identity | undefined) {
    this.#serve = serve;
    this.#identity = identity;
    this.#server = this.#start(undefined, identity);
    this.#watch(this.#server);
  }

  /** The address that the current server is bound to. */
  get addr(): Deno.NetAddr {
    return this.#server.addr;
  }

  /** Counts a handshake that has begun. */
  webSocketStarted(): void {
    this.#webSockets++;
  }

  /** Counts a handshake that was refused, or whose WebSocket is closed. */
  webSocketEnded(): void {
    this.#webSockets--;
    if (this.#nextIdentity !== undefined) this.#proceed(this.#nextIdentity);
  }

  /**
   * Changes the certificate as soon as that ends no WebSocket; not during a shutdown.
   *
   * @param identity the new certificate
   */
  renew(identity: Identity): void {
    if (this.#isRenewalForbidden) return;
    this.#nextIdentity = identity;
    this.#proceed(identity);
    if (this.#nextIdentity !== undefined) {
      getLogger("httpd").warn(
        ...line`The edge listener keeps its old certificate until its ${{
          "connections": this.#webSockets,
        }} WebSockets are closed, because the change would end them`,
      );
    }
  }

  /** Drops a change that waits, and allows no further one: a shutdown has begun. */
  forbidRenewal(): void {
    this.#isRenewalForbidden = true;
    this.#nextIdentity = undefined;
    clearTimeout(this.#timer);
  }

  /** Ends the server and its connections, unless it is shutting down. */
  abort(): void {
    this.#abort?.abort();
    this.#abort = undefined;
  }

  /** Stops accepting; resolves when the last request is answered. */
  async shutdown(): Promise<void> {
    this.forbidRenewal();
    this.#closing = true;
    await this.#replacing;
    this.#abort = undefined;
    await this.#server.shutdown();
  }

  #start(
    port: number | undefined,
    identity: Identity | undefined,
  ): Deno.HttpServer<Deno.NetAddr> {
    const abort = new AbortController();
    const server = this.#serve(port, identity, abort.signal);
    this.#abort = abort;
    return server;
  }

  #proceed(next: Identity): void {
    clearTimeout(this.#timer);
    if (this.#closing || this.#replacing !== undefined) return;
    const expires = this.#identity?.expires.getTime() ?? Infinity;
    const rest = expires - LAST_DAY - Date.now();
    if (this.#webSockets === 0 || rest <= 0) {
      this.#replacing = this.#replaceServer(next);
      return;
    }
    this.#timer = setTimeout(
      () => this.#proceed(next),
      Math.min(rest, MAX_TIMER),
    );
    Deno.unrefTimer(this.#timer);
  }

  async #replaceServer(next: Identity): Promise<void> {
    const old = this.#server;
    this.#nextIdentity = undefined;
    this.#abort = undefined;
    old.shutdown().catch((error) =>
      getLogger("httpd").error(
        "The server with the old certificate failed:",
        error,
      )
    );
    const { port } = old.addr;
    const server = await listenAgain(
      () => this.#closing ? undefined : this.#start(port, next),
      () => !this.#closing,
    );
    this.#replacing = undefined;
    if (server === undefined) return;
    this.#server = server;
    this.#watch(server);
    this.#identity = next;
    getLogger("httpd").info("The edge listener uses the new certificate");
    if (this.#nextIdentity !== undefined) this.#proceed(this.#nextIdentity);
  }

  /** The runtime's server ends when `accept` fails, for instance without a free file descriptor. */
  #watch(server: Deno.HttpServer<Deno.NetAddr>): void {
    server.finished.catch((error) => {
      getLogger("httpd").error("accept failed:", error);
      if (server === this.#server) this.#restart();
    });
  }

  /** Starts a server on the same port, and retries until that succeeds; WebSockets stay open. */
  async #restart(): Promise<void> {
    const { port } = this.#server.addr;
    while (!this.#closing) {
      await new Promise((resolve) => setTimeout(resolve, RESTART_DELAY));
      if (this.#closing) return;
      try {
        this.#server = this.#start(port, this.#identity);
        return this.#watch(this.#server);
      } catch (error) {
        getLogger("httpd").debug("listen failed:", error);
      }
    }
  }
}
