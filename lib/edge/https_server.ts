/**
 * The runtime's HTTP server with a certificate that can be changed. The runtime
 * has no way to change it but another server on the same port, and it ends the
 * WebSockets of a server that is shut down. So the old server goes on until it
 * has none, or until its certificate is about to expire.
 *
 * @module
 */

import { getLogger } from "@std/log";
import type { Identity } from "../tls/identity.ts";
import { listenAgain } from "../runtime/listen_again.ts";

/** Milliseconds before its certificate expires at which a server ends, whoever is connected. */
const LAST_DAY = 24 * 60 * 60 * 1000;

/** Milliseconds that a timer can wait at most. */
const MAX_TIMER = 2 ** 31 - 1;

/** Milliseconds without a server after one that failed. */
const ACCEPT_PAUSE = 100;

/** Starts a server on the port that the first one was given. */
export type Serve = (
  port: number | undefined,
  identity: Identity | undefined,
) => Deno.HttpServer<Deno.NetAddr>;

/** One server after the other on the same port. */
export class HttpsServer {
  readonly #serve: Serve;
  #server: Deno.HttpServer<Deno.NetAddr>;
  #identity: Identity | undefined;
  /** Takes over as soon as it can. */
  #next: Identity | undefined;
  #webSockets = 0;
  #closing = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #handover: Promise<void> | undefined;

  /**
   * Starts the first server.
   *
   * @param serve starts a server
   * @param identity its certificate; `undefined`: it speaks plain HTTP
   */
  constructor(serve: Serve, identity: Identity | undefined) {
    this.#serve = serve;
    this.#identity = identity;
    this.#server = serve(undefined, identity);
    this.#watch(this.#server);
  }

  /** Where it listens. */
  get addr(): Deno.NetAddr {
    return this.#server.addr;
  }

  /** A handshake has begun. */
  entered(): void {
    this.#webSockets++;
  }

  /** A handshake was refused, or its WebSocket is closed. */
  left(): void {
    this.#webSockets--;
    if (this.#next !== undefined) this.#proceed(this.#next);
  }

  /**
   * Changes the certificate, as soon as no WebSocket is in the way.
   *
   * @param identity the new certificate
   */
  renew(identity: Identity): void {
    this.#next = identity;
    this.#proceed(identity);
    if (this.#next !== undefined) {
      getLogger("httpd").warn(
        `The edge listener changes its certificate when its ${this.#webSockets} WebSockets are closed: the runtime would end them`,
      );
    }
  }

  /** Stops accepting; resolves when the last request is answered. */
  async shutdown(): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#timer);
    await this.#handover;
    await this.#server.shutdown();
  }

  #proceed(next: Identity): void {
    clearTimeout(this.#timer);
    if (this.#closing || this.#handover !== undefined) return;
    const expires = this.#identity?.expires.getTime() ?? Infinity;
    const rest = expires - LAST_DAY - Date.now();
    if (this.#webSockets === 0 || rest <= 0) {
      this.#handover = this.#handOver(next);
      return;
    }
    this.#timer = setTimeout(
      () => this.#proceed(next),
      Math.min(rest, MAX_TIMER),
    );
    Deno.unrefTimer(this.#timer);
  }

  async #handOver(next: Identity): Promise<void> {
    const old = this.#server;
    this.#next = undefined;
    old.shutdown().catch((error) =>
      getLogger("httpd").error("The old server failed:", error)
    );
    const { port } = old.addr;
    const server = await listenAgain(
      () => this.#serve(port, next),
      () => !this.#closing,
    );
    this.#handover = undefined;
    if (server === undefined) return;
    this.#server = server;
    this.#watch(server);
    this.#identity = next;
    getLogger("httpd").info("The edge listener has its new certificate");
    if (this.#next !== undefined) this.#proceed(this.#next);
  }

  /** The runtime's server ends where `accept` fails, as without file descriptors. */
  #watch(server: Deno.HttpServer<Deno.NetAddr>): void {
    server.finished.catch((error) => {
      getLogger("httpd").error(`accept failed: ${error}`);
      if (server === this.#server) this.#startAgain();
    });
  }

  /** Takes the port again, as soon as the system lets it; WebSockets go on meanwhile. */
  async #startAgain(): Promise<void> {
    const { port } = this.#server.addr;
    while (!this.#closing) {
      await new Promise((resolve) => setTimeout(resolve, ACCEPT_PAUSE));
      if (this.#closing) return;
      try {
        this.#server = this.#serve(port, this.#identity);
        return this.#watch(this.#server);
      } catch (error) {
        getLogger("httpd").debug(() => `listen failed: ${error}`);
      }
    }
  }
}
