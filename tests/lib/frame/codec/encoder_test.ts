import { assertEquals, assertThrows } from "@std/assert";
import {
  controlPayload,
  Encoder,
} from "../../../../lib/frame/codec/encoder.ts";
import {
  FragmentOrderError,
  InvalidPayloadError,
} from "../../../../lib/protocol/errors.ts";

const CONTINUATION = 0x0;
const TEXT = 0x1;
const BINARY = 0x2;
const CLOSE = 0x8;
const PING = 0x9;

const bytes = (text: string) => new TextEncoder().encode(text);

function plain(): Encoder {
  return new Encoder(false, 0);
}

function deflating(threshold: number): Encoder {
  return new Encoder(true, threshold);
}

Deno.test("Encoder.encode() sets FIN and the opcode, and returns the payload", () => {
  const encoder = plain();
  assertEquals(encoder.encode(TEXT, "héllo", true), bytes("héllo"));
  assertEquals(encoder.first, 0x81);
  assertEquals(
    encoder.encode(BINARY, Uint8Array.of(1), true),
    Uint8Array.of(1),
  );
  assertEquals(encoder.first, 0x82);
});

Deno.test("Encoder.encode() sets FIN on the last fragment only", () => {
  const encoder = plain();
  const firsts = [
    [TEXT, false],
    [CONTINUATION, false],
    [CONTINUATION, true],
    [BINARY, true],
  ].map(([code, final]) => {
    encoder.encode(code as number, "x", final as boolean);
    return encoder.first;
  });
  assertEquals(firsts, [0x01, 0x00, 0x80, 0x82]);
});

Deno.test("Encoder.encode() throws for a continuation with nothing to continue", () => {
  const encoder = plain();
  assertThrows(
    () => encoder.encode(CONTINUATION, "x", true),
    FragmentOrderError,
  );
  encoder.encode(TEXT, "continues as before", true);
  assertEquals(encoder.first, 0x81);
});

Deno.test("Encoder.encode() throws for a message inside a fragmented message", () => {
  const encoder = plain();
  encoder.encode(TEXT, "a", false);
  assertThrows(() => encoder.encode(TEXT, "b", true), FragmentOrderError);
  encoder.encode(CONTINUATION, "c", true);
  assertEquals(encoder.first, 0x80);
});

Deno.test("Encoder.encode() accepts a character that is split between fragments", () => {
  const encoder = plain();
  const [first, ...rest] = bytes("é");
  encoder.encode(TEXT, Uint8Array.of(first!), false);
  assertEquals(
    encoder.encode(CONTINUATION, Uint8Array.of(...rest), true),
    Uint8Array.of(...rest),
  );
});

for (
  const [what, send] of [
    ["a whole text", (e: Encoder) => e.encode(TEXT, Uint8Array.of(0xff), true)],
    [
      "a text that ends inside a character",
      (e: Encoder) => e.encode(TEXT, Uint8Array.of(0xc3), true),
    ],
  ] as const
) {
  Deno.test(`Encoder.encode() throws for bytes that are not UTF-8 in ${what}`, () => {
    const encoder = plain();
    assertThrows(() => send(encoder), InvalidPayloadError);
    encoder.encode(TEXT, "continues as before", true);
    assertEquals(encoder.first, 0x81);
  });
}

Deno.test("Encoder.encode() accepts a valid fragment after a refused one", () => {
  const encoder = plain();
  encoder.encode(TEXT, "a", false);
  const bad = Uint8Array.of(0xff);
  assertThrows(
    () => encoder.encode(CONTINUATION, bad, true),
    InvalidPayloadError,
  );
  encoder.encode(CONTINUATION, "b", true);
  assertEquals(encoder.first, 0x80);
});

Deno.test("Encoder.encode() sets RSV1 on the first frame of a compressed message only", () => {
  const encoder = deflating(4);
  const text = "a text that repeats itself, a text that repeats itself";
  encoder.encode(TEXT, text, true);
  assertEquals([encoder.first, encoder.isDeflated], [0xc1, true]);
  encoder.encode(BINARY, bytes(text), false);
  assertEquals([encoder.first, encoder.isDeflated], [0x42, true]);
  encoder.encode(CONTINUATION, bytes("!"), true);
  assertEquals([encoder.first, encoder.isDeflated], [0x80, true]);
});

Deno.test("Encoder.encode() does not compress a message below the threshold", () => {
  const encoder = deflating(4);
  assertEquals(encoder.encode(TEXT, "abc", true), bytes("abc"));
  assertEquals([encoder.first, encoder.isDeflated], [0x81, false]);
});

Deno.test("Encoder.passes() is true for whole messages between messages, below the threshold", () => {
  const encoder = plain();
  assertEquals(encoder.passes(TEXT, true, 5000), true);
  assertEquals(encoder.passes(TEXT, false, 5), false);
  assertEquals(encoder.passes(CONTINUATION, true, 5), false);
  encoder.encode(TEXT, "a", false);
  assertEquals(encoder.passes(BINARY, true, 5), false);
  assertEquals(deflating(10).passes(TEXT, true, 9), true);
  assertEquals(deflating(10).passes(TEXT, true, 10), false);
});

Deno.test("controlPayload() returns the bytes of a valid payload", () => {
  assertEquals(controlPayload(PING, "x".repeat(125), true).length, 125);
  assertEquals(controlPayload(CLOSE, new Uint8Array(0), true).length, 0);
  const close = Uint8Array.of(0x03, 0xe8, ...bytes("bye"));
  assertEquals(controlPayload(CLOSE, close, true), close);
});

for (
  const [what, code, payload, final] of [
    ["a fragment", PING, "", false],
    ["126 bytes", PING, "x".repeat(126), true],
    ["a CLOSE of one byte", CLOSE, Uint8Array.of(3), true],
    ["a code that may not be sent", CLOSE, Uint8Array.of(3, 0xed), true],
    ["a reason that is not UTF-8", CLOSE, Uint8Array.of(3, 0xe8, 0xff), true],
  ] as const
) {
  Deno.test(`controlPayload() throws for ${what}`, () => {
    assertThrows(
      () => controlPayload(code, payload, final),
      InvalidPayloadError,
    );
  });
}
