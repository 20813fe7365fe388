/**
 * Facts about a record, which the rules use.
 *
 * @module
 */

import { CONTROL } from "../../../lib/frame/codec/header.ts";
import { type Opcode, OPCODE_NUMBER } from "../../../lib/websocket.ts";
import type { ConnectionRecord } from "../record/connection_record.ts";
import {
  type Entry,
  type FrameEntry,
  isFrame,
  type Side,
  type WireHeader,
} from "../record/entry.ts";

/**
 * Milliseconds by which the end of a write may be recorded after the client's answer to
 * it: the system reports both at the same time.
 */
export const WRITE_DELAY = 10;

/** A frame as it was on the wire. */
export type WireFrame = FrameEntry & { readonly wire: WireHeader };

/**
 * The client's frames, in order.
 *
 * @param record of the connection
 */
export function clientFrames(record: ConnectionRecord): WireFrame[] {
  return framesOf(record, "client").filter((entry) =>
    entry.wire !== undefined
  ) as WireFrame[];
}

/**
 * The frames or messages of a side, in order.
 *
 * @param record of the connection
 * @param from the side
 */
export function framesOf(record: ConnectionRecord, from: Side): FrameEntry[] {
  return record.entries.filter(isFrame).filter((entry) => entry.from === from);
}

/** Returns whether a frame is complete. */
export function isComplete(frame: FrameEntry): boolean {
  return frame.completedAt !== undefined;
}

/** Returns whether a frame has an opcode. */
export function isOpcode(frame: FrameEntry, opcode: Opcode): boolean {
  return frame.opcode === OPCODE_NUMBER[opcode];
}

/** Returns whether a frame is a control frame (RFC 6455 §5.5). */
export function isControl({ opcode }: FrameEntry): boolean {
  return opcode >= CONTROL;
}

/**
 * The first complete CLOSE of a side.
 *
 * @param record of the connection
 * @param from the side
 */
export function closeOf(
  record: ConnectionRecord,
  from: Side,
): FrameEntry | undefined {
  return framesOf(record, from).find((frame) =>
    isOpcode(frame, "close") && isComplete(frame)
  );
}

/** The code of a CLOSE; `undefined` if its payload has none. */
export function codeOf({ head }: FrameEntry): number | undefined {
  return head.length < 2 ? undefined : (head[0]! << 8) | head[1]!;
}

/**
 * The moment when a side has ended TCP, as far as the server has seen it.
 *
 * @param record of the connection
 * @param side the side
 */
export function tcpEndOf(
  record: ConnectionRecord,
  side: Side,
): Entry | undefined {
  return record.entries.find((entry) =>
    (entry.kind === "fin" || entry.kind === "end") && entry.from === side
  );
}

/**
 * The side that has started to close: with the first CLOSE, or else with the end of TCP.
 *
 * @param record of the connection
 */
export function closeStartedBy(record: ConnectionRecord): Side | undefined {
  const closes = record.entries.filter((entry) =>
    isFrame(entry) && isOpcode(entry, "close") && isComplete(entry)
  );
  const ends = record.entries.filter(({ kind }) =>
    kind === "fin" || kind === "end"
  );
  return (closes[0] ?? ends[0])?.from;
}

/** Returns whether two payloads are equal. */
export function hasSameBytes(one: Uint8Array, other: Uint8Array): boolean {
  return one.length === other.length &&
    one.every((byte, index) => byte === other[index]);
}

/** Text of a code for a detail. */
export function codeText(code: number | undefined): string {
  return code === undefined ? "no code" : `the code ${code}`;
}
