/**
 * A channel between the threads of one process. Who is there is settled when they
 * begin, and stays so.
 *
 * @module
 */

import {
  type Channel,
  type ChannelUser,
  EVERYBODY,
  type OpenChannel,
} from "./channel.ts";

/** What a thread posts. */
interface Post {
  readonly to: string;
  readonly message: Uint8Array;
}

/**
 * Connects a thread with the others.
 *
 * @param topic names the channel among those of the process
 * @param instances all threads
 */
export function threadChannel(
  topic: string,
  instances: readonly string[],
): OpenChannel {
  return (user) => new ThreadChannel(user, topic, instances);
}

class ThreadChannel implements Channel {
  readonly #instances: readonly string[];
  readonly #channel: BroadcastChannel;
  #isOpen = true;

  constructor(
    user: ChannelUser,
    topic: string,
    instances: readonly string[],
  ) {
    this.#instances = instances;
    this.#channel = new BroadcastChannel(`ws-echo-server:${topic}`);
    this.#channel.onmessage = ({ data }: MessageEvent<Post>) => {
      if (data.to !== EVERYBODY && data.to !== user.instance) return;
      user.received(data.message);
    };
    queueMicrotask(() => {
      if (this.#isOpen) user.opened();
    });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  publish(to: string, message: Uint8Array): Promise<number> {
    if (!this.#isOpen) {
      return Promise.reject(new Error("the channel is closed"));
    }
    const post: Post = { to, message };
    this.#channel.postMessage(post);
    const { length } = this.#instances;
    const receivers = to === EVERYBODY
      ? length
      : Number(this.#instances.includes(to));
    return Promise.resolve(receivers);
  }

  close(): Promise<void> {
    this.#isOpen = false;
    this.#channel.close();
    return Promise.resolve();
  }
}
