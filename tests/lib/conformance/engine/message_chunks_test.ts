import { assert, assertEquals } from "@std/assert";
import { FrameDecoder } from "../../../../lib/conformance/engine/frame_decoder.ts";
import {
  copying,
  frameCount,
  messageChunks,
  type OutgoingMessage,
  repeating,
} from "../../../../lib/conformance/engine/message_chunks.ts";
import { concat } from "../../../../lib/client/concat.ts";

/** The frames in chunks: opcode, FIN, RSV and payload. */
function framesOf(
  chunks: readonly Uint8Array<ArrayBuffer>[],
  masked: boolean,
): (readonly [number, boolean, number, Uint8Array])[] {
  const decoder = new FrameDecoder(masked ? "server" : "client", true);
  const frames: (readonly [number, boolean, number, Uint8Array])[] = [];
  let payload: Uint8Array<ArrayBuffer>[] = [];
  for (const chunk of chunks) {
    decoder.push(chunk.slice());
    for (;;) {
      const decoded = decoder.next();
      if (decoded === undefined) break;
      assert(decoded.kind === "part", "a violation");
      if (decoded.kind !== "part") break;
      payload.push(decoded.bytes.slice());
      if (!decoded.isLast) continue;
      const { opcode, final, rsv } = decoded.header;
      frames.push([opcode, final, rsv, concat(payload)]);
      payload = [];
    }
  }
  return frames;
}

const PATTERN = Uint8Array.from({ length: 7 }, (_, i) => 10 * i);

function message(changes: Partial<OutgoingMessage>): OutgoingMessage {
  return {
    opcode: 2,
    rsv: 0,
    final: true,
    length: 0,
    masked: false,
    chunkSize: 1024,
    fill: repeating(PATTERN),
    ...changes,
  };
}

function expected(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => PATTERN[i % 7]!);
}

const LENGTHS = [
  ...[0, 1, 125, 126, 127, 1013, 1014, 1015, 1020, 1022],
  ...[1024, 2048, 65_535, 65_536, 70_001],
];

for (const masked of [false, true]) {
  const kind = masked ? "masked" : "unmasked";
  for (const length of LENGTHS) {
    Deno.test(`messageChunks() encodes ${length} ${kind} bytes in one frame`, () => {
      const chunks = [...messageChunks(message({ length, masked }))];
      assert(chunks.every((chunk) => chunk.length <= 1024));
      assertEquals(framesOf(chunks, masked), [
        [2, true, 0, expected(length)],
      ]);
    });

    Deno.test(`messageChunks() encodes ${length} ${kind} bytes in fragments`, () => {
      for (const fragmentSize of [100, 126, 1000, 1014, 1024, 5000]) {
        const chunks = [
          ...messageChunks(message({ length, masked, fragmentSize, rsv: 4 })),
        ];
        const frames = framesOf(chunks, masked);
        const count = frameCount(length, fragmentSize);
        assertEquals(
          frames.map(([opcode, final, rsv]) => [opcode, final, rsv]),
          Array.from({ length: count }, (_, i) => [
            i === 0 ? 2 : 0,
            i === count - 1,
            i === 0 ? 4 : 0,
          ]),
        );
        const payloads = frames.map(([, , , payload]) => payload.slice());
        assertEquals(concat(payloads), expected(length));
      }
    });
  }
}

Deno.test("messageChunks() fills every chunk of a frame, for equal writes", () => {
  const lengths = [...messageChunks(message({ length: 65_536 - 997 }))]
    .map((chunk) => chunk.length);
  assertEquals(new Set(lengths.slice(0, -1)), new Set([1024]));
});

Deno.test("messageChunks() leaves out FIN", () => {
  const chunks = [...messageChunks(message({ final: false, length: 5 }))];
  assertEquals(framesOf(chunks, false), [[2, false, 0, expected(5)]]);
});

Deno.test("copying() copies a payload", () => {
  const fill = copying(expected(3000));
  const chunks = [...messageChunks(message({ length: 3000, fill }))];
  assertEquals(framesOf(chunks, false), [[2, true, 0, expected(3000)]]);
});

Deno.test("frameCount() has an empty last frame for a multiple", () => {
  assertEquals(
    [[0, 10], [9, 10], [10, 10], [11, 10], [20, 10], [21, 10]].map(
      ([length, size]) => frameCount(length!, size),
    ),
    [1, 1, 1, 2, 3, 3],
  );
  assertEquals(frameCount(1000), 1);
});
