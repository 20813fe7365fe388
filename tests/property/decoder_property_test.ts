import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Decoder } from "../../lib/frame/codec/decoder.ts";
import { allocate } from "../../lib/frame/codec/memory.ts";
import {
  type Bytes,
  concat,
  frame,
  OPCODE,
  readServerHeader,
  type WireFrame,
} from "../conformance/wire.ts";
import {
  BOUNDARIES,
  key,
  mutate,
  mutation,
  payload,
  sizes,
  utf8,
} from "./arbitraries.ts";
import { check } from "./check.ts";
import {
  decode,
  type Decoded,
  type Receive,
  reference,
  type Setting,
  split,
} from "./decoding.ts";

// Streams.

interface ClientFrame extends WireFrame {
  readonly key: Uint8Array;
}

const control: fc.Arbitrary<ClientFrame> = fc.record({
  opcode: fc.constantFrom(OPCODE.ping, OPCODE.pong),
  final: fc.constant(true),
  payload: fc.uint8Array({ maxLength: 125, size: "small" }),
  key,
});

/** A message in any fragments, control frames between them. */
const message: fc.Arbitrary<ClientFrame[]> = fc.record({
  message: fc.oneof(
    utf8.map((payload) => ({ opcode: OPCODE.text as number, payload })),
    payload.map((payload) => ({ opcode: OPCODE.binary as number, payload })),
  ),
  cuts: fc.array(fc.nat(), { maxLength: 3 }),
  between: fc.array(fc.option(control), { minLength: 1, maxLength: 4 }),
  key,
}).map(({ message: { opcode, payload }, cuts, between, key }) => {
  const at = cuts.map((cut) => cut % (payload.length + 1)).sort((a, b) =>
    a - b
  );
  const bounds = [0, ...at, payload.length];
  return bounds.slice(1).flatMap((end, i) => {
    const piece: ClientFrame = {
      opcode: i === 0 ? opcode : OPCODE.continuation,
      final: i === bounds.length - 2,
      payload: payload.slice(bounds[i], end),
      key: key.map((byte) => byte + i),
    };
    const before = between[i % between.length];
    return before ? [before, piece] : [piece];
  });
});

const stream: fc.Arbitrary<ClientFrame[]> = fc.array(message, { maxLength: 4 })
  .map((messages) => messages.flat());

function encode(frames: readonly ClientFrame[]): Bytes {
  return concat(
    ...frames.map(({ opcode, final, payload, key }) =>
      frame(opcode, payload, { final, mask: key })
    ),
  );
}

const setting: fc.Arbitrary<Setting> = fc.record({
  receive: fc.constantFrom<Receive>("message", "frame", "part"),
  echo: fc.boolean(),
  shift: fc.nat(7),
  arena: fc.boolean(),
  maxPayload: fc.constant(10_000),
});

function delivered(frames: readonly WireFrame[]): Decoded["frames"] {
  return frames.map(({ opcode, final, payload }) => ({
    opcode,
    final,
    payload: payload.toHex(),
  }));
}

/** A server's frames. */
function parse(bytes: Bytes): WireFrame[] {
  const frames: WireFrame[] = [];
  for (let at = 0; at < bytes.length;) {
    const header = readServerHeader(bytes.subarray(at));
    if (header === undefined) throw new Error("the output ends in a header");
    const start = at + header.size;
    at = start + header.length;
    assert(at <= bytes.length, "the output ends inside a frame");
    const { opcode, final } = header;
    frames.push({ opcode, final, payload: bytes.subarray(start, at) });
  }
  return frames;
}

Deno.test("Decoder.decode() decodes any encoded frames, for every form of delivery", () => {
  check(
    12,
    fc.property(stream, setting, (frames, setting) => {
      const decoded = decode([encode(frames)], setting);
      assertEquals(decoded.frames, delivered(frames));
      assertEquals(decoded.fault, undefined);
    }),
  );
});

Deno.test("Decoder.decode() gives the same frames and echo for any split", () => {
  check(
    12,
    fc.property(stream, sizes, setting, (frames, sizes, setting) => {
      const decoded = decode(split(encode(frames), sizes), setting);
      assertEquals(decoded.frames, delivered(frames));
      assertEquals(decoded.fault, undefined);
      if (!setting.echo) return;
      const data = frames.filter(({ opcode }) => opcode < 8);
      const echoed = parse(decoded.echoed);
      if (setting.receive === "part") {
        assertEquals(
          concat(...echoed.map(({ payload }) => payload)),
          concat(...data.map(({ payload }) => payload)),
        );
      } else {
        assertEquals(delivered(echoed), delivered(data));
      }
    }),
  );
});

// Faults: a second, simple decoder gives the expected result.

const small = fc.constantFrom(10, 100, 10_000);

/** Compares with the reference; parts of the frame that failed may be delivered before. */
function assertAsReference(
  bytes: Bytes,
  sizes: readonly number[],
  setting: Setting,
): void {
  const decoded = decode(split(bytes, sizes), setting);
  const expected = reference(bytes, setting.maxPayload, setting.receive);
  assertEquals(decoded.fault, expected.fault);
  assertEquals(decoded.frames, expected.frames);
}

const faulty = fc.tuple(sizes, setting, small)
  .map(([sizes, setting, maxPayload]) => ({
    sizes,
    setting: { ...setting, maxPayload },
  }));

/** Bytes that often look like headers. */
const headerLike = fc.array(
  fc.oneof(
    fc.constantFrom(0x81, 0x82, 0x01, 0x02, 0x80, 0x00, 0x88, 0x89, 0x8a),
    fc.constantFrom(0x80, 0x81, 0x82, 0x85, 0xfd, 0xfe, 0xff),
    fc.constant(0),
    fc.nat(255),
  ),
  { maxLength: 60 },
).map((bytes) => Uint8Array.from(bytes));

Deno.test("Decoder.decode() agrees with the reference on random bytes", () => {
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 200 }), headerLike);
  check(
    12,
    fc.property(bytes, faulty, (bytes, { sizes, setting }) => {
      assertAsReference(bytes, sizes, setting);
    }),
  );
});

Deno.test("Decoder.decode() agrees with the reference on mutated streams", () => {
  const mutations = fc.array(mutation, { minLength: 1, maxLength: 3 });
  check(
    12,
    fc.property(
      stream,
      mutations,
      faulty,
      (frames, mutations, { sizes, setting }) => {
        const bytes = mutations.reduce(mutate, encode(frames));
        assertAsReference(bytes, sizes, setting);
      },
    ),
  );
});

Deno.test("Decoder.decode() agrees with the reference on CLOSE payloads", () => {
  const close = fc.oneof(
    fc.tuple(fc.nat(65535), utf8),
    fc.tuple(fc.integer({ min: 990, max: 1020 }), payload),
    fc.tuple(fc.constantFrom(1000, 2999, 3000, 4999, 5000), utf8),
  ).map(([code, reason]) =>
    concat(Uint8Array.of(code >> 8, code & 255), reason).slice(0, 125)
  );
  const any = fc.oneof(close, fc.uint8Array({ maxLength: 2 }));
  check(
    5,
    fc.property(any, key, faulty, (payload, key, { sizes, setting }) => {
      const bytes = frame(OPCODE.close, payload, { mask: key });
      assertAsReference(bytes, sizes, setting);
    }),
  );
});

for (const length of BOUNDARIES) {
  Deno.test(`Decoder.decode() decodes a payload of ${length} bytes, whole and cut in its header`, () => {
    const payload = Uint8Array.from({ length }, (_, i) => i * 31);
    const bytes = frame(OPCODE.binary, payload);
    const expected = delivered([{
      opcode: OPCODE.binary,
      final: true,
      payload,
    }]);
    for (const receive of ["message", "frame", "part"] as const) {
      for (let cut = 0; cut <= Math.min(20, bytes.length); cut++) {
        for (const echo of [true, false]) {
          const setting = {
            receive,
            echo,
            shift: cut,
            arena: echo,
            maxPayload: 65537,
          };
          const chunks = [bytes.slice(0, cut), bytes.slice(cut)];
          const decoded = decode(chunks, setting);
          assertEquals(decoded.frames, expected);
          if (echo && (receive !== "part" || cut <= bytes.length - length)) {
            assertEquals(delivered(parse(decoded.echoed)), expected);
          }
        }
      }
    }
  });
}

for (
  const length of [
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32 - 1,
    2 ** 32,
    2 ** 32 + 1,
    2 ** 53 - 1,
  ]
) {
  Deno.test(`Decoder.decode() delivers a frame of ${length} bytes in pieces, or refuses it`, () => {
    const seen: number[][] = [];
    const faults: number[] = [];
    const sink = {
      frame(
        _opcode: number,
        final: boolean,
        start: number,
        end: number,
        length: number,
        left: number,
      ) {
        seen.push([Number(final), end - start, length, left]);
        return true;
      },
      fault: (code: number) => void faults.push(code),
    };
    const bytes = concat(
      frame(OPCODE.binary, "", { length }),
      Uint8Array.of(1, 2, 3),
    );
    const memory = allocate(100);
    memory.bytes.set(bytes);
    const pieces = new Decoder(sink, {
      maxPayload: 1,
      limit: "message",
      pieces: true,
    });
    assertEquals(pieces.decode(memory, 0, bytes.length), bytes.length);
    assertEquals(seen, [[0, 3, length, length - 3]]);
    assertEquals(pieces.missing, length - 3);
    const whole = new Decoder(sink, {
      maxPayload: 2 ** 30,
      limit: "message",
      pieces: false,
    });
    whole.decode(memory, 0, bytes.length);
    assertEquals([faults, seen.length], [[1009], 1]);
  });
}
