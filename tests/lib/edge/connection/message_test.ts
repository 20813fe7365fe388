import { assert, assertEquals } from "@std/assert";
import {
  EdgeMessage,
  exceeds,
  heldBytes,
} from "../../../../lib/edge/connection/message.ts";

const encoder = new TextEncoder();

function text(data: string): EdgeMessage {
  return new EdgeMessage(data, "text");
}

function binary(...bytes: number[]): EdgeMessage {
  return new EdgeMessage(new Uint8Array(bytes).buffer, "binary");
}

Deno.test("EdgeMessage is final and has nothing left", () => {
  for (const message of [text("a"), binary(1)]) {
    assertEquals(message.final, true);
    assertEquals(message.left, 0);
  }
});

Deno.test("EdgeMessage.opcode is that of the constructor", () => {
  assertEquals(text("a").opcode, "text");
  assertEquals(binary(1).opcode, "binary");
  assertEquals(new EdgeMessage(new ArrayBuffer(0), "close").opcode, "close");
});

for (const data of ["", "hello", "ä€😀", "\ufeffx", "\0"]) {
  const name = JSON.stringify(data);

  Deno.test(`EdgeMessage.payload is the UTF-8 of ${name}`, () => {
    assertEquals(text(data).payload, encoder.encode(data));
  });

  Deno.test(`EdgeMessage.length counts the bytes of ${name}`, () => {
    assertEquals(text(data).length, encoder.encode(data).length);
  });

  Deno.test(`EdgeMessage.text() returns the text ${name}`, () => {
    assertEquals(text(data).text(), data);
  });
}

Deno.test("EdgeMessage.payload does not copy a binary message", () => {
  const { buffer } = new Uint8Array([0, 255, 128]);
  const message = new EdgeMessage(buffer, "binary");
  assertEquals(message.payload, new Uint8Array([0, 255, 128]));
  assert(message.payload.buffer === buffer);
  assertEquals(message.length, 3);
});

Deno.test("EdgeMessage.payload is the same array each time", () => {
  const [a, b] = [text("hello"), binary(1, 2)];
  assert(a.payload === a.payload);
  assert(b.payload === b.payload);
});

Deno.test("EdgeMessage.text() decodes a binary message", () => {
  assertEquals(binary(...encoder.encode("ä€😀")).text(), "ä€😀");
});

Deno.test("EdgeMessage.text() reads malformed bytes as U+FFFD", () => {
  assertEquals(binary(0x61, 0xff, 0x62).text(), "a\ufffdb");
});

Deno.test("EdgeMessage.text() keeps a byte order mark in a binary message", () => {
  assertEquals(binary(0xef, 0xbb, 0xbf, 0x61).text(), "\ufeffa");
});

for (
  const [data, prefix, expected] of [
    ["Ping me", "Ping", true],
    ["Ping", "Ping", true],
    ["Pin", "Ping", false],
    ["", "Ping", false],
    ["a Ping", "Ping", false],
    ["ping", "Ping", false],
    ["anything", "", true],
    ["ä", "a", false],
  ] as const
) {
  Deno.test(`EdgeMessage.startsWith() is ${expected} for "${prefix}" of "${data}"`, () => {
    assertEquals(text(data).startsWith(prefix), expected);
    const bytes = binary(...encoder.encode(data));
    assertEquals(bytes.startsWith(prefix), expected);
  });
}

for (
  const [name, data] of [
    ["ASCII", "x".repeat(12)],
    ["two-byte letters", "ä".repeat(6)],
    ["three-byte letters", "€".repeat(4)],
    ["four-byte letters", "😀".repeat(3)],
    ["bytes", new ArrayBuffer(12)],
  ] as const
) {
  Deno.test(`exceeds() counts 12 bytes of ${name}`, () => {
    assertEquals(exceeds(data, 0), true);
    assertEquals(exceeds(data, 11), true);
    assertEquals(exceeds(data, 12), false);
    assertEquals(exceeds(data, 36), false);
    assertEquals(exceeds(data, 1000), false);
  });
}

Deno.test("exceeds() is false for an empty message", () => {
  assertEquals(exceeds("", 0), false);
  assertEquals(exceeds(new ArrayBuffer(0), 0), false);
});

Deno.test("heldBytes() counts two bytes per UTF-16 unit of a text", () => {
  assertEquals(heldBytes("abc") - heldBytes(""), 6);
  assertEquals(heldBytes("😀") - heldBytes(""), 4);
});

Deno.test("heldBytes() counts the bytes of a binary message", () => {
  assertEquals(
    heldBytes(new ArrayBuffer(7)) - heldBytes(new ArrayBuffer(0)),
    7,
  );
});

Deno.test("heldBytes() of an empty message is above 0", () => {
  assert(heldBytes("") > 0);
  assert(heldBytes(new ArrayBuffer(0)) > 0);
});
