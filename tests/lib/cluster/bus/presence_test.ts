import { assertEquals } from "@std/assert";
import { LIFETIME, Presence } from "../../../../lib/cluster/bus/presence.ts";

/** A presence whose time is set by hand. */
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

Deno.test("Presence.saw() tells newcomers from those that were there", () => {
  const { presence } = presenceAt();
  assertEquals(presence.saw("a"), true);
  assertEquals(presence.saw("a"), false);
  assertEquals(presence.list(), ["a"]);
});

Deno.test("Presence forgets an instance that gives no sign of life", () => {
  const { presence, pass } = presenceAt();
  presence.saw("a");
  pass(LIFETIME - 1);
  presence.saw("b");
  assertEquals(presence.list(), ["a", "b"]);
  pass(1);
  assertEquals([presence.has("a"), presence.has("b")], [false, true]);
  assertEquals(presence.list(), ["b"]);
  assertEquals(presence.saw("a"), true);
});

Deno.test("Presence.left() forgets at once", () => {
  const { presence } = presenceAt();
  presence.saw("a");
  presence.left("a");
  assertEquals(presence.list(), []);
});

Deno.test("Presence.hearsAgain() gives those that were there their time anew", () => {
  const { presence, pass } = presenceAt();
  presence.saw("a");
  pass(10 * LIFETIME);
  presence.hearsAgain();
  assertEquals([presence.has("a"), presence.isLooking], [true, true]);
  pass(LIFETIME);
  assertEquals([presence.has("a"), presence.isLooking], [false, false]);
});

Deno.test("Presence.saw() knows a limited number of instances", () => {
  let now = 0;
  const presence = new Presence(() => now);
  const name = (i: number) => i.toString(16).padStart(8, "0");
  for (let i = 0; i < 2000; i++) presence.saw(name(i));
  assertEquals(presence.list().length, 1024);
  assertEquals(presence.saw(name(0)), false);
  now = 3000;
  assertEquals(presence.saw(name(1999)), true);
  assertEquals(presence.list(), [name(1999)]);
});
