import { assert, assertEquals } from "@std/assert";
import {
  type FrameHeader,
  FrameParser,
} from "../../../../handlers/journal/record/frame_parser.ts";
import { encodeFrame } from "../../../../lib/client/frame.ts";

/** Parses bytes in pieces; returns the frames with their payloads. */
function parse(pieces: Iterable<Uint8Array>) {
  const frames: { header: FrameHeader; payload: string; ended: boolean }[] = [];
  const parser = new FrameParser({
    started: (header) => frames.push({ header, payload: "", ended: false }),
    payload: (bytes) => frames.at(-1)!.payload += String.fromCharCode(...bytes),
    ended: () => frames.at(-1)!.ended = true,
  });
  for (const piece of pieces) parser.push(piece);
  return { frames, rest: [...parser.incompleteHeader] };
}

function* piecesOf(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) {
    yield bytes.subarray(at, at + size);
  }
}

function concat(...parts: Uint8Array[]): Uint8Array {
  return new Uint8Array(parts.flatMap((part) => [...part]));
}

const KEY = new Uint8Array([0x12, 0x34, 0x56, 0x78]);

const STREAM = concat(
  encodeFrame("text", "hello", { mask: KEY, final: false }),
  encodeFrame("ping", "", { mask: KEY }),
  encodeFrame("continuation", "x".repeat(126), { mask: KEY }),
  encodeFrame("binary", new Uint8Array(70_000).fill(7), { mask: "none" }),
  encodeFrame(11, "odd", { mask: KEY, rsv: 5 }),
);

Deno.test("FrameParser gives the same frames wherever the bytes are split", () => {
  const whole = parse([STREAM]);
  assertEquals(
    whole.frames.map(({ header }) => header.opcode),
    [1, 9, 0, 2, 11],
  );
  for (const size of [1, 2, 3, 5, 7, 4095, 4096, 4097]) {
    assertEquals(parse(piecesOf(STREAM, size)), whole, `pieces of ${size}`);
  }
});

Deno.test("FrameParser splits at every byte of a header", () => {
  const whole = parse([STREAM]);
  for (let at = 0; at < 160; at++) {
    const pieces = [STREAM.subarray(0, at), STREAM.subarray(at)];
    assertEquals(parse(pieces), whole, `split at ${at}`);
  }
});

Deno.test("FrameParser gives header fields and the unmasked payload", () => {
  const { frames } = parse([STREAM]);
  assertEquals(frames[0], {
    header: {
      opcode: 1,
      final: false,
      rsv: 0,
      mask: 0x12345678,
      lengthBits: 7,
      length: 5,
    },
    payload: "hello",
    ended: true,
  });
  assertEquals(frames[2]!.header.lengthBits, 16);
  assertEquals(frames[3]!.header.lengthBits, 64);
  assertEquals(frames[3]!.header.mask, undefined);
  assertEquals(frames[4]!.header.rsv, 5);
});

Deno.test("FrameParser walks over a frame of 16 MiB in blocks", () => {
  let largest = 0;
  let total = 0;
  const parser = new FrameParser({
    started() {},
    payload(bytes) {
      largest = Math.max(largest, bytes.length);
      total += bytes.length;
    },
    ended() {},
  });
  parser.push(new Uint8Array([0x82, 0xff, 0, 0, 0, 0, 1, 0, 0, 0, 1, 2, 3, 4]));
  for (let i = 0; i < 256; i++) parser.push(new Uint8Array(65_536));
  assertEquals(total, 2 ** 24);
  assert(largest <= 4096, `a block of ${largest} bytes`);
});

Deno.test("FrameParser reads a length of 2^63", () => {
  const header = new Uint8Array([0x82, 0x7f, 0x80, 0, 0, 0, 0, 0, 0, 0]);
  const { frames } = parse([header, new Uint8Array(3)]);
  assertEquals(frames[0]!.header.length, 2 ** 63);
  assertEquals(frames[0]!.payload.length, 3);
  assertEquals(frames[0]!.ended, false);
});

Deno.test("FrameParser keeps the bytes of an incomplete header", () => {
  assertEquals(parse([new Uint8Array([0x81, 0xfe, 0])]).rest, [0x81, 0xfe, 0]);
  assertEquals(parse([STREAM]).rest, []);
});
