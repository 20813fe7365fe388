/**
 * Runs a plan on a connection of either listener.
 *
 * @module
 */

import type {
  Connection,
  Frame,
  WebSocketHandler,
} from "../../lib/websocket.ts";
import { Run, type RunOptions } from "./engine/run.ts";

/** The plan of one connection. */
export class ScriptHandler implements WebSocketHandler {
  readonly #options: Omit<RunOptions, "endpoint">;
  #run: Run | undefined;

  /**
   * Makes the handler of a new connection.
   *
   * @param options steps after the handshake, and limits
   */
  constructor(options: Omit<RunOptions, "endpoint">) {
    this.#options = options;
  }

  /**
   * Starts the plan.
   *
   * @param connection that has opened
   */
  open(connection: Connection): void {
    this.#run = new Run({ ...this.#options, endpoint: connection });
    this.#run.start();
  }

  /**
   * Gives a message to the step that takes messages.
   *
   * @param _connection of the message
   * @param message of the client
   */
  frame(_connection: Connection, message: Frame): void | Promise<void> {
    const pending = this.#run!.message(message);
    if (pending !== undefined) return Promise.resolve(pending);
  }

  /** Ends the plan. */
  close(): void {
    this.#run?.end();
  }
}
