/**
 * A channel through Redis: its publish/subscribe, on two connections, as one that
 * has subscribed cannot publish.
 *
 * Nothing is kept in Redis. What matters of it here is that `PUBLISH` tells how
 * many were there to receive.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { getLogger } from "@std/log";
import { startStep } from "../../config/start_error.ts";
import {
  type Channel,
  type ChannelUser,
  EVERYBODY,
  type OpenChannel,
} from "./channel.ts";
import { BusError } from "./error.ts";

/** Names what this service publishes; a Redis may serve others, too. */
const PREFIX = "ws-echo-server:";

/**
 * Milliseconds of silence until a connection is given up. Both have something to
 * say or to hear at every heartbeat.
 */
const SOCKET_TIMEOUT = 5000;

/** Milliseconds between attempts to connect: the first, and the longest. */
const BACK_OFF = { first: 100, longest: 5000 } as const;

/**
 * The client, by a name that the runtime does not see before it is asked for: it
 * downloads whatever it sees, needed or not.
 */
const CLIENT: string = "@redis/client";

/** What is used of the client; its own types want those of Node. */
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

/** What is used of the client's module. */
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

/**
 * Loads the client; the connections are made, and made again, in the background.
 *
 * @param url `redis://` or `rediss://`, with user and password where it needs them
 * @returns opens a channel, once
 * @throws {BusError} the client cannot be loaded
 * @throws {StartError} the client cannot use the URL
 */
export async function redisChannel(url: string): Promise<OpenChannel> {
  const module = await load();
  const [publisher, subscriber] = startStep(
    "BUS",
    () => [newClient(module, url), newClient(module, url)] as const,
  );
  return (user) => new RedisChannel(url, user, publisher, subscriber);
}

function newClient({ createClient }: ClientModule, url: string): Client {
  return createClient({
    url,
    // What cannot be sent now is worth nothing later.
    disableOfflineQueue: true,
    maintNotifications: "disabled",
    socket: { reconnectStrategy, socketTimeout: SOCKET_TIMEOUT },
  });
}

async function load(): Promise<ClientModule> {
  try {
    return await import(CLIENT);
  } catch (cause) {
    throw new BusError(
      "BUS: the client of Redis is not installed: start with `deno task start:redis`",
      { cause },
    );
  }
}

/** Twice as long each time, and not the same for all instances. */
function reconnectStrategy(attempts: number): number {
  const delay = Math.min(BACK_OFF.first * 2 ** attempts, BACK_OFF.longest);
  return delay * (0.5 + Math.random() / 2);
}

/** A channel through one Redis. */
class RedisChannel implements Channel {
  readonly #user: ChannelUser;
  readonly #publisher: Client;
  readonly #subscriber: Client;
  readonly #place: string;
  #isSubscribed = false;
  #isOpen = false;
  #isLost = false;
  #isEnding = false;

  constructor(
    url: string,
    user: ChannelUser,
    publisher: Client,
    subscriber: Client,
  ) {
    this.#user = user;
    this.#publisher = publisher;
    this.#subscriber = subscriber;
    this.#place = new URL(url).host;
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

  /** Resolves with the first connection; the client makes those after it by itself. */
  async #connect(client: Client): Promise<void> {
    await client.connect().catch((error) => this.#lost(error));
  }

  /** After that it is the client's to renew, with every new connection. */
  async #subscribe(): Promise<void> {
    try {
      for (const name of [EVERYBODY, this.#user.instance]) {
        await this.#subscriber.subscribe(PREFIX + name, this.#received, true);
      }
      this.#isSubscribed = true;
      this.#look();
    } catch (error) {
      this.#lost(error as Error);
    }
  }

  #received = (message: Buffer): void => this.#user.received(message);

  #ready(): void {
    if (this.#isSubscribed) this.#look();
    else if (this.#subscriber.isReady) this.#subscribe();
  }

  #look(): void {
    if (this.#isOpen) return;
    if (!this.#publisher.isReady || !this.#subscriber.isReady) return;
    this.#isOpen = true;
    this.#isLost = false;
    getLogger("ws_echo_server").info(
      `The bus is open, through Redis at ${this.#place}`,
    );
    this.#user.opened();
  }

  /** Says so once; what fails until the channel is open again is no news. */
  #lost(error: Error): void {
    this.#isOpen = false;
    if (this.#isLost || this.#isEnding) return;
    this.#isLost = true;
    getLogger("ws_echo_server").warn(
      `Redis at ${this.#place} cannot be reached (${
        reason(error)
      }): sessions of other instances neither; trying on`,
    );
  }
}

/** A failure on several addresses at once has its reasons inside. */
function reason(error: Error): string {
  return error.message ||
    (error instanceof AggregateError ? reason(error.errors[0]) : error.name);
}
