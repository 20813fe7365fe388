/**
 * The memory that the send buffers of all peers take together.
 *
 * @module
 */

import { getLogger } from "@std/log";
import { CLOSE_CODE } from "../close_code.ts";
import type { Observer } from "../observer.ts";
import type { Sessions } from "../sessions.ts";
import type { Connection } from "../websocket.ts";

/** Bytes below which a buffer is not counted, and nobody is cut off. */
const COUNTED_FROM = 64 * 1024;

/** Milliseconds between looks: nothing is done for a message. */
const LOOK = 250;

/**
 * Cuts the peers off that have the most waiting for them, until what is left
 * fits. On the frame listener that gives the memory back within the time of a
 * closing handshake. On the edge listener the runtime keeps what it was given
 * until the peer leaves, so it goes on counting: memory stays bounded, and
 * meanwhile nobody there can have more than a little waiting.
 */
export class SendMemory {
  readonly #sessions: Sessions;
  readonly #limit: number;
  readonly #observer: Observer;

  /**
   * Sets the limit.
   *
   * @param sessions whose buffers count
   * @param limit bytes of all of them
   * @param observer is told of who is cut off
   */
  constructor(sessions: Sessions, limit: number, observer: Observer) {
    this.#sessions = sessions;
    this.#limit = limit;
    this.#observer = observer;
  }

  /** Has the buffers looked at from now on, as long as the process has anything else to do. */
  watch(): void {
    Deno.unrefTimer(setInterval(() => this.check(), LOOK));
  }

  /** Looks at the buffers, once. */
  check(): void {
    let total = 0;
    for (const connection of this.#sessions.list()) {
      total += counted(connection);
    }
    if (total <= this.#limit) return;
    const bySize = [...this.#sessions.list()]
      .filter((connection) => connection.isOpen)
      .map((connection) => ({ connection, bytes: counted(connection) }))
      .filter(({ bytes }) => bytes > 0)
      .sort((one, other) => other.bytes - one.bytes);
    for (const { connection, bytes } of bySize) {
      if (total <= this.#limit) return;
      total -= bytes;
      this.#cutOff(connection, bytes);
    }
  }

  #cutOff(connection: Connection, bytes: number): void {
    getLogger("httpd_ws").warn(
      `Sock ${connection.id} is cut off: ${bytes} bytes wait for it, and SEND_MEMORY_LIMIT is reached`,
    );
    this.#observer.limited("SEND_MEMORY_LIMIT", connection.listener);
    connection.close(
      CLOSE_CODE.policyViolation,
      "the server's buffers are full",
    );
    // A CLOSE behind all that is not read would have to wait for ever.
    if (connection.capabilities.transport) connection.abort();
  }
}

/** Bytes that count: those of a closing connection are given back on the frame listener. */
function counted(connection: Connection): number {
  if (!connection.isOpen && connection.listener === "frame") return 0;
  const { bufferedAmount } = connection;
  return bufferedAmount < COUNTED_FROM ? 0 : bufferedAmount;
}
