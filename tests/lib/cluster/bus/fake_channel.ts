/**
 * A channel in memory that a test can make fail.
 *
 * @module
 */

import {
  ALL,
  type Channel,
  type ChannelUser,
  type OpenChannel,
} from "../../../../lib/cluster/bus/channel.ts";

/** Delivers to all channels that are open. */
export class FakeNetwork {
  readonly #members = new Map<string, FakeChannel>();
  /** Instances that count as receivers and get no message. */
  readonly deaf = new Set<string>();

  /** Opens a channel. */
  readonly open: OpenChannel = (user) => {
    const channel = new FakeChannel(this, user);
    this.#members.set(user.instance, channel);
    queueMicrotask(() => user.opened());
    return channel;
  };

  /** The channel of an instance. */
  channel(instance: string): FakeChannel {
    return this.#members.get(instance)!;
  }

  /** Delivers a message to its receivers. */
  deliver(to: string, message: Uint8Array): number {
    let receivers = 0;
    for (const [instance, member] of this.#members) {
      if (!member.isOpen || (to !== ALL && to !== instance)) continue;
      receivers++;
      if (!this.deaf.has(instance)) {
        queueMicrotask(() => member.user.received(message));
      }
    }
    return receivers;
  }
}

/** The channel of one instance. */
export class FakeChannel implements Channel {
  readonly user: ChannelUser;
  isOpen = true;
  readonly #network: FakeNetwork;

  constructor(network: FakeNetwork, user: ChannelUser) {
    this.#network = network;
    this.user = user;
  }

  publish(to: string, message: Uint8Array): Promise<number> {
    return this.isOpen
      ? Promise.resolve(this.#network.deliver(to, message))
      : Promise.reject(new Error("the channel is not open"));
  }

  reopen(): void {
    this.isOpen = true;
    this.user.opened();
  }

  close(): Promise<void> {
    this.isOpen = false;
    return Promise.resolve();
  }
}
