/**
 * A CLOSE that waits until the client sends nothing and all data is written.
 *
 * The runtime drops a connection without a CLOSE when a message arrives before the
 * CLOSE is written (seen in Deno 2.9.6). The wait is limited.
 *
 * @module
 */

import type { Service } from "../../listener/service.ts";
import type { SocketReader } from "./read_scheduler.ts";

/** Milliseconds without a message after which the CLOSE is written. */
const SILENCE = 5;

/** The same during a shutdown, when all connections are closed at once. */
const SILENCE_DURING_SHUTDOWN = 25;

/** Periods that may follow the first one; then the CLOSE is written in any case. */
const MAX_FURTHER_PERIODS = 50;

/** Delays the CLOSE of one connection. */
export class DelayedClose {
  readonly #service: Service;
  readonly #socket: WebSocket;
  readonly #reader: SocketReader;
  readonly #write: (isFlushed: boolean) => void;
  /** Whether a message has arrived in this period. */
  #hasMessage = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Starts waiting.
   *
   * @param service tells whether there is a shutdown
   * @param socket the runtime's socket
   * @param reader of the socket
   * @param write writes the CLOSE; its argument is false if the wait was cut short, or
   * the runtime has ended the socket
   */
  constructor(
    service: Service,
    socket: WebSocket,
    reader: SocketReader,
    write: (isFlushed: boolean) => void,
  ) {
    this.#service = service;
    this.#socket = socket;
    this.#reader = reader;
    this.#write = write;
    this.#wait(MAX_FURTHER_PERIODS);
  }

  /** Notes a message that is ignored. */
  noteMessage(): void {
    this.#hasMessage = true;
  }

  /** Writes no CLOSE. */
  stop(): void {
    clearTimeout(this.#timer);
  }

  #wait(further: number): void {
    this.#hasMessage = false;
    this.#timer = setTimeout(() => {
      // For a socket that the runtime has ended, `bufferedAmount` is 0.
      const hasEnded = this.#socket.readyState !== WebSocket.OPEN;
      const isSilent = !hasEnded && !this.#hasMessage &&
        !this.#reader.isPaused &&
        this.#socket.bufferedAmount === 0;
      if (isSilent || hasEnded || further === 0) this.#write(isSilent);
      else this.#wait(further - 1);
    }, this.#service.draining ? SILENCE_DURING_SHUTDOWN : SILENCE);
  }
}
