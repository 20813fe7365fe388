/**
 * What carries messages between instances.
 *
 * @module
 */

/** Where a message goes that is for everybody. */
export const EVERYBODY = "all";

/** A way to the other instances. Messages may be lost, and are never late by much. */
export interface Channel {
  /** Whether messages get through, as far as is known. */
  readonly isOpen: boolean;

  /**
   * Sends a message.
   *
   * @param to an instance, or {@linkcode EVERYBODY}
   * @param message not to be changed any more
   * @returns how many instances are there to receive it; of everybody, the sender is one
   * @throws when the channel is not open
   */
  publish(to: string, message: Uint8Array<ArrayBuffer>): Promise<number>;

  /** Ends it at once; nobody is waited for. */
  close(): Promise<void>;
}

/** Who a channel is for. */
export interface ChannelUser {
  /** The instance; what is sent to it, and to everybody, is received. */
  readonly instance: string;
  /** The channel has opened, for the first time or again. */
  opened(): void;
  /**
   * A message arrived; one to everybody may arrive at its sender, too.
   *
   * @param message its bytes
   */
  received(message: Uint8Array): void;
}

/** Opens a channel. It may be open later, or never, and is not waited for. */
export type OpenChannel = (user: ChannelUser) => Channel;
