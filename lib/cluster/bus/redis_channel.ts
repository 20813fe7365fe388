/**
 * A channel through the publish/subscribe of a Redis. It takes two connections, because
 * a connection that has subscribed cannot publish.
 *
 * Redis stores nothing. Its reply to `PUBLISH` is the number of receivers.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { getLogger } from "../../std/log.ts";
import { line } from "../../log/fields.ts";
import { startStep } from "../../config/start_error.ts";
import { wait } from "../../scheduling/wait.ts";
import {
  ALL,
  type Channel,
  type ChannelUser,
  type OpenChannel,
} from "./channel.ts";
import { BusError } from "./error.ts";

/** Prefix of the names of Redis channels: other services may use the same Redis. */
const PREFIX = "ws-echo-server:";

/** Milliseconds without data until a connection is closed; a heartbeat uses both connections. */
const SOCKET_TIMEOUT = 5000;

/** Milliseconds between attempts to connect. */
const BACK_OFF = { first: 100, longest: 5000 } as const;

/** Name and version of the client's package in the scope `@redis`. */
const CLIENT = "client@6.3.1";

/** The part of the client that is used; its own types need those of Node. */
interface Client {
  readonly isOpen: boolean;
  readonly isReady: boolean;
  on(event: "ready", listener: () => void): void;
  on(event: "error", listener: (error: Error) => void): void;
  connect(): Promise<unknown>;
  publish(channel: string, message: Buffer): Promise<number>;
  subscribe(
    channel: string,
    listener: (message: Buffer) => void,
    asBuffers: true,
  ): Promise<void>;
  destroy(): void;
}

/** The part of the client's module that is used. */
interface ClientModule {
  createClient(options: {
    readonly url: string;
    readonly disableOfflineQueue: boolean;
    readonly maintNotifications: "disabled";
    readonly socket: {
      readonly reconnectStrategy: (attempts: number) => number;
      readonly socketTimeout: number;
    };
  }): Client;
}

/** A Redis whose client is loaded. */
export interface Redis {
  /** Opens a channel; to be called once. */
  readonly open: OpenChannel;
  /**
   * Resolves when the channel is open, when the first attempt has failed, or after two
   * seconds.
   */
  settled(): Promise<void>;
}

/** Milliseconds that a start waits for a Redis that does not answer. */
const SETTLE_TIMEOUT = 2000;

/**
 * Loads the client, which connects and reconnects in the background.
 *
 * @param url `redis://` or `rediss://`, with user and password if needed
 * @param isMain whether the channel logs for all threads of the process; those of other
 * threads log with DEBUG
 * @throws {BusError} the client cannot be loaded
 * @throws {StartError} the URL is invalid
 */
export async function redisChannel(
  url: string,
  isMain: boolean,
): Promise<Redis> {
  const module = await load();
  const [publisher, subscriber] = startStep(
    (nameOf) => nameOf("BUS"),
    () => [newClient(module, url), newClient(module, url)] as const,
  );
  const settled = new AbortController();
  const channel = { url, isMain, publisher, subscriber, settled };
  return {
    open: (user) => new RedisChannel(user, channel),
    settled: () => wait(SETTLE_TIMEOUT, [settled.signal]).then(() => {}),
  };
}

function newClient({ createClient }: ClientModule, url: string): Client {
  return createClient({
    url,
    // A message that cannot be sent now is useless later.
    disableOfflineQueue: true,
    maintNotifications: "disabled",
    socket: { reconnectStrategy, socketTimeout: SOCKET_TIMEOUT },
  });
}

async function load(): Promise<ClientModule> {
  try {
    // Not a literal, so that the runtime downloads the client only when it is used.
    return await import(`npm:@redis/${CLIENT}`);
  } catch (cause) {
    throw new BusError(
      (nameOf) =>
        `${
          nameOf("BUS")
        }: the client of Redis is not installed: start with \`deno task start\``,
      { cause },
    );
  }
}

/** Exponential back-off with jitter, in milliseconds. */
function reconnectStrategy(attempts: number): number {
  const delay = Math.min(BACK_OFF.first * 2 ** attempts, BACK_OFF.longest);
  return delay * (0.5 + Math.random() / 2);
}

/** Options of a {@linkcode RedisChannel}. */
interface RedisChannelOptions {
  readonly url: string;
  readonly isMain: boolean;
  readonly publisher: Client;
  readonly subscriber: Client;
  /** Aborted when the channel is open, or the first attempt has failed. */
  readonly settled: AbortController;
}

class RedisChannel implements Channel {
  readonly #user: ChannelUser;
  readonly #publisher: Client;
  readonly #subscriber: Client;
  readonly #address: string;
  readonly #isMain: boolean;
  readonly #settled: AbortController;
  #isSubscribed = false;
  #isOpen = false;
  #isLost = false;
  #isEnding = false;

  constructor(
    user: ChannelUser,
    { url, isMain, publisher, subscriber, settled }: RedisChannelOptions,
  ) {
    this.#user = user;
    this.#isMain = isMain;
    this.#settled = settled;
    this.#publisher = publisher;
    this.#subscriber = subscriber;
    this.#address = new URL(url).host;
    for (const client of [publisher, subscriber]) {
      client.on("error", (error: Error) => this.#lost(error));
      client.on("ready", () => this.#ready());
      this.#connect(client);
    }
  }

  get isOpen(): boolean {
    return this.#isOpen && this.#publisher.isReady && this.#subscriber.isReady;
  }

  async publish(
    to: string,
    message: Uint8Array<ArrayBuffer>,
  ): Promise<number> {
    return await this.#publisher.publish(
      PREFIX + to,
      Buffer.from(message.buffer),
    );
  }

  close(): Promise<void> {
    this.#isEnding = true;
    this.#isOpen = false;
    for (const client of [this.#publisher, this.#subscriber]) {
      if (client.isOpen) client.destroy();
    }
    return Promise.resolve();
  }

  /** Makes the first connection; the client reconnects by itself. */
  async #connect(client: Client): Promise<void> {
    await client.connect().catch((error) => this.#lost(error));
  }

  /** Subscribes once; the client subscribes again with every new connection. */
  async #subscribe(): Promise<void> {
    try {
      for (const name of [ALL, this.#user.instance]) {
        await this.#subscriber.subscribe(PREFIX + name, this.#received, true);
      }
      this.#isSubscribed = true;
      this.#openIfReady();
    } catch (error) {
      this.#lost(error as Error);
    }
  }

  #received = (message: Buffer): void => this.#user.received(message);

  #ready(): void {
    if (this.#isSubscribed) this.#openIfReady();
    else if (this.#subscriber.isReady) this.#subscribe();
  }

  #openIfReady(): void {
    if (this.#isOpen) return;
    if (!this.#publisher.isReady || !this.#subscriber.isReady) return;
    this.#isOpen = true;
    this.#isLost = false;
    this.#log(
      "info",
      ...line`The bus is open: connected to Redis at ${{
        "server.address": this.#address,
      }}`,
    );
    this.#user.opened();
    this.#settled.abort();
  }

  /** Logs an error once; further errors are not logged until the channel has been open. */
  #lost(error: Error): void {
    this.#isOpen = false;
    if (this.#isLost || this.#isEnding) return;
    this.#isLost = true;
    this.#log(
      "warn",
      ...line`Redis at ${{
        "server.address": this.#address,
      }} cannot be reached (${{
        "exception.message": reason(error),
      }}); retrying. The sessions of other instances are unreachable`,
    );
    this.#settled.abort();
  }

  /** Every thread has the same Redis, so one line is enough for the process. */
  #log(level: "info" | "warn", ...args: ReturnType<typeof line>): void {
    getLogger("ws_echo_server")[this.#isMain ? level : "debug"](...args);
  }
}

/** The error for several addresses contains the reason of each. */
function reason(error: Error): string {
  return error.message ||
    (error instanceof AggregateError ? reason(error.errors[0]) : error.name);
}
