/**
 * What stands between a handler and its connection where answers are to be late
 * or in fragments.
 *
 * @module
 */

import { CLOSE_CODE } from "../../lib/protocol/close_code.ts";
import type { Connection, Frame } from "../../lib/websocket.ts";
import { sendInFragments } from "./fragments.ts";
import { DelayQueue } from "./delay_queue.ts";
import type { Behaviour } from "./parameters.ts";
import type { Timers } from "./timers.ts";

/** As much of a connection as an answer needs. */
export interface Answerable extends Pick<Connection, "queueWork"> {
  /** What can be sent. */
  readonly capabilities: Pick<Connection["capabilities"], "controlFrames">;
  /** Sends a text, or a message as it was received. */
  send(message: string | Frame): void;
  /** Sends a PING. */
  ping(): void;
}

/** A message, or something else to do. */
type Late = string | Uint8Array | (() => void);

/** Answers as they were asked for. */
export class Replies implements Answerable {
  readonly #connection: Connection;
  readonly #fragment: number | undefined;
  readonly #late: DelayQueue<Late> | undefined;
  readonly #limit: number;

  /**
   * Makes what a handler answers to.
   *
   * @param connection where answers end up
   * @param behaviour how they get there
   * @param timers those of the connection
   * @param limit bytes that may wait
   */
  constructor(
    connection: Connection,
    behaviour: Behaviour,
    timers: Timers,
    limit: number,
  ) {
    const { delay = 0, jitter = 0, fragment } = behaviour;
    this.#connection = connection;
    this.#fragment = fragment;
    this.#limit = limit;
    if (delay + jitter > 0) {
      this.#late = new DelayQueue<Late>({
        lateness: { delay, jitter },
        timers,
        act: (late) => typeof late === "function" ? late() : this.#send(late),
        held: (bytes) => connection.charge(bytes),
      });
    }
  }

  /** What the connection can do. */
  get capabilities(): Connection["capabilities"] {
    return this.#connection.capabilities;
  }

  /**
   * Sends a text, or a message as it was received.
   *
   * @param message is copied where it has to wait
   */
  send(message: string | Frame): void {
    if (this.#late === undefined) return this.#send(message);
    const kept = typeof message === "string" ? message : copyOf(message);
    // Of a text as many bytes as its UTF-8 has; V8 takes about as many.
    const bytes = typeof message === "string"
      ? 2 * message.length
      : message.length;
    this.#doLate(this.#late, kept, bytes);
  }

  /** Sends a PING. */
  ping(): void {
    this.#act(() => this.#connection.ping());
  }

  /**
   * Runs work on the server's work queue.
   *
   * @param work what to run
   */
  queueWork(work: () => void | Promise<void>): void {
    this.#connection.queueWork(work);
  }

  /**
   * Does something behind all that was answered so far.
   *
   * @param act what to do
   */
  behind(act: () => void): void {
    this.queueWork(() => this.#act(act));
  }

  /** Forgets what waits. */
  clear(): void {
    this.#late?.clear();
  }

  #act(act: () => void): void {
    if (this.#late === undefined) act();
    else this.#doLate(this.#late, act, 0);
  }

  #doLate(late: DelayQueue<Late>, what: Late, bytes: number): void {
    if (!this.#connection.isOpen) return;
    late.add(what, bytes);
    if (late.bytes <= this.#limit) return;
    this.#connection.close(CLOSE_CODE.policyViolation, "too much is waiting");
    this.clear();
  }

  #send(message: string | Uint8Array | Frame): void {
    if (this.#fragment === undefined) this.#connection.send(message);
    else sendInFragments(this.#connection, message, this.#fragment);
  }
}

/** A received message is the connection's own, and is gone when its handler returns. */
function copyOf(message: Frame): string | Uint8Array {
  return message.opcode === "text" ? message.text() : message.payload.slice();
}
