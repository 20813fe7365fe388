import { assertEquals, assertLessOrEqual, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  type FaultCode,
  FaultRecord,
  ProtocolError,
} from "../../../lib/client/protocol_error.ts";
import { encodeFrame } from "../../../lib/client/frame.ts";
import { FrameReader } from "../../../lib/client/frame_reader.ts";

/** Decodes all frames as plain values. */
function read(reader: FrameReader, bytes: Uint8Array) {
  const frames = [];
  reader.push(bytes);
  for (let frame = reader.next(); frame; frame = reader.next()) {
    const { payload, mask } = frame;
    frames.push({ ...frame, payload: payload.slice(), mask: mask?.slice() });
  }
  return frames;
}

const bytes = (hex: string) => Uint8Array.fromHex(hex.replaceAll(" ", ""));

Deno.test("FrameReader reads the frames of RFC 6455 §5.7", () => {
  const reader = new FrameReader();
  const text = (opcode: number, final: boolean, payload: string) => ({
    opcode,
    final,
    rsv: 0,
    payload: new TextEncoder().encode(payload),
    masked: false,
    mask: undefined,
    wireLength: 2 + payload.length,
  });
  const frames = read(
    reader,
    bytes("8105 48656c6c6f 0103 48656c 8905 48656c6c6f 8002 6c6f"),
  );
  assertEquals(frames, [
    text(1, true, "Hello"),
    text(1, false, "Hel"),
    text(9, true, "Hello"),
    text(0, true, "lo"),
  ]);
  assertEquals(reader.buffered, 0);
});

Deno.test("FrameReader reads the frames of a client with key and length", () => {
  const reader = new FrameReader({ from: "client" });
  const mask = Uint8Array.of(1, 2, 3, 4);
  for (const [length, header] of [[0, 6], [125, 6], [126, 8], [70_000, 14]]) {
    const payload = new Uint8Array(length!).map((_, i) => i);
    const sent = encodeFrame("binary", payload, { mask, rsv: 0 });
    assertEquals(read(reader, sent), [{
      opcode: 2,
      final: true,
      rsv: 0,
      payload,
      masked: true,
      mask,
      wireLength: header! + length!,
    }]);
  }
});

Deno.test("FrameReader throws for an unmasked frame of a client", () => {
  const reader = new FrameReader({ from: "client" });
  const fault = assertThrows(
    () => read(reader, bytes("8100")),
    ProtocolError,
    "the client sent an unmasked frame",
  ) as ProtocolError;
  assertEquals([fault.code, fault.section], ["unmasked frame", "5.1"]);
});

Deno.test("a tolerant FrameReader reads on after an unmasked frame of a client", () => {
  const record = new FaultRecord(true, "client");
  const reader = new FrameReader({ from: "client" }, record);
  const frames = read(
    reader,
    bytes("8101 61 8181 00000000 62 c182 01020304 6060"),
  );
  assertEquals(
    frames.map(({ masked, rsv, wireLength, payload }) => [
      masked,
      rsv,
      wireLength,
      new TextDecoder().decode(payload),
    ]),
    [[false, 0, 3, "a"], [true, 0, 7, "b"], [true, 4, 8, "ab"]],
  );
  assertEquals(record.faults.map(({ code }) => code), [
    "unmasked frame",
    "reserved bit",
  ]);
});

const FAULTS: readonly [code: FaultCode, bytes: string][] = [
  ["reserved bit", "c100"],
  ["reserved bit", "a100"],
  ["reserved bit", "9100"],
  ["reserved opcode", "8300"],
  ["reserved opcode", "8700"],
  ["reserved opcode", "8b00"],
  ["reserved opcode", "8f00"],
  ["masked frame", "8180"],
  ["long control frame", "897e"],
  ["long control frame", "887f"],
  ["fragmented control frame", "0900"],
  ["length not in its shortest form", "827e007d"],
  ["length not in its shortest form", "827f000000000000ffff"],
  ["length over 63 bits", "827f8000000000000000"],
  ["too long", "827f0000000004000001"],
  ["continuation of nothing", "8000"],
  ["continuation of nothing", "8100 8000"],
  ["message inside a message", "0100 8100"],
  ["message inside a message", "0100 0000 8200"],
];

for (const [code, hex] of FAULTS) {
  Deno.test(`FrameReader throws "${code}" for ${hex}`, () => {
    const reader = new FrameReader();
    const fault = assertThrows(() => read(reader, bytes(hex)), ProtocolError);
    assertEquals((fault as ProtocolError).code, code);
  });
}

/** Violations after which a tolerant reader cannot continue. */
const FATAL: readonly FaultCode[] = ["length over 63 bits", "too long"];

for (const [code, hex] of FAULTS.filter(([code]) => !FATAL.includes(code))) {
  Deno.test(`a tolerant FrameReader reports "${code}" once for ${hex}, byte by byte`, () => {
    const record = new FaultRecord(true);
    const reader = new FrameReader({}, record);
    for (const byte of bytes(hex)) read(reader, Uint8Array.of(byte));
    assertEquals(record.faults.map(({ code }) => code), [code]);
  });
}

for (const [code, hex] of FAULTS.filter(([code]) => FATAL.includes(code))) {
  Deno.test(`a tolerant FrameReader throws "${code}", again at each call`, () => {
    const record = new FaultRecord(true);
    const reader = new FrameReader({}, record);
    assertThrows(() => read(reader, bytes(hex)), ProtocolError);
    assertThrows(() => reader.next(), ProtocolError);
    assertEquals(record.faults.map(({ code }) => code), [code]);
  });
}

Deno.test("a tolerant FrameReader reads what follows a violation", () => {
  const reader = new FrameReader({ tolerant: true });
  const long = `897e 0080 ${"00".repeat(128)}`;
  const short = "827e 0001 41";
  const masked = "8183 01020304 404040";
  const frames = read(reader, bytes(long + short + masked + "8a00"));
  assertEquals(
    frames.map(({ opcode, payload }) => [opcode, payload.length]),
    [[9, 128], [2, 1], [1, 3], [10, 0]],
  );
  assertEquals(frames[2]!.payload.toHex(), "414243");
});

Deno.test("FrameReader accepts a reserved bit that is allowed", () => {
  const reader = new FrameReader({ allowedRsv: 4 });
  assertEquals(read(reader, bytes("c100")).map(({ rsv }) => rsv), [4]);
  assertThrows(() => read(reader, bytes("a100")), ProtocolError);
});

Deno.test("FrameReader decodes the same frames from chunks of any size", () => {
  const frame = fc.record({
    opcode: fc.constantFrom("text", "binary", "ping", "pong"),
    payload: fc.oneof(
      fc.uint8Array({ maxLength: 125 }),
      fc.uint8Array({ minLength: 126, maxLength: 3000 }),
      fc.constantFrom(65_535, 65_536, 200_000).map((n) => new Uint8Array(n)),
    ),
  });
  const cuts = fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1 });
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 8 }), cuts, (frames, cuts) => {
      const sent = frames.map(({ opcode, payload }) => ({
        opcode: { text: 1, binary: 2, ping: 9, pong: 10 }[opcode]!,
        payload: opcode.startsWith("p") ? payload.slice(0, 125) : payload,
      }));
      const wire = sent.flatMap(({ opcode, payload }) =>
        encodeFrame(opcode, payload, { mask: "none" })
      );
      const stream = new Uint8Array(wire.reduce((n, run) => n + run.length, 0));
      let at = 0;
      for (const run of wire) {
        stream.set(run, at);
        at += run.length;
      }
      const reader = new FrameReader();
      const received = [];
      for (let from = 0, cut = 0; from < stream.length; cut++) {
        const to = from + cuts[cut % cuts.length]!;
        received.push(...read(reader, stream.subarray(from, to)));
        from = to;
      }
      assertEquals(
        received.map(({ opcode, payload }) => [opcode, payload.toBase64()]),
        sent.map(({ opcode, payload }) => [opcode, payload.toBase64()]),
      );
    }),
    { numRuns: 60 },
  );
});

Deno.test("FrameReader.space() grows up to 64 KiB while reads fill it", () => {
  const reader = new FrameReader();
  const sizes = [];
  for (let i = 0; i < 9; i++) {
    const space = reader.space();
    sizes.push(space.length);
    for (let at = 0; at < space.length; at += 2) space.set([0x8a, 0], at);
    reader.received(space.length);
    while (reader.next() !== undefined);
  }
  assertEquals(sizes.slice(0, 3), [512, 1024, 2048]);
  assertEquals(sizes.slice(-2), [65_536, 65_536]);
});

Deno.test("FrameReader takes memory for a long frame only as its bytes arrive", () => {
  const reader = new FrameReader();
  const frame = encodeFrame("binary", new Uint8Array(16 * 2 ** 20), {
    mask: "none",
  });
  reader.push(frame.subarray(0, 10));
  assertEquals(reader.next(), undefined);
  reader.push(frame.subarray(10, 100));
  assertEquals(reader.capacity, 512);
  for (let at = 100; at < frame.length; at += 1000) {
    assertLessOrEqual(reader.capacity, Math.max(4 * at, 512));
    reader.push(frame.subarray(at, at + 1000));
    if (at + 1000 < frame.length) assertEquals(reader.next(), undefined);
  }
  assertEquals(reader.next()?.payload, frame.subarray(10));
  assertEquals(reader.next(), undefined);
  assertLessOrEqual(reader.capacity, 65_536);
});

Deno.test("FrameReader.push() copies a long stream of frames a few times at most", () => {
  const reader = new FrameReader();
  const frames = new Uint8Array(2 ** 22).fill(0x8a);
  for (let at = 1; at < frames.length; at += 2) frames[at] = 0;
  let copies = 0;
  const set = Uint8Array.prototype.set;
  Uint8Array.prototype.set = function (source, at) {
    copies += source.length;
    set.call(this, source, at);
  };
  try {
    reader.push(frames);
  } finally {
    Uint8Array.prototype.set = set;
  }
  assertLessOrEqual(copies, 3 * frames.length);
  let count = 0;
  while (reader.next() !== undefined) count++;
  assertEquals(count, 2 ** 21);
});

Deno.test("FrameReader.takeRaw() removes bytes", () => {
  const reader = new FrameReader();
  reader.push(bytes("010203"));
  assertEquals(reader.takeRaw(2).toHex(), "0102");
  assertEquals(reader.takeRaw().toHex(), "03");
  assertEquals(reader.buffered, 0);
});
