/**
 * The server that is probed, as the steps see it.
 *
 * @module
 */

import {
  ClientConnection,
  type ClientOptions,
} from "../../client/connection.ts";
import type { Phase } from "../../client/dial.ts";
import { CLOSE_CODE } from "../../protocol/close_code.ts";
import { awaitClose, meanwhile } from "./await_answer.ts";

/** What all connections to the server ask for. */
export type Asked = Pick<ClientOptions, "subprotocols" | "headers">;

const WAITING_FOR: Readonly<Record<Phase, string>> = {
  TCP: "a TCP connection",
  TLS: "the TLS handshake",
  response: "the response to the handshake",
};

/** A server, and the connections to it that are open. */
export class Peer {
  /** Where it is. */
  readonly url: URL;
  /** What is waited for, in words. */
  waitingFor = "";
  /** Whether it has ever accepted a WebSocket. */
  wasReached = false;

  readonly #asked: Asked;
  readonly #open = new Set<ClientConnection>();
  #shared: ClientConnection | undefined;
  #deadline = new AbortController();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timeout = 0;

  /**
   * Names a server; nothing is connected yet.
   *
   * @param url where it is
   * @param asked what all connections ask for
   */
  constructor(url: URL, asked: Asked = {}) {
    this.url = url;
    this.#asked = asked;
  }

  /** Whether the time of the step is over. */
  get isLate(): boolean {
    return this.#deadline.signal.aborted;
  }

  /**
   * Starts the time of a step. At its end all connections are cut, so that
   * whatever waits for one of them goes on.
   *
   * @param timeout milliseconds
   */
  startClock(timeout: number): void {
    this.#deadline = new AbortController();
    this.#timeout = timeout;
    this.restartClock();
  }

  /** Gives the step its whole time again. */
  restartClock(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#deadline.abort();
      this.#cut();
    }, this.#timeout);
  }

  /** Ends the time of a step. */
  stopClock(): void {
    clearTimeout(this.#timer);
  }

  /**
   * A connection of its own, whatever the server answers; cut when the step
   * ends.
   *
   * @param options what to ask for besides
   */
  async shake(options: ClientOptions = {}): Promise<ClientConnection> {
    const connection = await ClientConnection.shake(this.url, {
      ...this.#options,
      ...options,
    });
    this.#open.add(connection);
    return connection;
  }

  /**
   * A WebSocket of its own; cut when the step ends.
   *
   * @param options what to ask for besides
   * @throws {RefusedError} when the answer makes no WebSocket
   */
  async connect(options: ClientOptions = {}): Promise<ClientConnection> {
    const connection = await ClientConnection.open(this.url, {
      ...this.#options,
      ...options,
    });
    this.#open.add(connection);
    this.wasReached = true;
    return connection;
  }

  /** The WebSocket that the steps share which keep to the rules. */
  async shared(): Promise<ClientConnection> {
    if (this.#shared === undefined || this.#shared.isOver) {
      this.share(await this.connect());
    }
    return this.#shared!;
  }

  /**
   * Leaves a WebSocket to the steps that follow.
   *
   * @param connection an open one
   */
  share(connection: ClientConnection): void {
    this.wasReached = true;
    this.#shared = connection;
  }

  /**
   * Cuts what a step has opened.
   *
   * @param keepShared whether the next steps can go on with the shared one
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

  /** Takes leave of the server, so that it sees no connection lost. */
  async leave(): Promise<void> {
    const connection = this.#shared;
    if (connection === undefined || connection.isOver) return;
    meanwhile(connection.sendClose(CLOSE_CODE.normal));
    await awaitClose(connection).catch(() => {});
    this.endStep(false);
  }

  get #options(): ClientOptions {
    return {
      ...this.#asked,
      signal: this.#deadline.signal,
      onPhase: (phase) => this.waitingFor = WAITING_FOR[phase],
    };
  }

  #cut(): void {
    for (const connection of this.#open) connection[Symbol.dispose]();
    this.#open.clear();
  }
}
