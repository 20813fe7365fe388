/**
 * Decoding as a connection does it, and a second, simple decoder that gives the
 * expected result.
 *
 * @module
 */

import { assert, assertEquals } from "@std/assert";
import { Decoder } from "../../lib/frame/codec/decoder.ts";
import { FIN } from "../../lib/frame/codec/header.ts";
import { allocate, type Memory } from "../../lib/frame/codec/memory.ts";
import { bufferPool } from "../../lib/frame/transport/buffer_pool.ts";
import { Output } from "../../lib/frame/transport/output.ts";
import { type Bytes, concat } from "../conformance/wire.ts";

/** The form of delivery: messages, frames or parts of frames. */
export type Receive = "message" | "frame" | "part";

/** Options of a decoder. */
export interface Setting {
  readonly receive: Receive;
  /** Whether whole frames are echoed from where they lie. */
  readonly echo: boolean;
  /** The address of the first byte, modulo 8. */
  readonly shift: number;
  readonly arena: boolean;
  readonly maxPayload: number;
}

/** The result of decoding. */
export interface Decoded {
  /** The frames; parts are joined and checked. */
  readonly frames: { opcode: number; final: boolean; payload: string }[];
  /** The close code of the fault. */
  readonly fault: number | undefined;
  /** The echoed bytes. */
  readonly echoed: Bytes;
}

/** Bytes in front of the input, as in a receive buffer. */
const HEADROOM = 16;
const ROOM = 2 ** 20;
/** A buffer of the arena. */
export const buffer = bufferPool.take(ROOM);
/** Memory outside of the arena. */
export const plain = allocate(ROOM);

/**
 * Decodes chunks in order.
 *
 * @param chunks a stream
 * @param setting options of the decoder
 */
export function decode(chunks: readonly Bytes[], setting: Setting): Decoded {
  const { receive, echo, maxPayload } = setting;
  const memory: Memory = setting.arena ? buffer.memory : plain;
  const base = (setting.arena ? buffer.offset : 0) + HEADROOM;
  const { bytes } = memory;
  const frames: Decoded["frames"] = [];
  const output = new Output();
  const echoed: Bytes[] = [];
  let open: { bytes: Bytes[]; length: number; left: number } | undefined;
  let fault: number | undefined;
  let calls = 0;

  const decoder = new Decoder({
    frame(opcode, final, start, end, length, left) {
      assertEquals(fault, undefined, "a frame after a fault");
      assert(start <= end && end - start <= length && left >= 0);
      calls++;
      const piece = bytes.slice(start, end);
      if (opcode >= 8) {
        frames.push({ opcode, final, payload: piece.toHex() });
        assert(left === 0 && piece.length === length);
        return true;
      }
      if (echo) {
        send(opcode, final, start, end, left === 0 && piece.length === length);
      }
      open ??= { bytes: [], length, left: length };
      open.bytes.push(piece);
      assertEquals([length, left], [open.length, open.left - piece.length]);
      open.left = left;
      if (left > 0) {
        assertEquals([receive, final], ["part", false]);
        return true;
      }
      const payload = concat(...open.bytes).toHex();
      frames.push({ opcode, final, payload });
      open = undefined;
      return true;
    },
    fault(code, reason) {
      assertEquals(fault, undefined, "a second fault");
      assert(reason.length > 0 && reason.length < 60);
      fault = code;
    },
  }, {
    maxPayload,
    limit: receive === "frame" ? "frame" : "message",
    pieces: receive === "part",
  });

  function send(
    opcode: number,
    final: boolean,
    start: number,
    end: number,
    isWhole: boolean,
  ) {
    const first = (final ? FIN : 0) | opcode;
    if (isWhole && output.extendRun(bytes, first, start, end)) {
      decoder.floor = end;
    } else {
      output.spillRun(bytes);
      output.append(first, bytes.subarray(start, end));
    }
  }

  let rest: Bytes = new Uint8Array(0);
  let total = 0;
  for (const [index, chunk] of chunks.entries()) {
    const start = base + (setting.shift + index) % 8;
    bytes.set(rest, start);
    bytes.set(chunk, start + rest.length);
    const end = start + rest.length + chunk.length;
    total += chunk.length;
    bytes.fill(0xee, end, end + 32);
    decoder.floor = -1;
    const at = decoder.decode(memory, start, end);
    assert(at >= start && at <= end);
    if (fault !== undefined) {
      assertEquals(at, end, "a fault consumes everything");
    }
    // The pieces of the RFC's smallest frame are a byte each; headers are more.
    assert(calls <= total);
    assertEquals(
      bytes.subarray(end, end + 32).every((byte) => byte === 0xee),
      true,
    );
    while (!output.isEmpty) {
      const taken = output.take(bytes);
      echoed.push(taken.slice());
      output.wrote(taken.length);
    }
    assertEquals(output.length, 0);
    rest = bytes.slice(at, end);
  }
  return { frames, fault, echoed: concat(...echoed) };
}

/**
 * Splits a stream.
 *
 * @param bytes the stream
 * @param sizes sizes of the chunks, repeated
 */
export function split(bytes: Bytes, sizes: readonly number[]): Bytes[] {
  const chunks: Bytes[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const end = Math.min(at + sizes[i % sizes.length]!, bytes.length);
    chunks.push(bytes.slice(at, end));
    at = end;
  }
  return chunks;
}

/** The expected result. */
export interface Expected {
  readonly frames: Decoded["frames"];
  readonly fault: number | undefined;
}

/** Decodes a whole input by RFC 6455 §5, in the order of its bytes. */
export function reference(
  bytes: Bytes,
  maxPayload: number,
  limit: Receive,
): Expected {
  const frames: Decoded["frames"] = [];
  let message = 0;
  let before = 0n;
  let text: Bytes = new Uint8Array(0);
  const ends = (fault?: number) => ({ frames, fault });
  for (let at = 0; at < bytes.length;) {
    const [first = 0, second] = bytes.subarray(at, at + 2);
    const opcode = first & 15;
    const final = first >= 128;
    if ((first & 0x70) !== 0 || ![0, 1, 2, 8, 9, 10].includes(opcode)) {
      return ends(1002);
    }
    if (opcode >= 8 && !final) return ends(1002);
    if (opcode === 0 && message === 0) return ends(1002);
    if (opcode < 8 && opcode > 0 && message !== 0) return ends(1002);
    if (second === undefined) return ends();
    if (second < 128) return ends(1002);
    const short = second & 127;
    if (opcode >= 8 && short > 125) return ends(1002);
    const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
    if (bytes.length < at + 2 + extra) return ends();
    const length = extra === 0
      ? BigInt(short)
      : BigInt(`0x${bytes.subarray(at + 2, at + 2 + extra).toHex()}`);
    if (extra === 2 && length < 126n || extra === 8 && length < 65536n) {
      return ends(1002);
    }
    if (length >= 2n ** 63n) return ends(1002);
    const isTooBig = limit === "part"
      ? length > Number.MAX_SAFE_INTEGER
      : length + before > maxPayload;
    if (opcode < 8 && isTooBig) return ends(1009);
    const start = at + 2 + extra + 4;
    if (bytes.length < start) return ends();
    const mask = bytes.subarray(start - 4, start);
    const end = Number(BigInt(start) + length);
    const isComplete = end <= bytes.length;
    if (opcode >= 8 && !isComplete) return ends();
    const payload = bytes.slice(start, Math.min(end, bytes.length))
      .map((byte, i) => byte ^ mask[i & 3]!);
    if (opcode === 8) {
      const fault = closeFault(payload);
      if (fault !== undefined) return ends(fault);
    }
    if (opcode < 8) {
      const kind = opcode || message;
      if (kind === 1) {
        text = concat(text, payload);
        if (!canContinue(text)) return ends(1007);
      }
      if (!isComplete) return ends();
      if (final && !isUtf8(text)) return ends(1007);
      message = final ? 0 : kind;
      before = final || limit === "frame" ? 0n : before + length;
      if (final) text = new Uint8Array(0);
    }
    frames.push({ opcode, final, payload: payload.toHex() });
    at = end;
  }
  return ends();
}

function closeFault(payload: Bytes): number | undefined {
  if (payload.length === 0) return undefined;
  if (payload.length === 1) return 1002;
  const code = payload[0]! * 256 + payload[1]!;
  const isAllowed = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011]
    .includes(code) ||
    (code >= 1012 && code <= 1014) ||
    (code >= 3000 && code <= 4999);
  if (!isAllowed) return 1002;
  return isUtf8(payload.slice(2)) ? undefined : 1007;
}

/**
 * Whether bytes are UTF-8, by the runtime.
 *
 * @param bytes a whole text
 */
export function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** One of these completes a code point that is cut off. */
const TAILS = [
  [],
  ...[0x80, 0xbf].flatMap((second) => [
    [second],
    [second, 0x80],
    [second, 0x80, 0x80],
  ]),
].map((tail) => Uint8Array.from(tail));

/** Whether some text begins with these bytes. */
export function canContinue(bytes: Uint8Array): boolean {
  return TAILS.some((tail) => isUtf8(concat(bytes, tail)));
}
