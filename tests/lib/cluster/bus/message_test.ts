import { assertEquals } from "@std/assert";
import {
  decodeMessage,
  encodeMessage,
  type Head,
  isInstance,
} from "../../../../lib/cluster/bus/message.ts";

const FROM = "0f9a3c21";

const HEADS: readonly Head[] = [
  { kind: "here", from: FROM, isNew: true },
  { kind: "bye", from: FROM },
  { kind: "question", from: FROM, number: 1, content: { call: "list" } },
  { kind: "answer", from: FROM, number: 7, content: "€" },
];

for (const head of HEADS) {
  for (const length of [0, 1, 70_000]) {
    Deno.test(`decodeMessage() reads "${head.kind}" with ${length} bytes`, () => {
      const body = new Uint8Array(length).fill(0xff);
      assertEquals(decodeMessage(encodeMessage(head, body)), { head, body });
    });
  }
}

Deno.test("decodeMessage() reads a message that is a part of a buffer", () => {
  const head = HEADS[0]!;
  const bytes = encodeMessage(head, Uint8Array.of(1, 2));
  const buffer = new Uint8Array(bytes.length + 7);
  buffer.set(bytes, 3);
  const part = buffer.subarray(3, 3 + bytes.length);
  assertEquals(decodeMessage(part), { head, body: Uint8Array.of(1, 2) });
});

/** A message whose head is any text. */
function withHead(text: string): Uint8Array {
  const head = new TextEncoder().encode(text);
  return Uint8Array.of(1, 0, 0, 0, head.length, ...head);
}

const BAD: Readonly<Record<string, Uint8Array>> = {
  "nothing": new Uint8Array(0),
  "less than a prefix": Uint8Array.of(1, 0, 0, 0),
  "another version": Uint8Array.of(
    2,
    ...encodeMessage(HEADS[0]!).subarray(1),
  ),
  "a head that is cut off": encodeMessage(HEADS[0]!).subarray(0, -1),
  "a length beyond the end": Uint8Array.of(1, 0xff, 0xff, 0xff, 0xff, 0x7b),
  "no JSON": withHead("{"),
  "null": withHead("null"),
  "no UTF-8": Uint8Array.of(1, 0, 0, 0, 3, 0x22, 0xff, 0x22),
  "no sender": withHead('{"kind":"bye"}'),
  "a sender that is not an instance": withHead('{"kind":"bye","from":"all"}'),
  "an unknown kind": withHead(`{"kind":"x","from":"${FROM}"}`),
  "a question without a number": withHead(
    `{"kind":"question","from":"${FROM}","content":1}`,
  ),
  "an answer without content": withHead(
    `{"kind":"answer","from":"${FROM}","number":1}`,
  ),
};

for (const [name, bytes] of Object.entries(BAD)) {
  Deno.test(`decodeMessage() refuses ${name}`, () => {
    assertEquals(decodeMessage(bytes), undefined);
  });
}

Deno.test("isInstance() accepts the names that Sessions makes, and no other", () => {
  assertEquals(isInstance(crypto.randomUUID().slice(0, 8)), true);
  for (
    const value of ["", "all", "0f9a3c2", "0f9a3c21-1", "0F9A3C21", 7, null]
  ) {
    assertEquals(isInstance(value), false, String(value));
  }
});
