/**
 * The handler of one connection with requested behaviour.
 *
 * @module
 */

import type {
  Connection,
  Frame,
  WebSocketHandler,
} from "../../lib/websocket.ts";
import { DelayedReplies, type ReplyConnection } from "./delayed_replies.ts";
import type { Behaviour } from "./parameters.ts";
import { Timers } from "./timers.ts";

/** Replies to a message. */
export type Reply = (connection: ReplyConnection, message: Frame) => void;

/** Applies the requested behaviour to one connection. */
export class BehaviourHandler implements WebSocketHandler {
  readonly #reply: Reply;
  readonly #behaviour: Behaviour;
  readonly #limit: number;
  readonly #timers = new Timers();
  #replies: DelayedReplies | undefined;
  /** Number of messages to reply to before the connection ends. */
  #left: number;

  /**
   * Makes the handler of a new connection.
   *
   * @param reply of the route
   * @param behaviour requested by the query
   * @param limit maximum number of bytes of waiting replies
   */
  constructor(reply: Reply, behaviour: Behaviour, limit: number) {
    this.#reply = reply;
    this.#behaviour = behaviour;
    this.#limit = limit;
    this.#left = messagesUntilEnd(behaviour);
  }

  /**
   * Sends `hello` and starts `stall`, `tick`, `ping` and `in`.
   *
   * @param connection that has opened
   */
  open(connection: Connection): void {
    const { hello, stall, tick, ping, in: time } = this.#behaviour;
    const timers = this.#timers;
    this.#replies = new DelayedReplies(
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
   * Replies to a message, and ends the connection after the last one.
   *
   * @param connection of the message
   * @param message to reply to
   */
  frame(connection: Connection, message: Frame): void {
    if (this.#left === 0) return;
    this.#left--;
    const replies = this.#replies!;
    if (!this.#behaviour.mute) this.#reply(replies, message);
    if (this.#left > 0) return;
    replies.afterReplies(() => end(connection, this.#behaviour));
  }

  /** Ends the timers and drops the waiting replies. */
  close(): void {
    this.#timers.end();
    this.#replies?.clear();
  }
}

/** Infinity if only `in` ends the connection, or nothing does. */
function messagesUntilEnd(behaviour: Behaviour): number {
  const { close, abort, after, in: time } = behaviour;
  if (close === undefined && abort === undefined) return Infinity;
  return after ?? (time === undefined ? 0 : Infinity);
}

/** With `close` and `abort`, TCP ends after the CLOSE, without waiting for an answer. */
function end(connection: Connection, behaviour: Behaviour): void {
  const { close, reason, abort } = behaviour;
  if (close !== undefined) connection.close(close, reason);
  if (abort) connection.abort();
}

function tickText(tick: number): string {
  return JSON.stringify({ tick, time: new Date().toISOString() });
}

const encoder = new TextEncoder();

function numberBytes(count: number): Uint8Array {
  return encoder.encode(String(count));
}
