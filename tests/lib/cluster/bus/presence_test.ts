import { assertEquals } from "@std/assert";
import { LIFETIME, Presence } from "../../../../lib/cluster/bus/presence.ts";

/** A presence whose clock the test moves. */
function presenceAt(): {
  presence: Presence;
  pass(milliseconds: number): void;
} {
  let now = 0;
  return {
    presence: new Presence(() => now),
    pass: (milliseconds) => now += milliseconds,
  };
}

Deno.test("Presence.add() returns true for a new instance only", () => {
  const { presence } = presenceAt();
  assertEquals(presence.add("a"), true);
  assertEquals(presence.add("a"), false);
  assertEquals(presence.list(), ["a"]);
});

Deno.test("Presence removes an instance without a heartbeat", () => {
  const { presence, pass } = presenceAt();
  presence.add("a");
  pass(LIFETIME - 1);
  presence.add("b");
  assertEquals(presence.list(), ["a", "b"]);
  pass(1);
  assertEquals([presence.has("a"), presence.has("b")], [false, true]);
  assertEquals(presence.list(), ["b"]);
  assertEquals(presence.add("a"), true);
});

Deno.test("Presence.remove() removes at once", () => {
  const { presence } = presenceAt();
  presence.add("a");
  presence.remove("a");
  assertEquals(presence.list(), []);
});

Deno.test("Presence.renew() renews every entry, and the list is incomplete for a lifetime", () => {
  const { presence, pass } = presenceAt();
  presence.add("a");
  pass(10 * LIFETIME);
  presence.renew();
  assertEquals([presence.has("a"), presence.isIncomplete], [true, true]);
  pass(LIFETIME);
  assertEquals([presence.has("a"), presence.isIncomplete], [false, false]);
});

Deno.test("Presence.add() keeps 1024 instances at most", () => {
  let now = 0;
  const presence = new Presence(() => now);
  const name = (i: number) => i.toString(16).padStart(8, "0");
  for (let i = 0; i < 2000; i++) presence.add(name(i));
  assertEquals(presence.list().length, 1024);
  assertEquals(presence.add(name(0)), false);
  now = 3000;
  assertEquals(presence.add(name(1999)), true);
  assertEquals(presence.list(), [name(1999)]);
});
