/**
 * The contract of an attack, and what runs one.
 *
 * @module
 */

import { pause, type Target } from "../socket.ts";

/** A listener of the service. */
export type Listener = "edge" | "frame";

/** One kind of hostility. */
export interface Attack {
  /** Its name, in words. */
  readonly name: string;
  /** Clients that attack at the same time. */
  readonly peers: number;
  /**
   * At most so many where other tests run on the machine.
   * @default 4 where there are less than 50, else 200
   */
  readonly shortPeers?: number;
  /**
   * Listeners that it applies to.
   * @default both
   */
  readonly listeners?: readonly Listener[];
  /**
   * Path and query of the handshake, where only this service has them.
   * @default the target's
   */
  readonly path?: string;
  /**
   * Settings of the service.
   * @default {@linkcode UNLIMITED}
   */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * A path that the honest client requests by HTTP, instead of echoes.
   * @default echoes
   */
  readonly honest?: string;
  /**
   * Whether the log of the service is a pipe that is read.
   * @default true
   */
  readonly readsLog?: boolean;
  /**
   * One client; it may return, or fail, when the server ends its connection.
   *
   * @param target the server
   * @param signal is aborted when the attack ends
   */
  behave(target: Target, signal: AbortSignal): Promise<void>;
}

/** Without the limits of an address, which would end the attack too early. */
export const UNLIMITED = {
  HANDSHAKE_RATE: "off",
  MAX_CONNECTIONS_PER_IP: "off",
};

/** The defaults: all attackers have one address and its limits. */
export const ONE_ADDRESS = {};

/** Milliseconds between the end of a client and its next attempt. */
const RETURN = 20;

/**
 * Whether an attack applies to a listener.
 *
 * @param attack the attack
 * @param listener the listener's name
 */
export function appliesTo(
  { listeners }: Attack,
  listener: string,
): boolean {
  return listeners === undefined ||
    listeners.some((name) => name === listener);
}

/**
 * Attacks a server with many clients at a time.
 *
 * @param attack what they do
 * @param target the server
 * @param peers how many there are
 * @param signal ends it
 */
export async function run(
  attack: Attack,
  target: Target,
  peers: number,
  signal: AbortSignal,
): Promise<void> {
  const path = attack.path ?? target.path;
  const one = async () => {
    while (!signal.aborted) {
      await attack.behave({ ...target, path }, signal).catch(() => {});
      await pause(RETURN, signal);
    }
  };
  await Promise.all(Array.from({ length: peers }, one));
}
