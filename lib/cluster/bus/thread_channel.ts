/**
 * A channel between the threads of one process, whose number does not change.
 *
 * @module
 */

import {
  ALL,
  type Channel,
  type ChannelUser,
  type OpenChannel,
} from "./channel.ts";

/** The data of a message event. */
interface Post {
  readonly to: string;
  readonly message: Uint8Array;
}

/**
 * Connects the threads of a process.
 *
 * @param topic name of the channel in the process
 * @param instances names of all threads
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
    // Several servers of one process have channels of their own.
    const name = `ws-echo-server:${instances[0]}:${topic}`;
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }: MessageEvent<Post>) => {
      if (data.to !== ALL && data.to !== user.instance) return;
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
    const receivers = to === ALL
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
