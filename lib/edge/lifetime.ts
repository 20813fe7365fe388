/**
 * The stages of an upgraded connection. The runtime fires `close` twice on a
 * socket that its keep-alive drops, `error` alone where an upgrade fails, and
 * nothing where a client resets the connection during the upgrade. So every
 * event goes through here, and each stage is entered once.
 *
 * @module
 */

/** What happens where a stage is entered. */
export interface Stages {
  /** The connection is open. */
  opened(): void;
  /** No connection comes of the upgrade. */
  failed(): void;
  /**
   * The connection has ended.
   *
   * @param event how it ended
   */
  ended(event: CloseEvent): void;
}

/** Leads a connection from its upgrade to its end. */
export class Lifetime {
  readonly #stages: Stages;
  #stage: "opening" | "open" | "ended" = "opening";

  /**
   * Starts with an upgrade.
   *
   * @param stages called at most once each; `ended` only behind `opened`
   */
  constructor(stages: Stages) {
    this.#stages = stages;
  }

  /**
   * The connection has opened.
   *
   * @returns false where its upgrade had failed before
   */
  open(): boolean {
    if (this.#stage !== "opening") return false;
    this.#stage = "open";
    this.#stages.opened();
    return true;
  }

  /** The upgrade has failed; does nothing where it has succeeded. */
  fail(): void {
    if (this.#stage !== "opening") return;
    this.#stage = "ended";
    this.#stages.failed();
  }

  /**
   * The connection has ended, or its upgrade has failed.
   *
   * @param event how it ended
   * @returns false where that was known before
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
