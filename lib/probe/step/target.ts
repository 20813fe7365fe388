/**
 * The server under test, its open connections, and the timeout of the current step.
 *
 * @module
 */

import { ClientConnection } from "../../client/connection.ts";
import type { Phase } from "../../client/dial.ts";
import type { ClientOptions } from "../../client/opening.ts";
import { CLOSE_CODE } from "../../protocol/close_code.ts";
import { awaitClose, ignoreFailure } from "./await_answer.ts";

/** Options of every handshake with the server. */
export type TargetOptions = Pick<ClientOptions, "subprotocols" | "headers">;

const WAITING_FOR: Readonly<Record<Phase, string>> = {
  TCP: "a TCP connection",
  TLS: "the TLS handshake",
  response: "the response to the handshake",
};

/** A server under test. */
export class Target {
  /** The server's address. */
  readonly url: URL;
  /** The event that the current step waits for; a timeout reports it. */
  waitingFor = "";
  /** Whether the server has accepted a WebSocket at least once. */
  wasReached = false;

  readonly #options: TargetOptions;
  readonly #open = new Set<ClientConnection>();
  #shared: ClientConnection | undefined;
  #deadline = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timeout = 0;

  /**
   * Makes a target; opens no connection.
   *
   * @param url the server's address
   * @param options for every handshake
   */
  constructor(url: URL, options: TargetOptions = {}) {
    this.url = url;
    this.#options = options;
  }

  /** Whether the timeout has expired. */
  get isTimedOut(): boolean {
    return this.#deadline.signal.aborted;
  }

  /**
   * Starts the timeout. When it expires, it cuts all connections, so that pending
   * reads end.
   *
   * @param timeout milliseconds
   */
  startTimeout(timeout: number): void {
    this.#deadline = new AbortController();
    this.#timeout = timeout;
    this.restartTimeout();
  }

  /** Starts the same timeout again. */
  restartTimeout(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#deadline.abort();
      this.#cut();
    }, this.#timeout);
  }

  /** Stops the timeout. */
  stopTimeout(): void {
    clearTimeout(this.#timer);
  }

  /**
   * Opens a connection without checking the response to the handshake. The end of
   * the step cuts it.
   *
   * @param options for this handshake
   */
  async openUnchecked(options: ClientOptions = {}): Promise<ClientConnection> {
    const connection = await ClientConnection.openUnchecked(
      this.url,
      this.#clientOptions(options),
    );
    this.#open.add(connection);
    return connection;
  }

  /**
   * Opens a WebSocket. The end of the step cuts it.
   *
   * @param options for this handshake
   * @throws {RefusedError} the response accepts no WebSocket
   */
  async open(options: ClientOptions = {}): Promise<ClientConnection> {
    const connection = await ClientConnection.open(
      this.url,
      this.#clientOptions(options),
    );
    this.#open.add(connection);
    this.wasReached = true;
    return connection;
  }

  /** The WebSocket that is shared by all steps that violate no rule. */
  async shared(): Promise<ClientConnection> {
    if (this.#shared === undefined || this.#shared.isEnded) {
      this.share(await this.open());
    }
    return this.#shared!;
  }

  /**
   * Makes an open WebSocket the shared one.
   *
   * @param connection the WebSocket
   */
  share(connection: ClientConnection): void {
    this.wasReached = true;
    this.#shared = connection;
  }

  /**
   * Cuts the connections of a step.
   *
   * @param keepShared false if the shared one cannot be used any longer
   */
  endStep(keepShared: boolean): void {
    if (keepShared && this.#shared !== undefined) {
      this.#open.delete(this.#shared);
      this.#cut();
      this.#open.add(this.#shared);
    } else {
      this.#cut();
      this.#shared = undefined;
    }
  }

  /** Closes the shared WebSocket with a closing handshake. */
  async close(): Promise<void> {
    const connection = this.#shared;
    if (connection === undefined || connection.isEnded) return;
    ignoreFailure(connection.sendClose(CLOSE_CODE.normal));
    await awaitClose(connection).catch(() => {});
    this.endStep(false);
  }

  #clientOptions(options: ClientOptions): ClientOptions {
    return {
      ...this.#options,
      signal: this.#deadline.signal,
      onPhase: (phase) => this.waitingFor = WAITING_FOR[phase],
      ...options,
    };
  }

  #cut(): void {
    for (const connection of this.#open) connection[Symbol.dispose]();
    this.#open.clear();
  }
}
