import { assert, assertEquals } from "@std/assert";
import fc from "fast-check";
import { Decoder } from "../../lib/frame/codec/decoder.ts";
import { FIN, headerSize, writeHeader } from "../../lib/frame/codec/header.ts";
import { rotateKey, unmask, unmaskPlain } from "../../lib/frame/codec/mask.ts";
import { allocate, ARENA } from "../../lib/frame/codec/memory.ts";
import { Output } from "../../lib/frame/transport/output.ts";
import { findHeadEnd, parseHead } from "../../lib/frame/codec/request_head.ts";
import { Utf8Validator } from "../../lib/frame/codec/utf8.ts";
import {
  buffer,
  canContinue,
  decode,
  type Decoded,
  isUtf8,
  plain,
  type Receive,
  reference,
  type Setting,
  split,
} from "./decoding.ts";
import { handshakeHead } from "../conformance/client.ts";
import {
  type Bytes,
  concat,
  frame,
  OPCODE,
  readServerHeader,
  toBytes,
  type WireFrame,
} from "../conformance/wire.ts";

/** Runs of all properties together. */
const RUNS = 100_000;

/** Checks a property with a percentage of all runs; fast-check prints the seed of a failure. */
function check<Values extends [unknown, ...unknown[]]>(
  hundredths: number,
  property: fc.IProperty<Values>,
): void {
  fc.assert(property, { numRuns: RUNS * hundredths / 100 });
}

// Streams.

interface ClientFrame extends WireFrame {
  readonly key: Uint8Array;
}

const key = fc.uint8Array({ minLength: 4, maxLength: 4 });

const payload = fc.oneof(
  { weight: 8, arbitrary: fc.uint8Array({ maxLength: 40 }) },
  {
    weight: 1,
    arbitrary: fc.integer({ min: 120, max: 700 })
      .map((length) => Uint8Array.from({ length }, (_, i) => i * 7)),
  },
);

const utf8 = fc.oneof(
  { weight: 6, arbitrary: fc.string({ unit: "binary", maxLength: 20 }) },
  { weight: 2, arbitrary: fc.string({ maxLength: 40 }) },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.string({ unit: "binary", minLength: 1, maxLength: 4 }),
      fc.integer({ min: 20, max: 80 }),
    ).map(([unit, times]) => unit.repeat(times)),
  },
).map(toBytes);

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

/** Sizes of the chunks, repeated. */
const sizes = fc.oneof(
  fc.constant([1]),
  fc.constant([Infinity]),
  fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 6 }),
);

function encode(frames: readonly ClientFrame[]): Bytes {
  return concat(
    ...frames.map(({ opcode, final, payload, key }) =>
      frame(opcode, payload, { final, key })
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

const mutation = fc.record({
  kind: fc.constantFrom("flip", "set", "insert", "delete", "cut", "repeat"),
  at: fc.nat(),
  count: fc.integer({ min: 1, max: 8 }),
  value: fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 0x7f, 0x80, 0xfe, 0xff)),
});

function mutate(
  bytes: Bytes,
  by: typeof mutation extends fc.Arbitrary<infer T> ? T : never,
): Bytes {
  if (bytes.length === 0) return bytes;
  const at = by.at % bytes.length;
  const head = bytes.slice(0, at);
  const tail = bytes.slice(at);
  switch (by.kind) {
    case "flip":
      tail[0]! ^= 1 << (by.value & 7);
      return concat(head, tail);
    case "set":
      tail[0] = by.value;
      return concat(head, tail);
    case "insert":
      return concat(head, new Uint8Array(by.count).fill(by.value), tail);
    case "delete":
      return concat(head, tail.subarray(by.count));
    case "cut":
      return head;
    default:
      return concat(head, tail.subarray(0, by.count), tail);
  }
}

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
      const bytes = frame(OPCODE.close, payload, { key });
      assertAsReference(bytes, sizes, setting);
    }),
  );
});

const BOUNDARIES = [0, 1, 124, 125, 126, 127, 65534, 65535, 65536, 65537];

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

// Headers and the output.

for (
  const length of [
    ...BOUNDARIES,
    2 ** 31,
    2 ** 32 - 1,
    2 ** 32,
    2 ** 32 + 1,
    2 ** 53 - 1,
  ]
) {
  Deno.test(`writeHeader() writes ${length} in its shortest form`, () => {
    const bytes = new Uint8Array(20).fill(0xee);
    const end = writeHeader(bytes, 3, FIN | OPCODE.binary, length);
    assertEquals(end, 3 + headerSize(length));
    assertEquals(readServerHeader(bytes.subarray(3, end)), {
      opcode: OPCODE.binary,
      final: true,
      length,
      size: headerSize(length),
    });
    assertEquals([bytes[2], bytes[end]], [0xee, 0xee]);
  });
}

Deno.test("writeHeader() round trips any length", () => {
  const length = fc.oneof(fc.maxSafeNat(), fc.nat(200), fc.nat(70_000));
  check(
    4,
    fc.property(length, fc.nat(5), (length, at) => {
      const bytes = new Uint8Array(20);
      const end = writeHeader(bytes, at, OPCODE.text, length);
      const header = readServerHeader(bytes.subarray(at, end));
      assertEquals([header?.length, header?.size], [length, end - at]);
    }),
  );
});

Deno.test("Output gives the appended frames in order, and counts their bytes", () => {
  const step = fc.oneof(
    payload.map((payload) => ({ kind: "frame" as const, payload })),
    payload.map((payload) => ({ kind: "raw" as const, payload })),
    fc.nat().map((count) => ({ kind: "take" as const, count })),
  );
  check(
    4,
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      const output = new Output();
      const appended: Uint8Array[] = [];
      const taken: Uint8Array[] = [];
      let waiting = 0;
      const take = () => {
        const bytes = output.take(new Uint8Array(0));
        taken.push(bytes.slice());
        for (let left = bytes.length; left > 0;) {
          const count = Math.ceil(left / 2);
          output.wrote(count);
          left -= count;
          waiting -= count;
          assertEquals(output.length, waiting);
        }
      };
      for (const step of steps) {
        if (step.kind === "take") take();
        else {
          const { kind, payload } = step;
          const bytes = kind === "raw"
            ? payload
            : frame(OPCODE.binary, payload, { key: "none" });
          if (kind === "raw") output.appendRaw(payload);
          else output.append(FIN | OPCODE.binary, payload);
          appended.push(bytes);
          waiting += bytes.length;
        }
        assertEquals(output.length, waiting);
        assertEquals(output.isEmpty, waiting === 0);
      }
      take();
      assertEquals(concat(...taken), concat(...appended));
    }),
  );
});

// Masking.

Deno.test("unmask() in the arena equals unmaskPlain(), for every length, alignment and distance", () => {
  const base = buffer.offset;
  const room = 400;
  const source = crypto.getRandomValues(new Uint8Array(room));
  const own = allocate(room);
  for (let length = 0; length <= 300; length++) {
    for (let alignment = 0; alignment < 16; alignment++) {
      const from = 40 + alignment;
      const mask = (length * 0x9e3779b1) ^ (alignment * 0x85ebca6b);
      ARENA.bytes.set(source, base);
      own.bytes.set(source);
      for (let distance = 0; distance <= 20; distance++) {
        const target = from - distance;
        const inArena = unmask(ARENA, base + from, base + target, length, mask);
        const inPlain = unmaskPlain(own, from, target, length, mask);
        if (
          inArena !== inPlain ||
          !same(ARENA.bytes.subarray(base, base + room), own.bytes)
        ) {
          throw new Error(`length ${length}, ${from} to ${target}`);
        }
      }
    }
  }
});

function same(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

Deno.test("unmask() and unmaskPlain() equal the definition, and change no other byte", () => {
  const ascii = fc.boolean();
  const input = fc.tuple(payload, key, fc.nat(20), fc.nat(40), ascii);
  check(
    10,
    fc.property(input, ([random, key, gap, distance, ascii]) => {
      const bytes = ascii ? random.map((byte) => byte & 127) : random;
      const expected = bytes.map((byte, i) => byte ^ key[i & 3]!);
      const isAscii = expected.every((byte) => byte < 128);
      const word = new DataView(key.buffer, key.byteOffset).getInt32(0, true);
      for (
        const [memory, base, run] of [
          [ARENA, buffer.offset, unmask],
          [plain, 0, unmask],
          [plain, 0, unmaskPlain],
        ] as const
      ) {
        const source = base + 40 + gap;
        const target = source - distance;
        const end = source + bytes.length;
        memory.bytes.fill(0xee, base, end + 40);
        memory.bytes.set(bytes, source);
        assertEquals(run(memory, source, target, bytes.length, word), isAscii);
        const result = memory.bytes.slice(target, target + bytes.length);
        assert(same(result, expected));
        assert(
          memory.bytes.subarray(base, target).every((byte) => byte === 0xee),
        );
        const behind = Math.max(target + bytes.length, end);
        assert(
          memory.bytes.subarray(behind, end + 40).every((byte) =>
            byte === 0xee
          ),
        );
      }
    }),
  );
});

Deno.test("rotateKey() continues where a payload was split", () => {
  check(
    2,
    fc.property(payload, key, fc.nat(), (payload, key, cut) => {
      const word = new DataView(key.buffer, key.byteOffset).getInt32(0, true);
      const at = cut % (payload.length + 1);
      plain.bytes.set(payload);
      unmaskPlain(plain, 0, 0, at, word);
      unmaskPlain(plain, at, at, payload.length - at, rotateKey(word, at));
      const expected = payload.map((byte, i) => byte ^ key[i & 3]!);
      assert(same(plain.bytes.subarray(0, payload.length), expected));
    }),
  );
});

// UTF-8.

const nearUtf8: fc.Arbitrary<Bytes> = fc.oneof(
  utf8,
  fc.tuple(utf8, mutation).map(([bytes, by]) => mutate(bytes, by)),
  fc.array(
    fc.constantFrom(
      ...[0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2],
      ...[
        0xdf,
        0xe0,
        0xe1,
        0xec,
        0xed,
        0xee,
        0xef,
        0xf0,
        0xf1,
        0xf3,
        0xf4,
        0xf5,
        0xff,
      ],
    ),
    { maxLength: 12 },
  ).map((bytes) => Uint8Array.from(bytes)),
  fc.tuple(fc.nat(120), utf8, mutation, fc.nat(120)).map((
    [before, bytes, by, after],
  ) =>
    concat(
      toBytes("a".repeat(before)),
      mutate(bytes, by),
      toBytes("é".repeat(after)),
    )
  ),
  fc.uint8Array({ maxLength: 30 }),
);

Deno.test("Utf8Validator agrees with TextDecoder, for any split", () => {
  check(
    11,
    fc.property(nearUtf8, sizes, (bytes, sizes) => {
      let validator = new Utf8Validator();
      let good = true;
      for (const chunk of split(bytes, sizes)) {
        if (!validator.push(chunk, 0, chunk.length)) {
          good = false;
          break;
        }
        // A copy can continue the check.
        if (chunk.length % 3 === 0) validator = new Utf8Validator(validator);
      }
      assertEquals(good && validator.isComplete, isUtf8(bytes));
    }),
  );
});

Deno.test("Utf8Validator fails at the first invalid byte", () => {
  check(
    4,
    fc.property(nearUtf8, fc.nat(3), (bytes, offset) => {
      const validator = new Utf8Validator();
      const presented = concat(new Uint8Array(offset).fill(0xff), bytes);
      for (let at = 0; at < bytes.length; at++) {
        const prefix = bytes.subarray(0, at + 1);
        const good = validator.push(presented, offset + at, offset + at + 1);
        assertEquals(good, canContinue(prefix), `at byte ${at}`);
        const whole = new Utf8Validator();
        assertEquals(whole.push(prefix, 0, prefix.length), good);
        if (!good) return;
        assertEquals(validator.isComplete, isUtf8(prefix));
      }
    }),
  );
});

Deno.test("Utf8Validator agrees with TextDecoder on every first and second byte", () => {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const bytes = new Uint8Array(3);
  const seconds = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff];
  for (let first = 0xbf; first < 256; first++) {
    for (let second = 0; second < 256; second++) {
      for (const third of seconds) {
        bytes.set([first, second, third]);
        let expected = true;
        try {
          decoder.decode(bytes);
        } catch {
          expected = false;
        }
        const validator = new Utf8Validator();
        const good = validator.push(bytes, 0, 3) && validator.isComplete;
        if (good !== expected) throw new Error(bytes.toHex());
      }
    }
  }
});

// The request head.

const latin1 = new TextDecoder("latin1");

/** Decodes Latin-1 as the head reader does. */
function toText(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes);
}

function assertSound(text: string): void {
  const verdict = parseHead(text);
  if (!verdict.ok) {
    assert([400, 431, 505].includes(verdict.error.status));
    assert(/^[A-Z].*\.$/.test(verdict.error.message));
    return;
  }
  const { method, target, httpVersion, headers } = verdict.head;
  assert(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(method));
  assert(/^\d\.\d$/.test(httpVersion));
  assert(/^\/[\x21-\x7e]*$/.test(target) && !target.includes("#"));
  assert(URL.canParse(`http://localhost${target}`));
  for (const [, value] of headers) {
    // deno-lint-ignore no-control-regex -- it finds control characters
    assert(!/[\x00-\x08\x0a-\x1f\x7f]/.test(value));
  }
}

const HEADS = [
  handshakeHead(),
  handshakeHead("/ws?a=b", { "Content-Length": "0", "Origin": "https://a.b" }),
  handshakeHead("", {}, "GET http://a.b/ws?c HTTP/1.1"),
].map(toBytes);

Deno.test("parseHead() gives a valid head or a refusal for any text", () => {
  const piece = fc.constantFrom(
    ...["GET ", "/", " HTTP/1.1", "\r\n", "\n", "\r", ":", " ", "\t", "\0"],
    ...["Host", "a", "http://", "#", "?", "%", "\xff", "chunked", "1", "//"],
    ...["Transfer-Encoding: ", "Content-Length: "],
  );
  const text = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map(toText),
    fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join("")),
    fc.array(piece, { maxLength: 10 }).map((pieces) =>
      `GET /${pieces.join("")} HTTP/1.1\r\nHost: a\r\n\r\n`
    ),
    fc.array(piece, { maxLength: 10 }).map((pieces) =>
      `GET / HTTP/1.1\r\nHost: a\r\n${pieces.join("")}\r\n\r\n`
    ),
  );
  check(5, fc.property(text, assertSound));
});

Deno.test("parseHead() gives a valid head or a refusal for mutated heads", () => {
  const mutations = fc.array(mutation, { minLength: 1, maxLength: 4 });
  check(
    5,
    fc.property(fc.constantFrom(...HEADS), mutations, (head, mutations) => {
      assertSound(toText(mutations.reduce(mutate, head)));
    }),
  );
});

Deno.test("findHeadEnd() finds the first empty line, wherever the search begins", () => {
  const piece = fc.constantFrom("\r\n", "\r", "\n", "a", "\r\n\r\n");
  const text = fc.array(piece, { maxLength: 12 }).map((pieces) =>
    pieces.join("")
  );
  check(
    2,
    fc.property(text, (text) => {
      const bytes = toBytes(text);
      const at = latin1.decode(bytes).indexOf("\r\n\r\n");
      const end = at < 0 ? -1 : at + 4;
      for (let from = 0; from <= bytes.length; from++) {
        if (end >= 0 && from >= end) break;
        assertEquals(findHeadEnd(bytes, from), end);
      }
    }),
  );
});
