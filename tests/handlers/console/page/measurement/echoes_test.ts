import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  answerTo,
  Echoes,
  keyOf,
} from "../../../../../handlers/console/page/measurement/echoes.js";

Deno.test("Echoes measures from the sending to the echo", () => {
  const echoes = new Echoes();
  echoes.sent("a", 10);
  assertEquals(echoes.received("a", 12.5), 2.5);
});

Deno.test("Echoes pairs the same content in order", () => {
  const echoes = new Echoes();
  echoes.sent("a", 1);
  echoes.sent("a", 2);
  echoes.sent("a", 3);
  assertEquals([4, 6, 8].map((at) => echoes.received("a", at)), [3, 4, 5]);
  assertEquals(echoes.received("a", 9), undefined);
});

Deno.test("Echoes is not confused by what is not answered, or was not asked for", () => {
  const echoes = new Echoes();
  echoes.sent("muted", 1);
  echoes.sent("b", 2);
  assertEquals(echoes.received("hello from the server", 3), undefined);
  assertEquals(echoes.received("b", 4), 2);
});

Deno.test("Echoes takes echoes in any order", () => {
  const echoes = new Echoes();
  echoes.sent("a", 1);
  echoes.sent("b", 2);
  assertEquals([echoes.received("b", 5), echoes.received("a", 6)], [3, 5]);
});

Deno.test("Echoes tells text from bytes", () => {
  const echoes = new Echoes();
  echoes.sent(new TextEncoder().encode("a"), 1);
  assertEquals(echoes.received("a", 2), undefined);
  assertEquals(echoes.received(Uint8Array.of(0x61), 3), 2);
});

Deno.test("Echoes gives the oldest up when too many wait", () => {
  const echoes = new Echoes(10);
  for (let i = 0; i < 21; i++) echoes.sent(`${i}`, i);
  assertEquals(echoes.received("10", 30), undefined);
  assertEquals(echoes.received("11", 30), 19);
  assertEquals(echoes.received("20", 30), 10);
});

Deno.test("Echoes pairs many of the same content without slowing down", () => {
  const echoes = new Echoes();
  const start = performance.now();
  for (let i = 0; i < 100_000; i++) echoes.sent("same", i);
  for (let i = 0; i < 100_000; i++) {
    assertEquals(echoes.received("same", i + 1), 1);
  }
  const took = performance.now() - start;
  assert(took < 5000, `${took} ms`);
});

Deno.test("keyOf() is short and tells long contents apart", () => {
  const long = "x".repeat(10_000);
  assert(keyOf(long).length < 30);
  assertNotEquals(keyOf(long), keyOf(`${long.slice(1)}y`));
  const bytes = new Uint8Array(1000);
  assertNotEquals(keyOf(bytes), keyOf(bytes.with(500, 1)));
  assertEquals(keyOf(bytes), keyOf(bytes.slice()));
});

for (
  const [data, server, path, answer] of [
    ["hi", "edge", "/ws", "hi"],
    ["Trigger async", "edge", "/ws", "Async data"],
    ["Trigger async", "edge", "/frames", "Trigger async"],
    ["Trigger async", "other", "/ws", "Trigger async"],
    ["Ping", "frame", "/ws", undefined],
    ["Ping", "frame", "/control", undefined],
    ["Ping", "edge", "/ws", "Ping"],
  ] as const
) {
  Deno.test(`answerTo() expects ${answer} for ${data} at ${path} of ${server}`, () => {
    assertEquals(answerTo(data, { server, path }), answer);
  });
}
