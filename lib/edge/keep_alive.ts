/**
 * PINGs for silent peers. The runtime sends them by itself to a socket that was
 * made with an `idleTimeout`, and sets a timer anew at every message for that,
 * which is a tenth of what a small message costs. Who sends all the time needs
 * no PING: here sockets begin without, and get the runtime's keep-alive when they
 * fall silent for the first time. How to switch it on later is not documented; a
 * runtime without it gets an `idleTimeout` from the beginning.
 *
 * @module
 */

import { TransientMap } from "../transient.ts";
import { type Internals, symbolOf } from "./internals.ts";

/** What is looked at: who was not heard of since the last look is silent. */
export interface Heard {
  /** Grows whenever the peer is heard of. */
  readonly lastHeard: number;
}

/** A socket that has no keep-alive yet. */
interface Watched {
  readonly socket: Internals;
  /** What it was at the last look. */
  heard: number;
}

/** Looks at each socket while the timeout passes. */
const LOOKS = 8;

/** The seconds of silence; with 0 there is no keep-alive. */
const IDLE_TIMEOUT = "[[idleTimeout]]";

/** A method: somebody was heard of, so the silence begins anew. */
const RESTART = "[[serverHandleIdleTimeout]]";

/** The keep-alive of one listener's sockets. */
export class KeepAlive {
  readonly #seconds: number;
  readonly #watched = new TransientMap<Heard, Watched>();
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
   */
  opened(peer: Heard, socket: WebSocket): void {
    if (this.#seconds === 0 || this.#restart === undefined) return;
    this.#idleTimeout ??= symbolOf(socket, IDLE_TIMEOUT);
    const keptAlive = socket as Internals;
    if (this.#idleTimeout === undefined) return;
    if (keptAlive[this.#idleTimeout] !== 0) return;
    this.#watched.set(peer, { socket: keptAlive, heard: peer.lastHeard });
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
      if (watched.heard === peer.lastHeard) this.#begin(peer, watched.socket);
      else watched.heard = peer.lastHeard;
    }
    this.#timer = this.#watched.size > 0
      ? setTimeout(this.#look, this.#pause)
      : undefined;
  };

  /** From here on the runtime does it all. */
  #begin(peer: Heard, socket: Internals): void {
    this.#watched.delete(peer);
    const restart = socket[this.#restart!] as () => void;
    // Up to a quarter has passed already: the first PING comes that much later.
    socket[this.#idleTimeout!] = this.#seconds;
    restart.call(socket);
  }
}
