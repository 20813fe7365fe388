/**
 * The interface through which a plan acts: on a connection of either listener, or on the
 * bytes of a connection of the frame listener.
 *
 * @module
 */

import type { Connection } from "../../../lib/websocket.ts";

/** The part of a connection that steps use; every `Connection` is an endpoint. */
export interface Endpoint extends
  Pick<
    Connection,
    | "id"
    | "capabilities"
    | "isOpen"
    | "protocol"
    | "send"
    | "ping"
    | "close"
    | "abort"
    | "pauseReading"
    | "resumeReading"
    | "queueWork"
    | "charge"
    | "flushed"
  > {
  /** The bytes of the connection; only for a plan that needs them. */
  readonly wire?: WireActions;
}

/** How the output is cut into segments. */
export type Delivery =
  | { readonly kind: "whole" }
  | {
    readonly kind: "drip";
    /** Bytes of a segment. */
    readonly bytes: number;
    /** Milliseconds between two segments. */
    readonly ms: number;
  }
  | {
    readonly kind: "split";
    /** Bytes of each unit's first segment; a unit is the 101 or a frame. */
    readonly at: number;
  };

/** Reactions to the client's control frames, and speeds. Steps change them. */
export interface WireSettings {
  /** The reaction to a PING; a number delays the PONG by milliseconds. */
  pong: "answer" | "none" | "wrong" | number;
  /** The reaction to a CLOSE; a number delays the answer by milliseconds. */
  close: "answer" | "none" | "cut" | number;
  /** Bytes per second that are read; `undefined`: as fast as the client sends. */
  readRate: number | undefined;
  /** How the output is cut. */
  delivery: Delivery;
}

/** The actions of a plan on the bytes of a connection. */
export interface WireActions {
  /** Reactions and speeds. */
  readonly settings: WireSettings;
  /**
   * Base-2 logarithm of the server's window in the agreed permessage-deflate, 9 to 15;
   * `undefined`: not agreed.
   */
  readonly windowBits: number | undefined;
  /**
   * Sends any bytes as one unit.
   *
   * @param bytes not changed
   */
  write(bytes: Uint8Array): void;
  /** Tells that the plan itself has sent a CLOSE: none is sent in its place. */
  closeWritten(): void;
  /** Resolves when the client has sent a CLOSE, or the connection has ended. */
  closeReceived(): PromiseLike<void>;
  /** Ends the output with FIN, after all that was sent. */
  closeWrite(): Promise<void>;
  /** Resets TCP, after all that was sent. */
  reset(): Promise<void>;
  /** Resolves when the connection has ended. */
  ended(): PromiseLike<void>;
}
