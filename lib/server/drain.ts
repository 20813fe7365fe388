/**
 * The drain of an instance: its clients are closed over a time instead of all at once,
 * so that they do not reconnect to other instances in the same moment.
 *
 * @module
 */

import type { Channel, OpenChannel } from "../cluster/bus/channel.ts";
import { ALL } from "../cluster/bus/channel.ts";
import type { Service } from "../listener/service.ts";
import { CLOSE_CODE } from "../protocol/close_code.ts";
import { wait } from "../scheduling/wait.ts";
import type { Sessions } from "../sessions/sessions.ts";
import type { Stoppable } from "../stoppable.ts";

/** The codes that a drain may close with (RFC 6455 §7.4.1, IANA's registry). */
export const DRAIN_CODES = [
  CLOSE_CODE.goingAway,
  CLOSE_CODE.serviceRestart,
] as const;

/**
 * Options of a drain.
 *
 * @example
 * ```ts
 * import { type DrainOptions, serve } from "@ws-echo/server";
 * import { assertEquals } from "@std/assert";
 *
 * const options: DrainOptions = { time: 100, code: 1012 };
 * await using server = await serve({ routes: {}, host: "127.0.0.1", port: 0 });
 * await server.drain(options);
 * assertEquals(server.isDraining, true);
 * ```
 */
export interface DrainOptions {
  /** Milliseconds over which the closes are spread; 0: all at once. */
  readonly time: number;
  /** The close code. */
  readonly code: 1001 | 1012;
}

/** Milliseconds between two groups of closes. */
const TICK = 20;

/** The drain of one instance, and of the other threads of its process. */
export class Drain implements Stoppable {
  readonly #service: Service;
  readonly #channel: Channel | undefined;
  readonly #stopped = new AbortController();
  #running: Promise<void> | undefined;
  #options: DrainOptions | undefined;
  #until = 0;

  /**
   * Starts without a drain.
   *
   * @param service whose clients a drain closes
   * @param open opens a channel to the other threads; `undefined`: there are none
   */
  constructor(service: Service, open: OpenChannel | undefined) {
    this.#service = service;
    this.#channel = open?.({
      instance: service.sessions.instance,
      opened() {},
      received: (bytes) => {
        const text = new TextDecoder().decode(bytes);
        this.#start(JSON.parse(text) as DrainOptions);
      },
    });
  }

  /** The options of the drain that was started; `undefined`: none was. */
  get options(): DrainOptions | undefined {
    return this.#options;
  }

  /** Milliseconds until the last client is closed; 0 without a drain. */
  get rest(): number {
    return Math.max(0, this.#until - performance.now());
  }

  /**
   * Starts a drain in all threads: handshakes are refused with 503, and clients are
   * closed. A further call changes nothing.
   *
   * @param options the time and the close code
   * @returns resolves when every client of this thread is sent a CLOSE
   */
  start(options: DrainOptions): Promise<void> {
    if (this.#running !== undefined) return this.#running;
    const bytes = new TextEncoder().encode(JSON.stringify(options));
    // The channel between threads fails only after its end.
    this.#channel?.publish(ALL, bytes).catch(() => {});
    return this.#start(options);
  }

  /**
   * Closes the clients of this thread for a shutdown, or waits for a drain that runs.
   *
   * @param time milliseconds over which the closes are spread
   */
  async close(time: number): Promise<void> {
    await (this.#running ??
      this.#start({ time, code: CLOSE_CODE.goingAway }));
  }

  /** Closes the channel; the clients that are left are not closed by the drain. */
  async shutdown(): Promise<void> {
    await this.#channel?.close();
  }

  /** Ends the waiting. */
  destroy(): void {
    this.#stopped.abort();
  }

  #start(options: DrainOptions): Promise<void> {
    this.#options ??= options;
    this.#until ||= performance.now() + options.time;
    this.#service.draining = true;
    return this.#running ??= closeSpread(
      this.#service.sessions,
      options,
      this.#stopped.signal,
    );
  }
}

/** The reason of a drain's CLOSE. */
const REASONS: Readonly<Record<DrainOptions["code"], string>> = {
  [CLOSE_CODE.goingAway]: "the server is shutting down",
  [CLOSE_CODE.serviceRestart]: "the server restarts: connect again",
};

/** Closes the oldest connections first, and connections that open meanwhile last. */
async function closeSpread(
  sessions: Sessions,
  { time, code }: DrainOptions,
  signal: AbortSignal,
): Promise<void> {
  const reason = REASONS[code];
  const open = time > 0 ? [...sessions.list()] : [];
  const start = performance.now();
  for (let closed = 0; closed < open.length;) {
    const share = (performance.now() - start) / time;
    const due = Math.min(open.length, Math.floor(share * open.length));
    for (; closed < due; closed++) open[closed]!.close(code, reason);
    if (closed < open.length && !await wait(TICK, [signal])) break;
    if (sessions.size === 0) break;
  }
  sessions.closeAll(code, reason);
}
