/**
 * The sessions of this instance, as the admin API reaches them.
 *
 * @module
 */

import { addressText } from "../protocol/address_text.ts";
import { encodeClose } from "../protocol/close_code.ts";
import { FragmentOrderError, NotSupportedError } from "../protocol/errors.ts";
import type { Sessions } from "./sessions.ts";
import type { Connection } from "../websocket.ts";
import { WorkQueueFullError } from "../work_queue.ts";
import type {
  CloseOutcome,
  RemoteSessions,
  SendCounts,
  SendOutcome,
  SessionInfo,
  SessionList,
  SessionMessage,
} from "./remote_sessions.ts";
import { matcherOf, type SessionTarget } from "./session_target.ts";

/** Reaches the sessions of this instance. */
export class LocalSessions implements RemoteSessions {
  readonly #sessions: Sessions;
  readonly #sendBufferLimit: number;

  /**
   * Wraps the sessions of an instance.
   *
   * @param sessions the open connections
   * @param sendBufferLimit bytes that may wait in the send buffer of one session
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

  /** Sends to one session; see {@linkcode RemoteSessions.send}. */
  send(id: string, message: SessionMessage): Promise<SendOutcome> {
    const connection = this.#sessions.get(id);
    return connection === undefined
      ? Promise.resolve("gone")
      : this.#queue(connection, message);
  }

  /** Sends to many sessions; see {@linkcode RemoteSessions.sendAll}. */
  async sendAll(
    message: SessionMessage,
    target: SessionTarget = {},
  ): Promise<SendCounts> {
    const outcomes: Promise<SendOutcome>[] = [];
    const matches = matcherOf(target);
    for (const connection of this.#sessions.list()) {
      if (matches(connection)) outcomes.push(this.#queue(connection, message));
    }
    let sent = 0;
    for (const outcome of await Promise.all(outcomes)) {
      if (outcome === "sent") sent++;
    }
    return { sent, missed: outcomes.length - sent, partial: false };
  }

  /** Closes one session; see {@linkcode RemoteSessions.close}. */
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
    message: SessionMessage,
  ): Promise<SendOutcome> {
    return new Promise((resolve, reject) => {
      try {
        connection.queueWork(() => {
          try {
            resolve(this.#send(connection, message));
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

  #send(connection: Connection, message: SessionMessage): SendOutcome {
    if (!connection.isOpen) return "gone";
    // A send above the limit would close the connection.
    if (connection.bufferedAmount > this.#sendBufferLimit) return "full";
    try {
      connection.send(message);
      return connection.isOpen ? "sent" : "full";
    } catch (error) {
      if (error instanceof FragmentOrderError) return "interleaved";
      if (error instanceof NotSupportedError) return "taken-over";
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
