import { assert, assertEquals } from "@std/assert";
import { Fragments } from "../../../../lib/frame/connection/fragments.ts";
import { MessageDeflater } from "../../../../lib/frame/connection/message_deflater.ts";
import { MessageInflater } from "../../../../lib/frame/connection/message_inflater.ts";

const KIB = 1024;
const FIN = 0x80;
const RSV1 = 0x40;
const TEXT = 0x1;

/** An unmasked frame. */
interface Frame {
  readonly first: number;
  readonly payload: Uint8Array;
}

/** Makes all fragments; returns the frames and the longest chunk. */
function make(fragments: Fragments): { frames: Frame[]; longest: number } {
  const frames: Frame[] = [];
  let longest = 0;
  while (!fragments.isDone) {
    const chunk = fragments.next();
    longest = Math.max(longest, chunk.length);
    frames.push(...framesOf(chunk));
  }
  assertEquals(fragments.length, 0);
  return { frames, longest };
}

function framesOf(chunk: Uint8Array): Frame[] {
  const view = new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
  const frames: Frame[] = [];
  for (let at = 0; at < chunk.length;) {
    const first = chunk[at]!;
    let length = chunk[at + 1]!;
    at += 2;
    if (length === 126) {
      length = view.getUint16(at);
      at += 2;
    } else if (length === 127) {
      length = Number(view.getBigUint64(at));
      at += 8;
    }
    frames.push({ first, payload: chunk.slice(at, at + length) });
    at += length;
  }
  return frames;
}

function random(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(
    { length },
    (_, i) => Math.imul(i + 1, 2654435761) >>> 13,
  );
}

function joined(frames: readonly Frame[]): Uint8Array {
  return Uint8Array.from(frames.flatMap(({ payload }) => [...payload]));
}

for (
  const [length, size, count] of [
    [0, 5, 1],
    [1, 1, 1],
    [5, 5, 1],
    [6, 5, 2],
    [10, 5, 2],
    [20_000, 1, 20_000],
    [300 * KIB, 70 * KIB, 5],
    [300 * KIB, 1000, 308],
  ] as const
) {
  Deno.test(`Fragments makes ${count} frames of ${length} bytes and fragments of ${size}`, () => {
    const payload = random(length);
    const fragments = new Fragments(FIN | TEXT, payload, size, undefined);
    const { frames, longest } = make(fragments);
    assertEquals(
      frames.map(({ first }) => first),
      Array.from(
        { length: count },
        (_, i) => (i === 0 ? TEXT : 0) | (i === count - 1 ? FIN : 0),
      ),
    );
    assert(frames.every(({ payload }) => payload.length <= size));
    assertEquals(joined(frames), payload);
    assert(longest <= Math.max(72 * KIB, size + 10), `${longest}`);
  });
}

Deno.test("Fragments without FIN leave the message open", () => {
  const fragments = new Fragments(TEXT, random(5), 2, undefined);
  const { frames } = make(fragments);
  assertEquals(frames.map(({ first }) => first), [TEXT, 0, 0]);
});

for (const [length, size] of [[300 * KIB, 64 * KIB], [1000, 1], [50, 50]]) {
  Deno.test(`Fragments compresses ${length} bytes in fragments of ${size}`, () => {
    const use = { maxWindowBits: undefined, noContextTakeover: false };
    const payload = random(length!);
    const first = FIN | RSV1 | TEXT;
    const deflater = new MessageDeflater(use);
    const { frames } = make(new Fragments(first, payload, size!, deflater));
    const count = Math.ceil(length! / size!);
    assertEquals(
      frames.map(({ first }) => first),
      Array.from(
        { length: count },
        (_, i) => (i === 0 ? RSV1 | TEXT : 0) | (i === count - 1 ? FIN : 0),
      ),
    );
    const inflater = new MessageInflater(use, Infinity);
    for (const [i, { payload }] of frames.entries()) {
      const isLast = i === frames.length - 1;
      let more = inflater.push(2, payload, 0, payload.length, isLast);
      while (more === "more") {
        inflater.keep();
        more = inflater.resume(payload, payload.length, isLast);
      }
      assertEquals(more, undefined);
      inflater.keep();
    }
    const inflated = inflater.length;
    assertEquals(inflater.take().slice(0, inflated), payload);
    deflater.free();
    inflater.free();
  });
}
