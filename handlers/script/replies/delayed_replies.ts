/**
 * Sends the replies of a connection late or in fragments.
 *
 * @module
 */

import { CLOSE_CODE } from "../../../lib/protocol/close_code.ts";
import type { Connection, Frame } from "../../../lib/websocket.ts";
import { DelayQueue } from "./delay_queue.ts";
import { type FailReplies, sendInFragments } from "./fragments.ts";
import { PackedBytes } from "./packed_bytes.ts";
import type { Timers } from "./timers.ts";

/** The part of a connection that a reply needs. */
export interface ReplyConnection extends Pick<Connection, "id" | "queueWork"> {
  /** Whether PING can be sent. */
  readonly capabilities: Pick<Connection["capabilities"], "controlFrames">;
  /** Sends a text, or a received message. */
  send(message: string | Frame): void;
  /** Sends a PING. */
  ping(): void;
}

/** The connection of the replies. */
export type ReplyingConnection = Pick<
  Connection,
  | "id"
  | "capabilities"
  | "isOpen"
  | "send"
  | "ping"
  | "close"
  | "queueWork"
  | "charge"
>;

/** Delay and fragmentation of the replies of a connection. */
export interface ReplyOptions {
  /** Milliseconds of delay for each reply. */
  readonly delay?: number | undefined;
  /** Maximum random delay in addition, in milliseconds. */
  readonly jitter?: number | undefined;
  /** Bytes of a fragment; `undefined`: replies are not fragmented. */
  readonly fragment?: number | undefined;
}

/** A message to send, or a function to call. */
type Item = string | PackedBytes | (() => void);

/** Applies `delay`, `jitter` and `fragment` to the replies of one connection. */
export class DelayedReplies implements ReplyConnection {
  readonly #connection: ReplyingConnection;
  readonly #fragment: number | undefined;
  readonly #queue: DelayQueue<Item> | undefined;
  readonly #limit: number;
  readonly #fail: FailReplies;

  /**
   * Makes the replies of a connection.
   *
   * @param connection that sends the replies
   * @param options delay and fragments
   * @param timers of the connection
   * @param limit maximum number of bytes that wait; more fails with 1008
   * @param fail ends the connection
   */
  constructor(
    connection: ReplyingConnection,
    options: ReplyOptions,
    timers: Timers,
    limit: number,
    fail: FailReplies,
  ) {
    const { delay = 0, jitter = 0, fragment } = options;
    this.#connection = connection;
    this.#fragment = fragment;
    this.#limit = limit;
    this.#fail = fail;
    if (delay + jitter > 0) {
      this.#queue = new DelayQueue<Item>({
        delay,
        jitter,
        timers,
        run: (item) => this.#run(item),
        charge: (bytes) => connection.charge(bytes),
      });
    }
  }

  /** The id of the connection. */
  get id(): string {
    return this.#connection.id;
  }

  /** The capabilities of the connection. */
  get capabilities(): Connection["capabilities"] {
    return this.#connection.capabilities;
  }

  /**
   * Sends a text, or a received message.
   *
   * @param message copied if it has to wait
   */
  send(message: string | Frame): void {
    if (this.#queue === undefined) return this.#send(message);
    const copy = typeof message === "string" ? message : copyOf(message);
    // V8 holds a string in up to 2 bytes per UTF-16 unit.
    const bytes = typeof message === "string"
      ? 2 * message.length
      : message.length;
    this.#enqueue(this.#queue, copy, bytes);
  }

  /** Sends a PING. */
  ping(): void {
    this.#call(() => this.#connection.ping());
  }

  /**
   * Runs work on the server's work queue.
   *
   * @param work to run
   */
  queueWork(work: () => void | Promise<void>): void {
    this.#connection.queueWork(work);
  }

  /**
   * Calls a function after all replies so far.
   *
   * @param callback to call
   */
  afterReplies(callback: () => void): void {
    this.queueWork(() => this.#call(callback));
  }

  /** Drops the waiting replies. */
  clear(): void {
    this.#queue?.clear();
  }

  #call(callback: () => void): void {
    if (this.#queue === undefined) callback();
    else this.#enqueue(this.#queue, callback, 0);
  }

  #enqueue(queue: DelayQueue<Item>, item: Item, bytes: number): void {
    if (!this.#connection.isOpen) return;
    queue.add(item, bytes);
    if (queue.bytes <= this.#limit) return;
    this.#fail(CLOSE_CODE.policyViolation, "too much is waiting");
  }

  #run(item: Item): void {
    if (typeof item === "function") item();
    else this.#send(item instanceof PackedBytes ? item.unpack() : item);
  }

  #send(message: string | Uint8Array | Frame): void {
    if (this.#fragment === undefined) this.#connection.send(message);
    else {
      sendInFragments(this.#connection, message, this.#fragment, this.#fail);
    }
  }
}

/** Copies a received message: its memory is reused after the handler returns. */
function copyOf(message: Frame): string | PackedBytes {
  return message.opcode === "text"
    ? message.text()
    : new PackedBytes(message.payload);
}
