/**
 * What the generator sends, and what has to come back, byte for byte.
 *
 * @module
 */

import { concat } from "../../../lib/client/concat.ts";
import { encodeFrame } from "../../../lib/client/frame.ts";
import { Pinned } from "./libc.ts";

/** Messages to send. */
export interface Messages {
  /** What they are. */
  readonly opcode: "text" | "binary";
  /** Bytes of each. */
  readonly size: number;
}

/** Messages of a cycle, as far as they are small: each other than the last. */
const CYCLE = 64;

/** Bytes of a cycle, as far as there are two messages in it. */
const CYCLE_BYTES = 2 ** 21;

/** Bytes that one read may bring. */
export const READ_SIZE = 2 ** 20;

/** A cycle of frames, there and back. */
export class Streams {
  /** Bytes of a frame there. */
  readonly sentSize: number;
  /** Bytes of a frame back. */
  readonly receivedSize: number;
  /** Bytes of a cycle there. */
  readonly sentCycle: number;
  /** Bytes of a cycle back. */
  readonly receivedCycle: number;
  /** Twice the cycle, so that any run of one cycle's length is in it. */
  readonly sent: Pinned;
  /** The same, and a whole read more. */
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
   * Messages that differ from one another, each masked with a key of its own.
   *
   * @param messages what to send
   * @param depth messages that may be sent in one go
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
   * One frame, again and again.
   *
   * @param sent the frame to send
   * @param received what comes back
   * @param depth messages that may be sent in one go
   */
  static repeating(
    sent: Uint8Array<ArrayBuffer>,
    received: Uint8Array<ArrayBuffer>,
    depth: number,
  ): Streams {
    return new Streams(Array(depth).fill(sent), [received]);
  }
}

/** ASCII, other for each message. */
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
