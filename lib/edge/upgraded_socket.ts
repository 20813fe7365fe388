/**
 * The fifth stage of the edge listener: leads the runtime's socket and its
 * connection from the upgrade to the end. It adds the connection to the sessions,
 * and releases everything that the connection held.
 *
 * @module
 */

import { getLogger } from "../std/log.ts";
import { line } from "../log/fields.ts";
import { debugEnabled } from "../log/log.ts";
import type { TimeoutName } from "../listener/connection_end.ts";
import {
  connectionClosed,
  connectionOpened,
} from "../listener/connection_events.ts";
import type { MemoryAccount } from "../memory/account.ts";
import { CLOSE_CODE } from "../protocol/close_code.ts";
import { hardClose } from "../runtime/hard_close.ts";
import { closeCode } from "./connection/close_event.ts";
import type { EdgeConnection, SocketControl } from "./connection/connection.ts";
import type { EdgeContext } from "./context.ts";
import { SocketState } from "./socket_state.ts";

/** An upgrade that is under way. */
export interface Upgrade {
  /** The server's end, not open yet. */
  readonly socket: WebSocket;
  /** The address that a failed upgrade is counted for. */
  readonly address: string;
  /** Releases the slot in the address limiter, and the server's count of the WebSocket. */
  readonly release: () => void;
}

/** The end of a connection whose client does not answer a CLOSE. */
const NO_ANSWER = new CloseEvent("close", { code: CLOSE_CODE.abnormal });

/** The runtime's socket from its upgrade to its end. */
export class UpgradedSocket implements SocketControl {
  readonly #context: EdgeContext;
  readonly #socket: WebSocket;
  readonly #address: string;
  readonly #connection: EdgeConnection;
  readonly #state: SocketState;
  /** Releases the slot, and the memory that the runtime keeps after the end. */
  #release: () => void;
  /** Whether the runtime keeps what was sent after the connection has ended. */
  #isLeaked = false;
  /** Whether the resource was closed here: later events say nothing of the client. */
  #isCut = false;

  /**
   * Makes the connection of an upgrade.
   *
   * @param context the listener's parts
   * @param upgrade the socket, and what its end releases
   * @param connect makes the connection
   */
  constructor(
    context: EdgeContext,
    { socket, address, release }: Upgrade,
    connect: (control: SocketControl) => EdgeConnection,
  ) {
    this.#context = context;
    this.#socket = socket;
    this.#address = address;
    this.#release = release;
    this.#connection = connect(this);
    this.#state = new SocketState({
      opened: () => this.#opened(),
      failed: () => this.#failed(),
      ended: (event) => this.#ended(event),
    });
  }

  /**
   * Listens for the events of the socket.
   *
   * @param signal the request's; aborts where the 101 cannot be written
   */
  listen(signal: AbortSignal): void {
    const socket = this.#socket;
    const connection = this.#connection;
    this.#context.openings.add(this);
    signal.addEventListener("abort", () => this.fail());
    socket.binaryType = "arraybuffer";
    // The runtime puts a wrapper around `on…` handlers, not around listeners.
    socket.addEventListener("open", () => this.#open());
    socket.addEventListener(
      "message",
      (event) => connection.receive(event.data),
    );
    socket.addEventListener("close", (event) => this.#close(event));
    socket.addEventListener("error", (event) => {
      this.fail();
      if (!debugEnabled) return;
      getLogger("httpd_ws").debug(
        ...line`Error on sock ${{ "session.id": connection.id }}: ${{
          "exception.message": (event as ErrorEvent).message,
        }}`,
      );
    });
  }

  /** Ends an upgrade that has not completed. */
  fail(): void {
    this.#state.fail();
  }

  /** Starts the time that the client has to answer a CLOSE. */
  closeStarted(isFlushed: boolean): void {
    this.#isLeaked = !isFlushed;
    this.#context.closings.add(this);
  }

  /**
   * Ends the TCP connection without a closing handshake.
   *
   * @param timeout the setting whose time is over, if one is
   */
  cut(timeout?: TimeoutName): void {
    this.#isCut = true;
    this.#connection.noteTimeout(timeout);
    hardClose(this.#socket);
    this.#state.end(NO_ANSWER);
  }

  #open(): void {
    if (this.#state.open()) return;
    this.#socket.close(CLOSE_CODE.goingAway);
    this.#context.closings.add(this);
  }

  #close(event: CloseEvent): void {
    const isFirst = this.#state.end(event);
    // The CLOSE could not be written: the runtime has released the socket.
    if (!isFirst && !this.#isCut && event.code === 0) this.#release();
  }

  #opened(): void {
    const { service, openings, keepAlive, readScheduler } = this.#context;
    const connection = this.#connection;
    openings.delete(this);
    connectionOpened(service, connection);
    keepAlive.opened(connection, this.#socket, () => {
      this.#isLeaked = true;
      this.cut("IDLE_TIMEOUT");
    });
    readScheduler.opened(this.#socket);
    connection.opened();
    if (service.sessions.isClosed) connection.close(CLOSE_CODE.goingAway);
  }

  #failed(): void {
    const { service, openings, abortedRequests } = this.#context;
    openings.delete(this);
    abortedRequests.upgradeFailed(this.#address);
    logUnopened(this.#connection.id);
    service.sessions.release();
    this.#release();
    this.#connection.memory.close();
  }

  #ended(event: CloseEvent): void {
    const { service, closings, keepAlive } = this.#context;
    const connection = this.#connection;
    closings.delete(this);
    this.#releaseSlot();
    connection.memory.close();
    const code = closeCode(event);
    keepAlive.closed(connection);
    connection.closed(event);
    const { reason, wasClean } = event;
    const info = { code, reason, wasClean };
    connectionClosed(service, connection, info, connection.end);
  }

  /** Releases the slot now, or when the runtime has released the socket. */
  #releaseSlot(): void {
    if (!this.#isLeaked) return this.#release();
    const { service, leakedSockets } = this.#context;
    const { unwritten } = this.#connection;
    this.#release = chargedUntil(this.#release, service.memory, unwritten);
    leakedSockets.hold(this.#socket, this.#release);
  }
}

/** Logs the end of a connection whose 101 could not be written. */
function logUnopened(id: string): void {
  getLogger("httpd_ws").info(
    ...line`Connection of sock ${{
      "session.id": id,
    }} did not open: the client disconnected`,
  );
}

/**
 * Charges memory until a slot is released. A function of the module: V8 keeps
 * everything that any closure of a function uses in one context, so a closure
 * made next to others could keep the socket alive that its collection waits for.
 */
function chargedUntil(
  release: () => void,
  memory: MemoryAccount,
  bytes: number,
): () => void {
  const charge = memory.open(undefined, bytes);
  return () => {
    release();
    charge.close();
  };
}
