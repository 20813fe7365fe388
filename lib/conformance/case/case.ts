/**
 * A case of the suite as data: what is sent, what may come back, and how the end of the
 * connection is judged.
 *
 * @module
 */

import type { DeflateParameters } from "./deflate_parameters.ts";

/** A message, a PONG or a passed time that a case expects, in order. */
export type ExpectedEvent =
  | {
    /** A data message, whole. */
    readonly kind: "message";
    /** Its type. */
    readonly opcode: "text" | "binary";
    /** Its payload. */
    readonly payload: Uint8Array;
  }
  | {
    /** A PONG. */
    readonly kind: "pong";
    /** Its payload. */
    readonly payload: Uint8Array;
  }
  | {
    /** The peer has left the connection open during a wait. */
    readonly kind: "timeout";
    /** The name of the wait. */
    readonly tag: string;
  };

/** The rules for the end of the connection. */
export interface ClosingRule {
  /** The side that has to start the closing. */
  readonly by: "engine" | "peer";
  /**
   * The close codes that the peer may send; a CLOSE without a code is always allowed. The
   * engine closes with the first one.
   */
  readonly codes: readonly number[];
  /** Whether both sides have to send CLOSE before TCP ends. */
  readonly clean: boolean;
  /** Whether the behaviour is FAILED too if the wrong side starts the closing. */
  readonly wrongSideFails?: true;
}

/** A frame to send; any rule of RFC 6455 §5 can be violated. */
export interface FrameStep {
  /** Discriminates the steps. */
  readonly do: "frame";
  /** 0 to 15. */
  readonly opcode: number;
  /** Payload; empty if unset. */
  readonly payload?: Uint8Array;
  /** Repeats the payload up to this number of bytes. */
  readonly length?: number;
  /**
   * The FIN bit.
   * @default true
   */
  readonly final?: boolean;
  /** RSV1 to RSV3 as a number from 0 to 7; RSV1 is 4. */
  readonly rsv?: number;
  /** Bytes of each write to TCP. */
  readonly chop?: number;
  /** Whether the frame is a write of its own to TCP. */
  readonly alone?: true;
}

/** A step of an {@linkcode Exchange}. */
export type Step =
  | FrameStep
  | {
    /** Sends a data message. */
    readonly do: "message";
    /** Its type. */
    readonly opcode: "text" | "binary";
    /** Its payload. */
    readonly payload: Uint8Array;
    /** Bytes of each fragment; unset: one frame. */
    readonly fragmentSize?: number;
  }
  | {
    /** Sends the header of an unmasked or masked frame without FIN. */
    readonly do: "header";
    /** The opcode. */
    readonly opcode: number;
    /** The length in the header. */
    readonly length: number;
  }
  | {
    /** Sends a part of the payload that the last `header` announced. */
    readonly do: "payload";
    /** The part. */
    readonly payload: Uint8Array;
  }
  | {
    /** Sends CLOSE; the engine then waits for the peer's. */
    readonly do: "close";
    /** Any number of two bytes; unset: no code. */
    readonly code?: number;
    /** Any bytes, also without a code. */
    readonly reason?: Uint8Array;
  }
  | {
    /** Waits. The rest of the steps is left out if the connection ends before. */
    readonly do: "wait";
    /** At most this time. */
    readonly seconds: number;
    /** Ends the wait early: a PONG has arrived. */
    readonly until?: "pong";
    /** Makes the passed time an event, if the connection is still open. */
    readonly tag?: string;
  }
  | {
    /** Fails the connection with 1001 if it is not over in time. */
    readonly do: "killAfter";
    /** From this step on. */
    readonly seconds: number;
  }
  | {
    /** Sends CLOSE without a code if the connection is not over in time. */
    readonly do: "closeAfter";
    /** From this step on. */
    readonly seconds: number;
  };

/** Sends a few frames, and compares all received events with patterns. */
export interface Exchange {
  /** Discriminates the programs. */
  readonly kind: "exchange";
  /** Sent in order. */
  readonly steps: readonly Step[];
  /** The events of a correct peer. */
  readonly ok: readonly ExpectedEvent[];
  /** Events that the RFC permits but a better peer does not cause. */
  readonly nonStrict?: readonly ExpectedEvent[];
  /** False: the steps close the connection, not the arrival of the expected events. */
  readonly closesWhenDone: boolean;
}

/** Sends one large message and waits for its echo; compares type and length. */
export interface LargeMessage {
  /** Discriminates the programs. */
  readonly kind: "large message";
  /** Type of the message. */
  readonly opcode: "text" | "binary";
  /** Repeated up to `length`. */
  readonly pattern: Uint8Array;
  /** Bytes of the message. */
  readonly length: number;
  /** Bytes of each fragment; unset: one frame. */
  readonly fragmentSize?: number;
  /** Bytes of each write to TCP; unset: as fast as possible. */
  readonly chop?: number;
  /** Seconds for the echo. */
  readonly seconds: number;
}

/** Names of the payloads of families 12 and 13. */
export type SampleName = "json" | "bitmap" | "german" | "html" | "pdf";

/** Sends messages one after the other, each when the echo of the last one is there. */
export interface RoundTrips {
  /** Discriminates the programs. */
  readonly kind: "round trips";
  /** Type of the messages. */
  readonly opcode: "text" | "binary";
  /** One byte that fills each message, or a sample that the messages go through. */
  readonly source: number | SampleName;
  /** Bytes of each message. */
  readonly length: number;
  /** Number of messages. */
  readonly count: number;
  /** Bytes of each fragment of the compressed message; unset: one frame. */
  readonly fragmentSize?: number;
  /** Seconds for all messages. */
  readonly seconds: number;
  /** permessage-deflate; unset: not negotiated. */
  readonly deflate?: DeflateParameters;
}

/** What a case does. */
export type Program = Exchange | LargeMessage | RoundTrips;

/** A rule for the verdict after the end of the connection. */
export type LastRule =
  /** A wrong close code makes the behaviour FAILED. */
  | "wrong code fails"
  /** Both verdicts are INFORMATIONAL. */
  | "informational";

/** A case of the suite. */
export interface Case {
  /** 1 to 517, in the suite's order. */
  readonly number: number;
  /** Such as `1.1.1` or `13.7.18`. */
  readonly id: string;
  /** The RFC and the section of the rule that the case checks, such as `RFC 6455 §5.2`. */
  readonly section: string;
  /** What is sent, in a sentence. */
  readonly description: string;
  /** What a correct peer does, in a sentence. */
  readonly expectation: string;
  /** Rules for the end. */
  readonly closing: ClosingRule;
  /** What is sent, and what may come back. */
  readonly program: Program;
  /** A further rule for the verdict. */
  readonly lastRule?: LastRule;
}

/** A case without its number, which the table gives. */
export type CaseEntry = Omit<Case, "number">;
