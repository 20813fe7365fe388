/**
 * The messages of a client that no step has taken yet.
 *
 * @module
 */

import { ARRAY_BYTES } from "../../../lib/memory/array_bytes.ts";
import type { Frame } from "../../../lib/websocket.ts";
import { Completion } from "./completion.ts";
import { HeldMessage } from "./held_message.ts";

/** Bytes that are held before the client is read from no more. */
const MAX_BYTES = 65_536;

/** Bytes of memory per message in addition to its payload. */
const MESSAGE_BYTES = 128 + ARRAY_BYTES;

/** Holds messages in their order. */
export class Inbox {
  readonly #charge: (bytes: number) => void;
  readonly #messages: HeldMessage[] = [];
  #bytes = 0;
  #room: Completion | undefined;

  /**
   * Makes an empty inbox.
   *
   * @param charge called with the change of the memory that it holds, in bytes
   */
  constructor(charge: (bytes: number) => void) {
    this.#charge = charge;
  }

  /** Whether no message is held. */
  get isEmpty(): boolean {
    return this.#messages.length === 0;
  }

  /**
   * Keeps a copy of a message.
   *
   * @param message of the client
   * @returns a promise if the next message has to wait
   */
  add(message: Frame): PromiseLike<void> | undefined {
    const payload = message.payload.slice();
    this.#messages.push(new HeldMessage(message.opcode, payload));
    this.#change(payload.length + MESSAGE_BYTES);
    if (this.#bytes < MAX_BYTES) return undefined;
    return this.#room ??= new Completion();
  }

  /** Removes the oldest message. */
  take(): HeldMessage | undefined {
    const message = this.#messages.shift();
    if (message === undefined) return undefined;
    this.#change(-message.length - MESSAGE_BYTES);
    if (this.#bytes < MAX_BYTES) this.#makeRoom();
    return message;
  }

  /** Removes all messages. */
  clear(): void {
    this.#messages.length = 0;
    this.#change(-this.#bytes);
    this.#makeRoom();
  }

  #change(bytes: number): void {
    this.#bytes += bytes;
    this.#charge(bytes);
  }

  #makeRoom(): void {
    const room = this.#room;
    this.#room = undefined;
    room?.done();
  }
}
