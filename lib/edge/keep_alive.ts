/**
 * PINGs for silent clients.
 *
 * The runtime sends PINGs to a socket that was made with an `idleTimeout`, and
 * restarts a timer at every message, which is a tenth of the cost of a small
 * message. A client that sends continuously needs no PING. So sockets start
 * without a keep-alive, and get the runtime's when they first fall silent. The
 * runtime does not document how to switch it on later (seen in Deno 2.9.6); a
 * runtime without these symbols gets an `idleTimeout` from the start.
 *
 * The runtime's keep-alive waits until its PING is written. While data is unwritten,
 * it never drops a client that does not read, even after that client's CLOSE. Such
 * stuck sockets are detected here.
 *
 * @module
 */

import { ChurnMap } from "../runtime/churn_map.ts";
import { type Internals, symbolOf } from "../runtime/internals.ts";

/** A connection that counts its activity. */
export interface Active {
  /** Grows with every message of the client. */
  readonly lastActivity: number;
}

/** A socket that is checked. */
interface Watched {
  readonly socket: Internals;
  /** Called when the runtime's keep-alive cannot drop the client. */
  readonly onStuck: () => void;
  /** The activity at the last check. */
  lastActivity: number;
  /** Whether the runtime's keep-alive is on. */
  isKeptAlive: boolean;
  /** Unwritten bytes at the last check. */
  unwritten: number;
  /** Consecutive checks at which the socket was stuck. */
  stuckChecks: number;
}

/** Checks of each socket in one timeout. */
const CHECKS = 8;

/**
 * Timeouts after which a stuck socket is reported. Fewer would cut off a client
 * that reads one long message slowly.
 */
const STUCK_TIMEOUTS = 10;

/** The seconds of silence; 0: no keep-alive. */
const IDLE_TIMEOUT = "[[idleTimeout]]";

/** A method that restarts the runtime's timer. */
const RESTART = "[[serverHandleIdleTimeout]]";

/** The keep-alive of the sockets of one listener. */
export class KeepAlive {
  readonly #seconds: number;
  readonly #watched = new ChurnMap<Active, Watched>();
  readonly #restart: symbol | undefined = symbolOf(
    WebSocket.prototype,
    RESTART,
  );
  /** Known from the first socket on. */
  #idleTimeout: symbol | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Starts without a socket.
   *
   * @param timeout milliseconds of silence until a client is dropped, with a PING
   * after half of it; 0: never
   */
  constructor(timeout: number) {
    this.#seconds = timeout / 1000;
  }

  /** The option of that name for `Deno.upgradeWebSocket`, in seconds. */
  get idleTimeout(): number {
    return this.#idleTimeout === undefined ? this.#seconds : 0;
  }

  /**
   * Starts checking a socket.
   *
   * @param connection counts the client's activity
   * @param socket open, and made with {@linkcode KeepAlive.idleTimeout}
   * @param onStuck called when the client is silent and reads nothing for ten
   * timeouts, so that the runtime cannot drop it
   */
  opened(connection: Active, socket: WebSocket, onStuck: () => void): void {
    if (this.#seconds === 0 || this.#restart === undefined) return;
    this.#idleTimeout ??= symbolOf(socket, IDLE_TIMEOUT);
    const internals = socket as Internals;
    if (this.#idleTimeout === undefined) return;
    this.#watched.set(connection, {
      socket: internals,
      onStuck,
      lastActivity: connection.lastActivity,
      isKeptAlive: internals[this.#idleTimeout] !== 0,
      unwritten: 0,
      stuckChecks: 0,
    });
    this.#timer ??= setTimeout(this.#checkAll, this.#interval);
  }

  /**
   * Stops checking a socket.
   *
   * @param connection as in {@linkcode KeepAlive.opened}
   */
  closed(connection: Active): void {
    this.#watched.delete(connection);
    if (this.#watched.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Milliseconds between two checks. */
  get #interval(): number {
    return this.#seconds * 1000 / CHECKS;
  }

  #checkAll = (): void => {
    for (const [connection, watched] of this.#watched) {
      const isSilent = watched.lastActivity === connection.lastActivity;
      watched.lastActivity = connection.lastActivity;
      if (watched.isKeptAlive) this.#checkStuck(connection, watched, isSilent);
      else if (isSilent) this.#start(watched);
    }
    this.#timer = this.#watched.size > 0
      ? setTimeout(this.#checkAll, this.#interval)
      : undefined;
  };

  /** Switches the runtime's keep-alive on. */
  #start(watched: Watched): void {
    const { socket } = watched;
    watched.isKeptAlive = true;
    const restart = socket[this.#restart!] as () => void;
    // Up to a quarter of the timeout has passed, so the first PING is late by that
    // time.
    socket[this.#idleTimeout!] = this.#seconds;
    restart.call(socket);
  }

  #checkStuck(connection: Active, watched: Watched, isSilent: boolean): void {
    const { socket } = watched;
    const unwritten = socket.bufferedAmount;
    const isStuck = isSilent &&
      (unwritten > 0 && unwritten === watched.unwritten ||
        socket.readyState === WebSocket.CLOSED);
    watched.unwritten = unwritten;
    watched.stuckChecks = isStuck ? watched.stuckChecks + 1 : 0;
    if (watched.stuckChecks < STUCK_TIMEOUTS * CHECKS) return;
    this.#watched.delete(connection);
    watched.onStuck();
  }
}
