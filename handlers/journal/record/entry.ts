/**
 * The entries of a record: what happened on a connection, in order.
 *
 * @module
 */

import type { FaultExpectation } from "./fault.ts";

/** A side of a connection. */
export type Side = "client" | "server";

/** The parts of an entry of any kind. */
export interface EntryCommon {
  /** Number of the entry in its record, from 0; the evidence of the verdict. */
  readonly n: number;
  /** Milliseconds since the record began. */
  readonly time: number;
  /** The side that caused the entry. */
  readonly from: Side;
}

/** The parts of a frame that only the wire shows (RFC 6455 §5.2). */
export interface WireHeader {
  /** RSV1 to RSV3 as a number from 0 to 7; RSV1 is 4. */
  readonly rsv: number;
  /** The masking key as a 32-bit number; `undefined` if the frame is not masked. */
  readonly mask: number | undefined;
  /** Size of the length field in bits: 7, 16 or 64. */
  readonly lengthBits: 7 | 16 | 64;
}

/** A frame, or on the edge listener a message. */
export interface FrameEntry extends EntryCommon {
  /** `message`: the runtime shows no frames. */
  readonly kind: "frame" | "message";
  /** A number from 0 to 15. */
  readonly opcode: number;
  /** The FIN bit. */
  readonly final: boolean;
  /** Bytes of the payload, as the header has them. */
  readonly length: number;
  /** The first bytes of the payload, unmasked. */
  readonly head: Uint8Array;
  /** Bytes of the payload that have been seen. */
  seen: number;
  /** Milliseconds since the record began when the last byte was seen. */
  completedAt: number | undefined;
  /** Whether the text of the message stops being UTF-8 in this frame. */
  isInvalidText: boolean;
  /** Whether it arrived together with the request. */
  readonly isPipelined?: boolean;
  /** Absent for messages. */
  readonly wire?: WireHeader;
}

/** Bytes that are no frames, such as the body of a response. */
export interface BytesEntry extends EntryCommon {
  /** The kind of the entry. */
  readonly kind: "bytes";
  /** Number of bytes so far. */
  length: number;
  /** The first bytes. */
  head: Uint8Array;
}

/** The request or the response is complete; the record has its fields. */
export interface HeadEntry extends EntryCommon {
  /** The kind of the entry. */
  readonly kind: "request" | "response";
  /** The first line; secrets are masked. */
  readonly line: string;
}

/** A side has ended its output. */
export interface FinEntry extends EntryCommon {
  /** The kind of the entry. */
  readonly kind: "fin";
}

/** The connection is over. `from` is the side that ended it. */
export interface EndEntry extends EntryCommon {
  /** The kind of the entry. */
  readonly kind: "end";
  /** `failed`: a read or a write failed, because the client has reset the connection. */
  readonly how: "closed" | "failed";
}

/** The server has violated a rule on purpose. */
export interface FaultEntry extends EntryCommon {
  /** The kind of the entry. */
  readonly kind: "fault";
  /** Name of the fault. */
  readonly name: string;
  /** The behaviour of a correct client. */
  readonly expectation: FaultExpectation;
}

/** An entry of a record. */
export type Entry =
  | FrameEntry
  | BytesEntry
  | HeadEntry
  | FinEntry
  | EndEntry
  | FaultEntry;

/** Returns whether an entry is a frame or a message. */
export function isFrame(entry: Entry): entry is FrameEntry {
  return entry.kind === "frame" || entry.kind === "message";
}
