/**
 * One connection that behaves as it was asked to.
 *
 * @module
 */

import type {
  Connection,
  Frame,
  WebSocketHandler,
} from "../../lib/websocket.ts";
import { end, messagesUntilEnd } from "./ending.ts";
import type { Behaviour } from "./parameters.ts";
import { type Answerable, Replies } from "./delayed_replies.ts";
import { Timers } from "./timers.ts";

/** Answers a message. */
export type Answer = (peer: Answerable, message: Frame) => void;

/** Makes an answer behave, on one connection. */
export class BehavingHandler implements WebSocketHandler {
  readonly #answer: Answer;
  readonly #behaviour: Behaviour;
  readonly #limit: number;
  readonly #timers = new Timers();
  #replies: Replies | undefined;
  /** Messages that are answered until the end. */
  #left: number;

  /**
   * Makes the handler of a connection that is about to open.
   *
   * @param answer the polite one
   * @param behaviour what is asked for
   * @param limit bytes that may wait to be answered
   */
  constructor(answer: Answer, behaviour: Behaviour, limit: number) {
    this.#answer = answer;
    this.#behaviour = behaviour;
    this.#limit = limit;
    this.#left = messagesUntilEnd(behaviour);
  }

  /**
   * Greets, and starts what happens by itself.
   *
   * @param connection the one
   */
  open(connection: Connection): void {
    const { hello, stall, tick, ping, in: time } = this.#behaviour;
    const timers = this.#timers;
    this.#replies = new Replies(
      connection,
      this.#behaviour,
      timers,
      this.#limit,
    );
    if (hello !== undefined) connection.send(hello);
    if (this.#left === 0) return end(connection, this.#behaviour);
    if (stall) connection.pauseReading();
    if (tick !== undefined) {
      timers.every(tick, (count) => connection.send(tickText(count)));
    }
    if (ping !== undefined) {
      timers.every(ping, (count) => connection.ping(numberBytes(count)));
    }
    if (time !== undefined) {
      timers.after(time, () => end(connection, this.#behaviour));
    }
  }

  /**
   * Answers a message, unless it is not to.
   *
   * @param connection the one
   * @param message what arrived
   */
  frame(connection: Connection, message: Frame): void {
    if (this.#left === 0) return;
    this.#left--;
    const replies = this.#replies!;
    if (!this.#behaviour.mute) this.#answer(replies, message);
    if (this.#left > 0) return;
    replies.behind(() => end(connection, this.#behaviour));
  }

  /** Ends the timers, and what waited for them. */
  close(): void {
    this.#timers.end();
    this.#replies?.clear();
  }
}

function tickText(tick: number): string {
  return JSON.stringify({ tick, time: new Date().toISOString() });
}

const encoder = new TextEncoder();

function numberBytes(count: number): Uint8Array {
  return encoder.encode(String(count));
}
