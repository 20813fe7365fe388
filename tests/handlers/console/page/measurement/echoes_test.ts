import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  Echoes,
  keyOf,
  replyTo,
} from "../../../../../handlers/console/page/measurement/echoes.js";

Deno.test("Echoes measures the time from sending to echo", () => {
  const echoes = new Echoes();
  echoes.sent("a", 10);
  assertEquals(echoes.received("a", 12.5), 2.5);
});

Deno.test("Echoes pairs messages with the same content in order", () => {
  const echoes = new Echoes();
  echoes.sent("a", 1);
  echoes.sent("a", 2);
  echoes.sent("a", 3);
  assertEquals([4, 6, 8].map((at) => echoes.received("a", at)), [3, 4, 5]);
  assertEquals(echoes.received("a", 9), undefined);
});

Deno.test("Echoes pairs echoes when the server omits an echo or sends a message of its own", () => {
  const echoes = new Echoes();
  echoes.sent("muted", 1);
  echoes.sent("b", 2);
  assertEquals(echoes.received("hello from the server", 3), undefined);
  assertEquals(echoes.received("b", 4), 2);
});

Deno.test("Echoes pairs echoes in any order", () => {
  const echoes = new Echoes();
  echoes.sent("a", 1);
  echoes.sent("b", 2);
  assertEquals([echoes.received("b", 5), echoes.received("a", 6)], [3, 5]);
});

Deno.test("Echoes distinguishes text from binary", () => {
  const echoes = new Echoes();
  echoes.sent(new TextEncoder().encode("a"), 1);
  assertEquals(echoes.received("a", 2), undefined);
  assertEquals(echoes.received(Uint8Array.of(0x61), 3), 2);
});

Deno.test("Echoes discards the oldest messages above its limit", () => {
  const echoes = new Echoes(10);
  for (let i = 0; i < 21; i++) echoes.sent(`${i}`, i);
  assertEquals(echoes.received("10", 30), undefined);
  assertEquals(echoes.received("11", 30), 19);
  assertEquals(echoes.received("20", 30), 10);
});

Deno.test("Echoes pairs 100,000 messages with the same content in linear time", () => {
  const echoes = new Echoes();
  const start = performance.now();
  for (let i = 0; i < 100_000; i++) echoes.sent("same", i);
  for (let i = 0; i < 100_000; i++) {
    assertEquals(echoes.received("same", i + 1), 1);
  }
  const took = performance.now() - start;
  assert(took < 5000, `${took} ms`);
});

Deno.test("keyOf() is short and distinguishes long contents", () => {
  const long = "x".repeat(10_000);
  assert(keyOf(long).length < 30);
  assertNotEquals(keyOf(long), keyOf(`${long.slice(1)}y`));
  const bytes = new Uint8Array(1000);
  assertNotEquals(keyOf(bytes), keyOf(bytes.with(500, 1)));
  assertEquals(keyOf(bytes), keyOf(bytes.slice()));
});

for (
  const [data, server, path, reply] of [
    ["hi", "edge", "/ws", "hi"],
    ["Trigger async", "edge", "/ws", "Async data"],
    ["Trigger async", "edge", "/", "Async data"],
    ["Trigger async", "edge", "/frames", "Trigger async"],
    ["Trigger async", "other", "/ws", "Trigger async"],
    ["Ping", "frame", "/ws", undefined],
    ["Ping", "frame", "/", undefined],
    ["Ping", "frame", "/control", undefined],
    ["Ping", "edge", "/ws", "Ping"],
  ] as const
) {
  Deno.test(`replyTo() is ${reply} for ${data} to ${path} of ${server}`, () => {
    assertEquals(replyTo(data, { server, path }), reply);
  });
}
