/**
 * The states of an upgraded connection, each entered once.
 *
 * The runtime fires `close` twice on a socket that its keep-alive drops, only
 * `error` where an upgrade fails, and no event where a client resets the
 * connection during the upgrade (seen in Deno 2.9.6).
 *
 * @module
 */

/** Called when a state is entered. */
export interface StateCallbacks {
  /** The connection is open. */
  opened(): void;
  /** The upgrade has failed. */
  failed(): void;
  /**
   * The connection has ended.
   *
   * @param event the first close event
   */
  ended(event: CloseEvent): void;
}

/** The state of a connection from its upgrade to its end. */
export class SocketState {
  readonly #callbacks: StateCallbacks;
  #state: "opening" | "open" | "ended" = "opening";

  /**
   * Starts with an upgrade.
   *
   * @param callbacks called at most once each; `ended` only after `opened`
   */
  constructor(callbacks: StateCallbacks) {
    this.#callbacks = callbacks;
  }

  /**
   * Notes that the socket has opened.
   *
   * @returns false if the upgrade had failed before
   */
  open(): boolean {
    if (this.#state !== "opening") return false;
    this.#state = "open";
    this.#callbacks.opened();
    return true;
  }

  /** Notes that the upgrade has failed; does nothing after the socket has opened. */
  fail(): void {
    if (this.#state !== "opening") return;
    this.#state = "ended";
    this.#callbacks.failed();
  }

  /**
   * Notes that the connection has ended, or that the upgrade has failed.
   *
   * @param event the close event
   * @returns false if the end was known before
   */
  end(event: CloseEvent): boolean {
    if (this.#state === "ended") return false;
    if (this.#state === "opening") {
      this.fail();
    } else {
      this.#state = "ended";
      this.#callbacks.ended(event);
    }
    return true;
  }
}
