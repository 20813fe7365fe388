/**
 * The stages of an upgraded connection, each entered once.
 *
 * The runtime fires `close` twice on a socket that its keep-alive drops, only
 * `error` where an upgrade fails, and no event where a client resets the
 * connection during the upgrade (seen in Deno 2.9.6).
 *
 * @module
 */

/** Called when a stage is entered. */
export interface Stages {
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

/** The stage of a connection from its upgrade to its end. */
export class Lifetime {
  readonly #stages: Stages;
  #stage: "opening" | "open" | "ended" = "opening";

  /**
   * Starts with an upgrade.
   *
   * @param stages called at most once each; `ended` only after `opened`
   */
  constructor(stages: Stages) {
    this.#stages = stages;
  }

  /**
   * Notes that the socket has opened.
   *
   * @returns false if the upgrade had failed before
   */
  open(): boolean {
    if (this.#stage !== "opening") return false;
    this.#stage = "open";
    this.#stages.opened();
    return true;
  }

  /** Notes that the upgrade has failed; does nothing after the socket has opened. */
  fail(): void {
    if (this.#stage !== "opening") return;
    this.#stage = "ended";
    this.#stages.failed();
  }

  /**
   * Notes that the connection has ended, or that the upgrade has failed.
   *
   * @param event the close event
   * @returns false if the end was known before
   */
  end(event: CloseEvent): boolean {
    if (this.#stage === "ended") return false;
    if (this.#stage === "opening") {
      this.fail();
    } else {
      this.#stage = "ended";
      this.#stages.ended(event);
    }
    return true;
  }
}
