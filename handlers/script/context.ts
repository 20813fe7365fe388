/**
 * The parts of the running service that plans use.
 *
 * @module
 */

import type { HeldMemory } from "../../lib/memory/held_memory.ts";
import type { ListenerName } from "../../lib/websocket.ts";
import type { Journals } from "../journal/journals.ts";
import type { Reply } from "./engine/run.ts";

/** The parts of the running service. */
export interface ScriptContext {
  /** Maximum number of bytes that wait for a client. */
  readonly sendBufferLimit: number;
  /**
   * Maximum bytes of a message.
   * @default 16 MiB
   */
  readonly maxPayload?: number | undefined;
  /**
   * Maximum number of frames in a message.
   * @default 131072
   */
  readonly maxFragments?: number | undefined;
  /**
   * Milliseconds from a CLOSE to the end of TCP.
   * @default 5000
   */
  readonly closeTimeout?: number | undefined;
  /**
   * Aborted at a shutdown: handshakes that wait are refused.
   * @default never
   */
  readonly stopping?: AbortSignal | undefined;
  /**
   * Gets the records of a plan with the step `journal`.
   * @default no journal
   */
  readonly journals?: Journals | undefined;
  /**
   * Number of threads; with several, steps that keep state between connections are refused.
   * @default 1
   */
  readonly workers?: number | undefined;
  /**
   * The account of what is held for clients.
   * @default no limit
   */
  readonly heldMemory?: Pick<HeldMemory, "isTight"> | undefined;
  /**
   * ALLOWED_ORIGINS: pages of other hosts that get the secrets of their requests.
   * @default none
   */
  readonly allowedOrigins?: ReadonlySet<string> | undefined;
  /** Returns the running listeners. */
  listeners(): readonly {
    readonly name: ListenerName;
    readonly port: number;
  }[];
}

/** A plan's context and the reply of its route. */
export interface PlanContext extends ScriptContext {
  /** The reply to a message. */
  readonly reply: Reply;
}
