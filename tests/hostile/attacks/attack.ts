/**
 * The type of an attack, and the function that runs one.
 *
 * @module
 */

import { pause, type Target } from "../socket.ts";

/** A listener of the service. */
export type Listener = "edge" | "frame";

/** An attack. */
export interface Attack {
  /** Its name. */
  readonly name: string;
  /** Number of attacking clients. */
  readonly clients: number;
  /**
   * Number of attacking clients in tests, at most.
   * @default 4 where there are less than 50, else 200
   */
  readonly shortClients?: number;
  /**
   * Listeners that the attack applies to.
   * @default both
   */
  readonly listeners?: readonly Listener[];
  /**
   * Path and query of the handshake, if only this service has them.
   * @default the target's
   */
  readonly path?: string;
  /**
   * Variables of the service.
   * @default {@linkcode UNLIMITED}
   */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * A path that the honest client requests by HTTP.
   * @default the client sends messages to `/ws`
   */
  readonly honest?: string;
  /**
   * Whether the log of the service is read.
   * @default true
   */
  readonly readsLog?: boolean;
  /**
   * Runs one client until the server ends its connection; errors are ignored.
   *
   * @param target the server
   * @param signal aborts at the end of the attack
   */
  behave(target: Target, signal: AbortSignal): Promise<void>;
}

/** Variables without the limits per address, which would stop the attack. */
export const UNLIMITED = {
  HANDSHAKE_RATE: "off",
  MAX_CONNECTIONS_PER_IP: "off",
};

/** The default variables: the attackers share the limits of one address. */
export const ONE_ADDRESS = {};

/** Milliseconds between the end of a client and its next connection. */
const RECONNECT_AFTER = 20;

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
 * Attacks a server with many clients at the same time.
 *
 * @param attack the attack
 * @param target the server
 * @param clients number of clients
 * @param signal ends the attack
 */
export async function run(
  attack: Attack,
  target: Target,
  clients: number,
  signal: AbortSignal,
): Promise<void> {
  const path = attack.path ?? target.path;
  const one = async () => {
    while (!signal.aborted) {
      await attack.behave({ ...target, path }, signal).catch(() => {});
      await pause(RECONNECT_AFTER, signal);
    }
  };
  await Promise.all(Array.from({ length: clients }, one));
}
