/**
 * Sockets that the runtime keeps. A client that is closed while it reads nothing
 * stays connected, with all that was written to it, until it leaves: no call of
 * the runtime's ends it (see hard_close.ts), and no event tells that it has left.
 * But the runtime lets go of its object then, which shows at the next garbage
 * collection. A service without work collects none, so here one is provoked now
 * and then while sockets are kept.
 *
 * @module
 */

/** Milliseconds until the first collection; each further one comes twice as late. */
const FIRST = 250;

/** The same at most. */
const LAST = 30_000;

/**
 * Bytes of a buffer that makes V8 collect garbage, as it counts as much memory. It
 * is never written to, so it takes none (seen in Deno 2.9.6).
 */
const PROVOCATION = 64 * 2 ** 20;

/** The sockets of one listener that the runtime keeps. */
export class LeakedSockets {
  readonly #registry = new FinalizationRegistry<() => void>((leave) => {
    this.#count--;
    leave();
  });
  #count = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Holds the connection slot and the memory charge of a client until the runtime
   * has released its socket, so that a client that reconnects repeatedly without
   * leaving hits its limit before memory runs out.
   *
   * @param socket has had its close event
   * @param leave gives them back; must not refer to the socket
   */
  keep(socket: WebSocket, leave: () => void): void {
    this.#registry.register(socket, leave);
    this.#count++;
    this.#schedule(FIRST);
  }

  /** Provokes no collection any more. */
  clear(): void {
    clearTimeout(this.#timer);
  }

  #schedule(delay: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#count === 0) return;
      new ArrayBuffer(PROVOCATION);
      this.#schedule(Math.min(2 * delay, LAST));
    }, delay);
    Deno.unrefTimer(this.#timer);
  }
}
