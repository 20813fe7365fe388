/**
 * PINGs for silent peers. The runtime sends them by itself to a socket that was
 * made with an `idleTimeout`, and sets a timer anew at every message for that,
 * which is a tenth of what a small message costs. Who sends all the time needs
 * no PING: here sockets begin without, and get the runtime's keep-alive when they
 * fall silent for the first time. How to switch it on later is not documented; a
 * runtime without it gets an `idleTimeout` from the beginning.
 *
 * The runtime's keep-alive waits until its PING is written. A client that reads
 * nothing while something waits for it is never dropped, and neither is one
 * whose CLOSE cannot be answered for that reason. So such sockets are watched.
 *
 * @module
 */

import { ChurnMap } from "../runtime/churn_map.ts";
import { type Internals, symbolOf } from "../runtime/internals.ts";

/** What is looked at: who was not heard of since the last look is silent. */
export interface Heard {
  /** Grows whenever the peer is heard of. */
  readonly lastActivity: number;
}

/** A socket that is looked at. */
interface Watched {
  readonly socket: Internals;
  /** Called where the runtime's keep-alive cannot drop the client. */
  readonly stuck: () => void;
  /** What it was at the last look. */
  heard: number;
  /** Whether the runtime's keep-alive is on. */
  isKeptAlive: boolean;
  /** Bytes that waited for the client at the last look. */
  unwritten: number;
  /** Looks in a row without anything written to a client that reads nothing. */
  stuckLooks: number;
}

/** Looks at each socket while the timeout passes. */
const LOOKS = 8;

/**
 * Timeouts without a whole message written to a client that is silent: less would
 * cut a client off that reads one long message slowly.
 */
const STUCK_TIMEOUTS = 10;

/** The seconds of silence; with 0 there is no keep-alive. */
const IDLE_TIMEOUT = "[[idleTimeout]]";

/** A method: somebody was heard of, so the silence begins anew. */
const RESTART = "[[serverHandleIdleTimeout]]";

/** The keep-alive of one listener's sockets. */
export class KeepAlive {
  readonly #seconds: number;
  readonly #watched = new ChurnMap<Heard, Watched>();
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
   * @param timeout milliseconds of silence until a peer is dropped, with a PING
   * after half of it; 0: it may be silent for ever
   */
  constructor(timeout: number) {
    this.#seconds = timeout / 1000;
  }

  /** What `Deno.upgradeWebSocket` is to be given, in seconds. */
  get idleTimeout(): number {
    return this.#idleTimeout === undefined ? this.#seconds : 0;
  }

  /**
   * A socket has opened.
   *
   * @param peer tells whether it was heard of
   * @param socket was made with {@linkcode KeepAlive.idleTimeout}
   * @param stuck called where the client is silent and takes no message for ten
   * timeouts, so that the runtime cannot drop it
   */
  opened(peer: Heard, socket: WebSocket, stuck: () => void): void {
    if (this.#seconds === 0 || this.#restart === undefined) return;
    this.#idleTimeout ??= symbolOf(socket, IDLE_TIMEOUT);
    const keptAlive = socket as Internals;
    if (this.#idleTimeout === undefined) return;
    this.#watched.set(peer, {
      socket: keptAlive,
      stuck,
      heard: peer.lastActivity,
      isKeptAlive: keptAlive[this.#idleTimeout] !== 0,
      unwritten: 0,
      stuckLooks: 0,
    });
    this.#timer ??= setTimeout(this.#look, this.#pause);
  }

  /**
   * A socket has closed.
   *
   * @param peer of {@linkcode KeepAlive.opened}
   */
  closed(peer: Heard): void {
    this.#watched.delete(peer);
    if (this.#watched.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  get #pause(): number {
    return this.#seconds * 1000 / LOOKS;
  }

  #look = (): void => {
    for (const [peer, watched] of this.#watched) {
      const isSilent = watched.heard === peer.lastActivity;
      watched.heard = peer.lastActivity;
      if (watched.isKeptAlive) this.#lookForStuck(peer, watched, isSilent);
      else if (isSilent) this.#begin(watched);
    }
    this.#timer = this.#watched.size > 0
      ? setTimeout(this.#look, this.#pause)
      : undefined;
  };

  /** From here on the runtime sends the PINGs. */
  #begin(watched: Watched): void {
    const { socket } = watched;
    watched.isKeptAlive = true;
    const restart = socket[this.#restart!] as () => void;
    // Up to a quarter has passed already: the first PING comes that much later.
    socket[this.#idleTimeout!] = this.#seconds;
    restart.call(socket);
  }

  #lookForStuck(peer: Heard, watched: Watched, isSilent: boolean): void {
    const { socket } = watched;
    const unwritten = socket.bufferedAmount;
    const isStuck = isSilent &&
      (unwritten > 0 && unwritten === watched.unwritten ||
        socket.readyState === WebSocket.CLOSED);
    watched.unwritten = unwritten;
    watched.stuckLooks = isStuck ? watched.stuckLooks + 1 : 0;
    if (watched.stuckLooks < STUCK_TIMEOUTS * LOOKS) return;
    this.#watched.delete(peer);
    watched.stuck();
  }
}
