/**
 * The contract of a channel, which carries messages between instances.
 *
 * @module
 */

/** The address of all instances. */
export const ALL = "all";

/** Carries messages to other instances. A message may be lost. */
export interface Channel {
  /** Whether messages get through, as far as the channel knows. */
  readonly isOpen: boolean;

  /**
   * Sends a message.
   *
   * @param to an instance, or {@linkcode ALL}
   * @param message bytes that the caller changes no more
   * @returns the number of receivers, which for {@linkcode ALL} includes the sender
   * @throws {Error} the channel is not open
   */
  publish(to: string, message: Uint8Array<ArrayBuffer>): Promise<number>;

  /** Closes the channel without waiting for messages. */
  close(): Promise<void>;
}

/** The instance that uses a channel. */
export interface ChannelUser {
  /** Its name: it receives messages to this name and to {@linkcode ALL}. */
  readonly instance: string;
  /** Called when the channel opens, for the first time or again. */
  opened(): void;
  /**
   * Called for each message; the sender may get its own messages to {@linkcode ALL}.
   *
   * @param message the bytes
   */
  received(message: Uint8Array): void;
}

/** Opens a channel. The channel may open later, or never. */
export type OpenChannel = (user: ChannelUser) => Channel;
