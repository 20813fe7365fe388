/**
 * The result of a case: the verdicts, and what they are based on. The names of the fields
 * are those of the suite's reports where it has them.
 *
 * @module
 */

import type { Case } from "./case.ts";
import type { LogEntry } from "./log_entry.ts";

/** The verdict on the frames that the peer has sent. */
export type Behavior =
  | "OK"
  | "NON-STRICT"
  | "INFORMATIONAL"
  | "UNIMPLEMENTED"
  | "FAILED";

/** The verdict on the end of the connection. */
export type BehaviorClose =
  | "OK"
  | "FAILED"
  | "WRONG CODE"
  | "UNCLEAN"
  | "FAILED BY CLIENT"
  | "INFORMATIONAL"
  | "UNIMPLEMENTED";

/** The side of the connection that the engine is. */
export type Role = "server" | "client";

/** How a connection ended. "Me" is the engine. */
export interface EndState {
  /** The engine has sent CLOSE first. */
  closedByMe: boolean;
  /** The engine has failed the connection: a violation, or a time limit. */
  failedByMe: boolean;
  /** The engine has ended TCP first. */
  droppedByMe: boolean;
  /** Both sides have sent CLOSE, and the server has ended TCP. */
  wasClean: boolean;
  /** Why the end was not clean; null: it was, or the engine has ended TCP. */
  wasNotCleanReason: string | null;
  /** As a client, the engine waited, and the server did not end TCP in time. */
  wasServerConnectionDropTimeout: boolean;
  /** The opening handshake took too long. */
  wasOpenHandshakeTimeout: boolean;
  /** The peer has not answered the engine's CLOSE in time. */
  wasCloseHandshakeTimeout: boolean;
  /** The code of the engine's CLOSE; null: none. */
  localCloseCode: number | null;
  /** The reason of the engine's CLOSE, in hexadecimal digits if it is not UTF-8. */
  localCloseReason: string | null;
  /** The code of the peer's CLOSE; null: none. An invalid code counts as 1000. */
  remoteCloseCode: number | null;
  /** The reason of the peer's CLOSE; null: none, or not UTF-8. */
  remoteCloseReason: string | null;
}

/** The state before the end, and of a connection that was never open. */
export const NOT_ENDED: Readonly<EndState> = {
  closedByMe: false,
  failedByMe: false,
  droppedByMe: false,
  wasClean: false,
  wasNotCleanReason: null,
  wasServerConnectionDropTimeout: false,
  wasOpenHandshakeTimeout: false,
  wasCloseHandshakeTimeout: false,
  localCloseCode: null,
  localCloseReason: null,
  remoteCloseCode: null,
  remoteCloseReason: null,
};

/** An event that a case compares; payloads are cut. */
export type ReceivedEvent =
  | {
    /** A data message. */
    readonly kind: "message";
    /** Its type. */
    readonly opcode: "text" | "binary";
    /** Its bytes. */
    readonly length: number;
    /** Its first bytes, in hexadecimal digits. */
    readonly head: string;
  }
  | {
    /** A PONG. */
    readonly kind: "pong";
    /** Its bytes. */
    readonly length: number;
    /** Its first bytes, in hexadecimal digits. */
    readonly head: string;
  }
  | {
    /** A wait has passed while the connection was open. */
    readonly kind: "timeout";
    /** Its name. */
    readonly tag: string;
  };

/** Numbers of writes, reads and frames. */
export interface Statistics {
  /** Reads from TCP, by their bytes. */
  readonly rxOctetStats: Readonly<Record<string, number>>;
  /** Writes to TCP, by their bytes. */
  readonly txOctetStats: Readonly<Record<string, number>>;
  /** Received frames, by opcode. */
  readonly rxFrameStats: Readonly<Record<string, number>>;
  /** Sent frames, by opcode. */
  readonly txFrameStats: Readonly<Record<string, number>>;
}

/** Traffic of one direction while the connection was open. */
export interface Traffic {
  /** Payload bytes before compression. */
  appLevel: number;
  /** Payload bytes on the wire. */
  webSocketLevel: number;
  /** All bytes. */
  wireLevel: number;
  /** Data frames. */
  frames: number;
  /** Data messages. */
  messages: number;
}

/** The result of a case. */
export interface CaseResult {
  /** The case. */
  readonly case: Case;
  /** Name of the client or the server. */
  readonly agent: string;
  /** The engine's side. */
  readonly role: Role;
  /** Start in milliseconds since the epoch. */
  readonly started: number;
  /** Milliseconds from the end of the opening handshake to the end of the connection. */
  readonly duration: number;
  /** The verdict on the frames. */
  readonly behavior: Behavior;
  /** The reason for it, in a sentence. */
  readonly result: string;
  /** The verdict on the end. */
  readonly behaviorClose: BehaviorClose;
  /** The reason for it, in a sentence. */
  readonly resultClose: string;
  /** The events that were compared; empty for programs that compare as they go. */
  readonly received: readonly ReceivedEvent[];
  /** How the connection ended. */
  readonly end: Readonly<EndState>;
  /** The request head. */
  readonly httpRequest: string;
  /** The response head. */
  readonly httpResponse: string;
  /** What happened on the wire, in order. */
  readonly wireLog: readonly LogEntry[];
  /** Further entries that were not kept. */
  readonly omitted: number;
  /** Counts. */
  readonly statistics: Statistics;
  /** Traffic of families 12 and 13, if all messages came back. */
  readonly traffic?: { readonly incoming: Traffic; readonly outgoing: Traffic };
}
