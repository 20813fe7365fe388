import { assert, assertEquals } from "@std/assert";
import {
  Decoder,
  type DecoderOptions,
} from "../../../../lib/frame/codec/decoder.ts";
import { allocate } from "../../../../lib/frame/codec/memory.ts";
import type { FrameSink } from "../../../../lib/frame/codec/sink.ts";
import { CLOSE_CODE } from "../../../../lib/protocol/close_code.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const KEY = [0x12, 0x34, 0x56, 0x78];
const TEXT = 0x81;
const BINARY = 0x82;
const PING = 0x89;

/** A client's frame. */
function frame(first: number, payload: string): Bytes {
  const bytes = new TextEncoder().encode(payload);
  const { length } = bytes;
  const field = length < 126
    ? [0x80 | length]
    : length < 65536
    ? [0x80 | 126, length >> 8, length & 0xff]
    : [0x80 | 127, 0, 0, 0, 0, 0, length >> 16, length >> 8, length & 0xff];
  return Uint8Array.of(
    first,
    ...field,
    ...KEY,
    ...bytes.map((byte, i) => byte ^ KEY[i & 3]!),
  );
}

function concat(...runs: readonly Bytes[]): Bytes {
  return Uint8Array.from(runs.flatMap((run) => [...run]));
}

/** The arguments of a call of `frame`. */
interface Call {
  readonly opcode: number;
  readonly final: boolean;
  /** The address of the payload or piece. */
  readonly start: number;
  readonly payload: string;
  readonly length: number;
  readonly left: number;
}

const FIRST = 100;

/** A decoder, and its input from address 100 on. */
class Fixture implements FrameSink {
  readonly memory = allocate(200_000);
  readonly decoder: Decoder;
  readonly calls: Call[] = [];
  readonly faults: [number, string][] = [];
  /** The result of `frame`. */
  goesOn = true;
  start = FIRST;
  end = FIRST;

  constructor(options: Partial<DecoderOptions> = {}) {
    this.decoder = new Decoder(this, {
      maxPayload: 100_000,
      limit: "message",
      pieces: false,
      ...options,
    });
  }

  /** Decodes the rest and these bytes after it; returns the new rest. */
  decode(bytes: Bytes = new Uint8Array(0)): number {
    this.memory.bytes.set(bytes, this.end);
    this.end += bytes.length;
    this.start = this.decoder.decode(this.memory, this.start, this.end);
    return this.end - this.start;
  }

  /** Moves the rest to another address, and clears the old one. */
  move(to: number): void {
    const left = this.memory.bytes.slice(this.start, this.end);
    this.memory.bytes.fill(0xee);
    this.memory.bytes.set(left, to);
    this.start = to;
    this.end = to + left.length;
  }

  get payloads(): string[] {
    return this.calls.map(({ payload }) => payload);
  }

  frame(
    opcode: number,
    final: boolean,
    start: number,
    end: number,
    length: number,
    left: number,
  ): boolean {
    const bytes = this.memory.bytes.subarray(start, end);
    const payload = new TextDecoder().decode(bytes);
    this.calls.push({ opcode, final, start, payload, length, left });
    return this.goesOn;
  }

  fault(code: number, reason: string): void {
    this.faults.push([code, reason]);
  }
}

const LONG = "abcdefghij".repeat(30);

Deno.test("Decoder.decode() consumes whole frames", () => {
  const fixture = new Fixture();
  assertEquals(fixture.decode(concat(frame(TEXT, "a"), frame(PING, "b"))), 0);
  assertEquals(fixture.calls, [
    { opcode: 1, final: true, start: 106, payload: "a", length: 1, left: 0 },
    { opcode: 9, final: true, start: 113, payload: "b", length: 1, left: 0 },
  ]);
});

Deno.test("Decoder.decode() consumes nothing of an empty input", () => {
  const fixture = new Fixture();
  assertEquals(fixture.decode(), 0);
  assertEquals([fixture.start, fixture.calls.length], [FIRST, 0]);
});

Deno.test("Decoder.decode() does not consume an incomplete header", () => {
  const bytes = frame(TEXT, LONG);
  for (let cut = 1; cut < 8; cut++) {
    const fixture = new Fixture();
    assertEquals(fixture.decode(bytes.subarray(0, cut)), cut);
    assertEquals(fixture.decode(bytes.subarray(cut)), 0);
    assertEquals(fixture.payloads, [LONG]);
  }
});

Deno.test("Decoder.decode() does not consume an incomplete control frame", () => {
  const bytes = frame(PING, "payload");
  for (let cut = 1; cut < bytes.length; cut++) {
    const fixture = new Fixture();
    assertEquals(fixture.decode(bytes.subarray(0, cut)), cut);
    assertEquals(fixture.calls, []);
    assertEquals(fixture.decode(bytes.subarray(cut)), 0);
    assertEquals(fixture.payloads, ["payload"]);
  }
});

Deno.test("Decoder.decode() consumes the header of an incomplete payload only", () => {
  const bytes = frame(TEXT, LONG);
  for (const count of [0, 1, 150, 299]) {
    const fixture = new Fixture();
    assertEquals(fixture.decode(bytes.subarray(0, 8 + count)), count);
    assertEquals(fixture.calls, []);
    assertEquals(fixture.decode(bytes.subarray(8 + count)), 0);
    assertEquals(fixture.payloads, [LONG]);
  }
});

Deno.test("Decoder.decode() continues when the rest is presented at another address", () => {
  const bytes = frame(TEXT, LONG);
  for (let cut = 1; cut < bytes.length; cut++) {
    const fixture = new Fixture();
    fixture.decode(bytes.subarray(0, cut));
    fixture.move(1000 + cut % 7);
    assertEquals(fixture.decode(bytes.subarray(cut)), 0);
    assertEquals(fixture.payloads, [LONG]);
  }
});

Deno.test("Decoder.decode() gives the same frames for any split", () => {
  const fixture = new Fixture();
  const bytes = concat(frame(TEXT, LONG), frame(PING, "p"), frame(TEXT, "b"));
  for (const byte of bytes) {
    fixture.decode(Uint8Array.of(byte));
    fixture.decode();
  }
  assertEquals(fixture.payloads, [LONG, "p", "b"]);
});

Deno.test("Decoder.decode() stops after a frame for which the sink returned false", () => {
  const fixture = new Fixture();
  fixture.goesOn = false;
  const second = frame(TEXT, "second");
  const bytes = concat(frame(TEXT, "first"), second, frame(TEXT, "third"));
  assertEquals(fixture.decode(bytes), 2 * second.length - 1);
  assertEquals(fixture.payloads, ["first"]);
  assertEquals(fixture.decode(), second.length - 1);
  assertEquals(fixture.payloads, ["first", "second"]);
  fixture.goesOn = true;
  assertEquals(fixture.decode(), 0);
  assertEquals(fixture.payloads, ["first", "second", "third"]);
});

Deno.test("Decoder.decode() stops after a control frame for which the sink returned false", () => {
  const fixture = new Fixture();
  fixture.goesOn = false;
  fixture.decode(concat(frame(PING, "p"), frame(TEXT, "a")));
  assertEquals(fixture.payloads, ["p"]);
  fixture.decode();
  assertEquals(fixture.payloads, ["p", "a"]);
});

Deno.test("Decoder.decode() stops after a frame that arrived in parts", () => {
  const fixture = new Fixture();
  fixture.goesOn = false;
  const bytes = concat(frame(TEXT, LONG), frame(TEXT, "b"));
  fixture.decode(bytes.subarray(0, 100));
  assertEquals(fixture.decode(bytes.subarray(100)), 7);
  assertEquals(fixture.payloads, [LONG]);
  fixture.move(5000);
  fixture.decode();
  assertEquals(fixture.payloads, [LONG, "b"]);
});

Deno.test("Decoder.decode() stops after a fragment, and continues with its message", () => {
  const fixture = new Fixture();
  fixture.goesOn = false;
  fixture.decode(concat(frame(0x01, "a"), frame(0x00, "b"), frame(0x80, "c")));
  fixture.decode();
  fixture.decode();
  assertEquals(
    fixture.calls.map(({ opcode, final, payload }) => [opcode, final, payload]),
    [[1, false, "a"], [0, false, "b"], [0, true, "c"]],
  );
});

Deno.test("Decoder.decode() stops after a piece for which the sink returned false", () => {
  const fixture = new Fixture({ pieces: true });
  fixture.goesOn = false;
  const bytes = concat(frame(TEXT, LONG), frame(TEXT, "b"));
  assertEquals(fixture.decode(bytes.subarray(0, 108)), 0);
  assertEquals(fixture.decode(bytes.subarray(108)), 7);
  assertEquals(fixture.payloads, [LONG.slice(0, 100), LONG.slice(100)]);
  assertEquals(fixture.decode(), 0);
  assertEquals(fixture.payloads.at(-1), "b");
});

Deno.test("Decoder.decode() consumes everything after a fault, and decodes nothing more", () => {
  const fixture = new Fixture();
  const bytes = concat(
    frame(TEXT, "a"),
    frame(0x83, "reserved"),
    frame(TEXT, "b"),
  );
  assertEquals(fixture.decode(bytes), 0);
  assertEquals(fixture.decode(frame(TEXT, "c")), 0);
  assertEquals(fixture.payloads, ["a"]);
  assertEquals(fixture.faults, [[1002, "reserved opcode"]]);
});

Deno.test("Decoder.decode() writes only to the payloads and the room in front of them", () => {
  const fixture = new Fixture();
  const { bytes } = fixture.memory;
  bytes.fill(0xee);
  const sent = concat(frame(TEXT, "abc"), frame(TEXT, LONG).subarray(0, 50));
  fixture.decode(sent);
  assert(bytes.subarray(0, FIRST).every((byte) => byte === 0xee));
  assert(bytes.subarray(FIRST + sent.length).every((byte) => byte === 0xee));
});

Deno.test("Decoder.missing is 0 outside of a payload", () => {
  const fixture = new Fixture();
  assertEquals(fixture.decoder.missing, 0);
  fixture.decode(frame(TEXT, LONG));
  assertEquals(fixture.decoder.missing, 0);
  fixture.decode(frame(TEXT, LONG).subarray(0, 7));
  assertEquals(fixture.decoder.missing, 0);
});

Deno.test("Decoder.missing is 0 inside a control frame", () => {
  const fixture = new Fixture();
  fixture.decode(frame(PING, "payload").subarray(0, 9));
  assertEquals(fixture.decoder.missing, 0);
});

for (const pieces of [false, true]) {
  Deno.test(`Decoder.missing counts down the bytes that a payload needs, with pieces: ${pieces}`, () => {
    const fixture = new Fixture({ pieces });
    const bytes = frame(TEXT, LONG);
    fixture.decode(bytes.subarray(0, 8));
    assertEquals(fixture.decoder.missing, 300);
    for (let at = 8; at < bytes.length; at++) {
      fixture.decode(bytes.subarray(at, at + 1));
      assertEquals(fixture.decoder.missing, bytes.length - at - 1);
    }
  });
}

Deno.test("Decoder.missing is exact above 32 bits", () => {
  const fixture = new Fixture({ maxPayload: Number.MAX_SAFE_INTEGER });
  fixture.decode(Uint8Array.of(BINARY, 0xff, 0, 0, 1, 0, 0, 0, 0, 5, ...KEY));
  assertEquals(fixture.decoder.missing, 2 ** 40 + 5);
});

Deno.test("Decoder.floor of -1 moves no payload", () => {
  const fixture = new Fixture();
  assertEquals(fixture.decoder.floor, -1);
  fixture.decode(concat(frame(TEXT, "a"), frame(TEXT, LONG)));
  assertEquals(fixture.calls.map(({ start }) => start), [106, 115]);
});

Deno.test("Decoder.floor moves payloads down, with room for a header", () => {
  for (const [payload, header] of [["a", 2], ["x".repeat(126), 4]] as const) {
    const fixture = new Fixture();
    fixture.decoder.floor = 50;
    fixture.decode(frame(BINARY, payload));
    assertEquals(fixture.calls[0]?.start, 50 + header);
    assertEquals(fixture.payloads, [payload]);
  }
});

Deno.test("Decoder.floor moves no payload up", () => {
  const fixture = new Fixture();
  fixture.decoder.floor = FIRST + 50;
  fixture.decode(frame(BINARY, "a"));
  assertEquals(fixture.calls[0]?.start, 106);
});

Deno.test("Decoder.floor can be raised by the sink for the next frame", () => {
  const fixture = new Fixture();
  const frameOf = fixture.frame.bind(fixture);
  fixture.frame = (opcode, final, start, end, length, left) => {
    fixture.decoder.floor = end;
    return frameOf(opcode, final, start, end, length, left);
  };
  fixture.decode(concat(...["abc", "", LONG, "d"].map((p) => frame(TEXT, p))));
  assertEquals(fixture.payloads, ["abc", "", LONG, "d"]);
  assertEquals(fixture.calls.map(({ start }) => start), [106, 111, 115, 417]);
});

Deno.test("Decoder.floor does not move a payload that arrived in parts", () => {
  const fixture = new Fixture();
  const bytes = frame(BINARY, LONG);
  fixture.decode(bytes.subarray(0, 100));
  fixture.decoder.floor = 50;
  fixture.decode(bytes.subarray(100));
  assertEquals(fixture.calls[0]?.start, 108);
  assertEquals(fixture.payloads, [LONG]);
});

Deno.test("Decoder with pieces reports the part of a frame that has arrived", () => {
  const fixture = new Fixture({ pieces: true });
  const bytes = frame(TEXT, LONG);
  fixture.decode(bytes.subarray(0, 8));
  assertEquals(fixture.calls, []);
  fixture.decode(bytes.subarray(8, 108));
  fixture.decode(bytes.subarray(108, 110));
  fixture.decode(bytes.subarray(110));
  assertEquals(
    fixture.calls.map(({ opcode, final, payload, length, left }) => [
      opcode,
      final,
      payload,
      length,
      left,
    ]),
    [
      [1, false, LONG.slice(0, 100), 300, 200],
      [1, false, LONG.slice(100, 102), 300, 198],
      [1, true, LONG.slice(102), 300, 0],
    ],
  );
});

Deno.test("Decoder with pieces reports a complete frame as one piece", () => {
  const fixture = new Fixture({ pieces: true });
  fixture.decode(concat(frame(0x01, "ab"), frame(0x80, "")));
  assertEquals(
    fixture.calls.map(({ final, payload, left }) => [final, payload, left]),
    [[false, "ab", 0], [true, "", 0]],
  );
});

Deno.test("Decoder with pieces reports no final piece of a frame without FIN", () => {
  const fixture = new Fixture({ pieces: true });
  const bytes = frame(0x01, "abcd");
  fixture.decode(bytes.subarray(0, 8));
  fixture.decode(bytes.subarray(8));
  assertEquals(fixture.calls.map(({ final }) => final), [false, false]);
});

Deno.test("Decoder with pieces consumes every piece", () => {
  const fixture = new Fixture({ pieces: true });
  for (const byte of frame(BINARY, LONG)) {
    fixture.move(500);
    const left = fixture.decode(Uint8Array.of(byte));
    if (fixture.calls.length > 0) assertEquals(left, 0);
  }
  assertEquals(fixture.payloads.join(""), LONG);
});

Deno.test("Decoder with pieces has no limit", () => {
  const fixture = new Fixture({ pieces: true, maxPayload: 10 });
  fixture.decode(frame(BINARY, LONG));
  assertEquals([fixture.payloads, fixture.faults], [[LONG], []]);
});

for (
  const [limit, first, second, code] of [
    ["message", 10, 0, undefined],
    ["message", 11, 0, 1009],
    ["message", 5, 5, undefined],
    ["message", 5, 6, 1009],
    ["frame", 10, 10, undefined],
    ["frame", 10, 11, 1009],
  ] as const
) {
  Deno.test(`Decoder with a ${limit} limit of 10 reports ${code ?? "no"} fault for ${first} and ${second} bytes`, () => {
    const fixture = new Fixture({ limit, maxPayload: 10 });
    fixture.decode(frame(0x02, "x".repeat(first)));
    fixture.decode(frame(0x80, "x".repeat(second)));
    assertEquals(fixture.faults[0]?.[0], code);
  });
}

Deno.test("Decoder reports a frame over the limit before its payload arrives", () => {
  const fixture = new Fixture({ maxPayload: 299 });
  fixture.decode(frame(BINARY, LONG).subarray(0, 4));
  assertEquals(fixture.faults, [[1009, "over 299 bytes"]]);
});

Deno.test("Decoder with a message limit counts each message separately", () => {
  const fixture = new Fixture({ maxPayload: 10 });
  for (let i = 0; i < 5; i++) {
    fixture.decode(frame(0x02, "12345"));
    fixture.decode(frame(0x80, "67890"));
  }
  assertEquals(fixture.faults, []);
});

Deno.test("Decoder with pieces refuses a frame above 2^53 - 1 bytes", () => {
  for (
    const [length, code] of [
      [2n ** 53n - 1n, undefined],
      [2n ** 53n, CLOSE_CODE.tooBig],
    ] as const
  ) {
    let fault: number | undefined;
    let left: number | undefined;
    const decoder = new Decoder({
      frame(_code, _final, _start, _end, _length, stillLeft): boolean {
        left = stillLeft;
        return true;
      },
      fault(code: number) {
        fault = code;
      },
    }, { maxPayload: 1, limit: "message", pieces: true });
    const memory = allocate(16);
    memory.bytes.set([0x82, 0xff]);
    new DataView(memory.bytes.buffer).setBigUint64(2, length);
    decoder.decode(memory, 0, 15);
    assertEquals(fault, code);
    assertEquals(left, code === undefined ? Number(length) - 1 : undefined);
  }
});

Deno.test("Decoder.stop() stops decoding until resume()", () => {
  const fixture = new Fixture();
  const { decoder } = fixture;
  decoder.stop();
  assertEquals(fixture.decode(frame(TEXT, "one")), 9);
  assertEquals(fixture.decode(frame(TEXT, "two")), 18);
  assertEquals(fixture.payloads, []);
  decoder.resume();
  assertEquals(fixture.decode(), 0);
  assertEquals(fixture.payloads, ["one", "two"]);
});

Deno.test("Decoder.stop() in frame() ends decoding after that frame", () => {
  const fixture: Fixture = new class extends Fixture {
    override frame(...call: Parameters<FrameSink["frame"]>): boolean {
      this.decoder.stop();
      return super.frame(...call);
    }
  }();
  const frames = concat(frame(TEXT, "one"), frame(PING, "?"));
  assertEquals(fixture.decode(frames), 7);
  assertEquals(fixture.payloads, ["one"]);
  fixture.decoder.resume();
  assertEquals(fixture.decode(), 0);
  assertEquals(fixture.payloads, ["one", "?"]);
});

for (const calls of [1, 2]) {
  Deno.test(`Decoder.endInput() stops decoding until beginInput(), called ${calls} times`, () => {
    const fixture = new Fixture();
    const { decoder } = fixture;
    for (let call = 0; call < calls; call++) decoder.endInput();
    assertEquals(fixture.decode(frame(TEXT, "one")), 9);
    assertEquals(fixture.payloads, []);
    decoder.beginInput();
    assertEquals(fixture.decode(), 0);
    assertEquals(fixture.payloads, ["one"]);
  });
}

Deno.test("Decoder.beginInput() does not end a stop()", () => {
  const fixture = new Fixture();
  fixture.decoder.stop();
  fixture.decoder.endInput();
  fixture.decoder.beginInput();
  fixture.decode(frame(TEXT, "one"));
  assertEquals(fixture.payloads, []);
});

Deno.test("Decoder.resume() does not end a fault", () => {
  const fixture = new Fixture();
  fixture.decode(frame(0xf1, "reserved"));
  fixture.decoder.stop();
  fixture.decoder.resume();
  assertEquals(fixture.decode(frame(TEXT, "one")), 0);
  assertEquals(fixture.payloads, []);
  assertEquals(fixture.faults.length, 1);
});
