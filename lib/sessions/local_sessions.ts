/**
 * Calls to the sessions of this instance.
 *
 * @module
 */

import { addressText } from "../protocol/address_text.ts";
import { encodeClose } from "../protocol/close_code.ts";
import { FragmentOrderError } from "../protocol/errors.ts";
import type { Sessions } from "./sessions.ts";
import type { Connection } from "../websocket.ts";
import { WorkQueueFullError } from "../work_queue.ts";
import type {
  CloseOutcome,
  OutsideMessage,
  RemoteSessions,
  SendCounts,
  SendOutcome,
  SessionInfo,
  SessionList,
} from "./remote_sessions.ts";

/** Answers for this instance alone. */
export class LocalCalls implements RemoteSessions {
  readonly #sessions: Sessions;
  readonly #sendBufferLimit: number;

  /**
   * Takes the sessions of an instance.
   *
   * @param sessions who is connected
   * @param sendBufferLimit bytes that may wait for one of them
   */
  constructor(sessions: Sessions, sendBufferLimit: number) {
    this.#sessions = sessions;
    this.#sendBufferLimit = sendBufferLimit;
  }

  /** Lists the sessions; see {@linkcode RemoteSessions.list}. */
  list(): Promise<SessionList> {
    const { instance } = this.#sessions;
    const now = Date.now();
    const sessions = Array.from(
      this.#sessions.list(),
      (connection) => describe(connection, instance, now),
    );
    return Promise.resolve({ sessions, partial: false });
  }

  /** Sends to one; see {@linkcode RemoteSessions.send}. */
  send(id: string, message: OutsideMessage): Promise<SendOutcome> {
    const connection = this.#sessions.get(id);
    return connection === undefined
      ? Promise.resolve("gone")
      : this.#queue(connection, message);
  }

  /** Sends to all; see {@linkcode RemoteSessions.sendAll}. */
  async sendAll(message: OutsideMessage, route?: string): Promise<SendCounts> {
    const outcomes: Promise<SendOutcome>[] = [];
    for (const connection of this.#sessions.list()) {
      if (route !== undefined && connection.path !== route) continue;
      outcomes.push(this.#queue(connection, message));
    }
    let sent = 0;
    for (const outcome of await Promise.all(outcomes)) {
      if (outcome === "sent") sent++;
    }
    return { sent, missed: outcomes.length - sent, partial: false };
  }

  /** Closes one; see {@linkcode RemoteSessions.close}. */
  close(id: string, code: number, reason: string): Promise<CloseOutcome> {
    return new Promise((resolve) => {
      encodeClose(code, reason);
      const connection = this.#sessions.get(id);
      if (connection?.isOpen !== true) return resolve("gone");
      connection.close(code, reason);
      resolve("closing");
    });
  }

  #queue(
    connection: Connection,
    message: OutsideMessage,
  ): Promise<SendOutcome> {
    return new Promise((resolve, reject) => {
      try {
        connection.queueWork(() => {
          try {
            resolve(this.#hand(connection, message));
          } catch (error) {
            reject(error);
          }
        });
      } catch (error) {
        if (error instanceof WorkQueueFullError) resolve("busy");
        else reject(error);
      }
    });
  }

  #hand(connection: Connection, message: OutsideMessage): SendOutcome {
    if (!connection.isOpen) return "gone";
    // Asked first: a send would end the connection instead.
    if (connection.bufferedAmount > this.#sendBufferLimit) return "full";
    try {
      connection.send(message);
      return connection.isOpen ? "sent" : "full";
    } catch (error) {
      if (error instanceof FragmentOrderError) return "interleaved";
      throw error;
    }
  }
}

function describe(
  connection: Connection,
  instance: string,
  now: number,
): SessionInfo {
  const { id, listener, path, remoteAddr, protocol, traffic } = connection;
  return {
    id,
    instance,
    listener,
    route: path,
    address: addressText(remoteAddr),
    protocol,
    age: Math.max(0, now - connection.openedAt) / 1000,
    received: {
      messages: traffic.messagesReceived,
      bytes: traffic.bytesReceived,
    },
    sent: { messages: traffic.messagesSent, bytes: traffic.bytesSent },
    buffered: connection.bufferedAmount,
  };
}
