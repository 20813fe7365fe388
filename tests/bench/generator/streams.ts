/**
 * The bytes that the generator sends and the bytes that it expects.
 *
 * @module
 */

import { concat } from "../../../lib/client/concat.ts";
import { encodeFrame } from "../../../lib/client/frame.ts";
import { Pinned } from "./libc.ts";

/** The messages of a load. */
export interface Messages {
  /** Their opcode. */
  readonly opcode: "text" | "binary";
  /** Bytes per message. */
  readonly size: number;
}

/** Different messages in a cycle, if they are small. */
const CYCLE = 64;

/** Bytes of a cycle, if it has more than two messages. */
const CYCLE_BYTES = 2 ** 21;

/** Bytes per read, at most. */
export const READ_SIZE = 2 ** 20;

/** A cycle of frames and of their echoes. */
export class Streams {
  /** Bytes of a sent frame. */
  readonly sentSize: number;
  /** Bytes of an echoed frame. */
  readonly receivedSize: number;
  /** Bytes of a sent cycle. */
  readonly sentCycle: number;
  /** Bytes of an echoed cycle. */
  readonly receivedCycle: number;
  /** Two sent cycles, so that a run of a cycle's length may start anywhere. */
  readonly sent: Pinned;
  /** The echoed cycle and one more read of it. */
  readonly received: Pinned;

  private constructor(
    sent: readonly Uint8Array<ArrayBuffer>[],
    received: readonly Uint8Array<ArrayBuffer>[],
  ) {
    this.sentSize = sent[0]!.length;
    this.receivedSize = received[0]!.length;
    this.sentCycle = this.sentSize * sent.length;
    this.receivedCycle = this.receivedSize * received.length;
    this.sent = new Pinned(repeated(concat(sent), 2 * this.sentCycle));
    this.received = new Pinned(
      repeated(concat(received), this.receivedCycle + READ_SIZE),
    );
  }

  /**
   * Different messages, each with its own mask.
   *
   * @param messages of the load
   * @param depth messages that may be sent in one write
   */
  static of({ opcode, size }: Messages, depth: number): Streams {
    const fitting = Math.max(Math.floor(CYCLE_BYTES / size), 2);
    const count = Math.max(Math.min(CYCLE, fitting), depth);
    const payloads = Array.from({ length: count }, (_, i) => payload(size, i));
    return new Streams(
      payloads.map((bytes) => encodeFrame(opcode, bytes)),
      payloads.map((bytes) => encodeFrame(opcode, bytes, { mask: "none" })),
    );
  }

  /**
   * The same frame for each message.
   *
   * @param sent the frame to send
   * @param received its echo
   * @param depth messages that may be sent in one write
   */
  static repeating(
    sent: Uint8Array<ArrayBuffer>,
    received: Uint8Array<ArrayBuffer>,
    depth: number,
  ): Streams {
    return new Streams(Array(depth).fill(sent), [received]);
  }
}

/** ASCII that depends on the message. */
function payload(size: number, seed: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(
    { length: size },
    (_, i) => 0x20 + (i * 7 + seed * 31 + (i >> 6)) % 0x5f,
  );
}

function repeated(
  bytes: Uint8Array<ArrayBuffer>,
  length: number,
): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(length);
  for (let at = 0; at < length; at += bytes.length) {
    all.set(bytes.subarray(0, length - at), at);
  }
  return all;
}
