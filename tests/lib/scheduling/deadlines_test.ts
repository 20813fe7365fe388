import { assertEquals } from "@std/assert";
import { Deadlines } from "../../../lib/scheduling/deadlines.ts";
import { FakeTime } from "../../handlers/fake_time.ts";

/** Makes deadlines of 100 ms, and records the expired items in order. */
function create(
  late: (item: string, deadlines: Deadlines<string>) => void = () => {},
): { deadlines: Deadlines<string>; expired: string[] } {
  const expired: string[] = [];
  const deadlines: Deadlines<string> = new Deadlines(100, (item) => {
    expired.push(item);
    late(item, deadlines);
  });
  return { deadlines, expired };
}

Deno.test("Deadlines.add() calls back once, after the timeout", () => {
  using time = new FakeTime();
  const { deadlines, expired } = create();
  deadlines.add("a");
  time.pass(99);
  assertEquals(expired, []);
  time.pass(1);
  assertEquals(expired, ["a"]);
  time.pass(1000);
  assertEquals(expired, ["a"]);
});

Deno.test("Deadlines.add() gives each item the same timeout", () => {
  using time = new FakeTime();
  const { deadlines, expired } = create();
  for (const item of ["a", "b", "c"]) {
    deadlines.add(item);
    time.pass(30);
  }
  time.pass(9);
  assertEquals(expired, []);
  time.pass(1);
  assertEquals(expired, ["a"]);
  time.pass(29);
  assertEquals(expired, ["a"]);
  time.pass(1);
  assertEquals(expired, ["a", "b"]);
  time.pass(30);
  assertEquals(expired, ["a", "b", "c"]);
});

Deno.test("Deadlines.add() changes nothing for an item in the list", () => {
  using time = new FakeTime();
  const { deadlines, expired } = create();
  deadlines.add("a");
  time.pass(60);
  deadlines.add("a");
  time.pass(40);
  assertEquals(expired, ["a"]);
  time.pass(1000);
  assertEquals(expired, ["a"]);
});

Deno.test("Deadlines.add() sets one timer for all items", () => {
  using time = new FakeTime();
  const { deadlines } = create();
  for (let i = 0; i < 100; i++) {
    deadlines.add(String(i));
    time.pass(0.5);
    assertEquals(time.timers, 1);
  }
});

Deno.test("Deadlines sets no timer for an empty list", () => {
  using time = new FakeTime();
  const { deadlines } = create();
  assertEquals(time.timers, 0);
  deadlines.add("a");
  time.pass(100);
  assertEquals(time.timers, 0);
});

Deno.test("Deadlines.delete() returns whether the item was in the list", () => {
  using time = new FakeTime();
  const { deadlines, expired } = create();
  deadlines.add("a");
  deadlines.add("b");
  assertEquals(deadlines.delete("a"), true);
  assertEquals(deadlines.delete("a"), false);
  assertEquals(deadlines.delete("c"), false);
  time.pass(100);
  assertEquals(expired, ["b"]);
  assertEquals(deadlines.delete("b"), false);
});

Deno.test("Deadlines.add() restarts the timeout of a deleted item", () => {
  using time = new FakeTime();
  const { deadlines, expired } = create();
  deadlines.add("a");
  deadlines.add("b");
  time.pass(60);
  deadlines.delete("a");
  deadlines.add("a");
  time.pass(40);
  assertEquals(expired, ["b"]);
  time.pass(59);
  assertEquals(expired, ["b"]);
  time.pass(1);
  assertEquals(expired, ["b", "a"]);
});

Deno.test("Deadlines deletes an item before it calls back", () => {
  using time = new FakeTime();
  const found: boolean[] = [];
  const { deadlines } = create((item, deadlines) => {
    found.push(deadlines.delete(item));
  });
  deadlines.add("a");
  time.pass(100);
  assertEquals(found, [false]);
});

Deno.test("Deadlines does not call back for an item that a callback deleted", () => {
  using time = new FakeTime();
  const { deadlines, expired } = create((_item, deadlines) => {
    deadlines.delete("b");
  });
  for (const item of ["a", "b", "c"]) deadlines.add(item);
  time.pass(100);
  assertEquals(expired, ["a", "c"]);
});

Deno.test("Deadlines gives an item that a callback adds the whole timeout", () => {
  using time = new FakeTime();
  const { deadlines, expired } = create((item, deadlines) => {
    if (item === "a") deadlines.add("b");
  });
  deadlines.add("a");
  time.pass(199);
  assertEquals(expired, ["a"]);
  time.pass(1);
  assertEquals(expired, ["a", "b"]);
  assertEquals(time.timers, 0);
});

Deno.test("Deadlines keeps the timeouts of other items when a callback adds an item", () => {
  using time = new FakeTime();
  const { deadlines, expired } = create((item, deadlines) => {
    if (item === "a") deadlines.add("c");
  });
  deadlines.add("a");
  time.pass(50);
  deadlines.add("b");
  time.pass(99);
  assertEquals(expired, ["a"]);
  time.pass(1);
  assertEquals(expired, ["a", "b"]);
  time.pass(50);
  assertEquals(expired, ["a", "b", "c"]);
});

// A second timer replaced the one that add() had set in a callback, so clear() missed it.
Deno.test({
  name: "Deadlines sets one timer when a callback adds an item",
  fn() {
    using time = new FakeTime();
    const { deadlines } = create((item, deadlines) => {
      if (item === "a") deadlines.add("c");
    });
    deadlines.add("a");
    time.pass(50);
    deadlines.add("b");
    time.pass(50);
    assertEquals(time.timers, 1);
    deadlines.clear();
    assertEquals(time.timers, 0);
  },
});

Deno.test("Deadlines.clear() deletes all items, and stops the timer", () => {
  using time = new FakeTime();
  const { deadlines, expired } = create();
  deadlines.add("a");
  deadlines.add("b");
  deadlines.clear();
  assertEquals(time.timers, 0);
  assertEquals(deadlines.delete("a"), false);
  time.pass(1000);
  assertEquals(expired, []);
});

Deno.test("Deadlines.add() works after clear()", () => {
  using time = new FakeTime();
  const { deadlines, expired } = create();
  deadlines.clear();
  deadlines.add("a");
  deadlines.clear();
  deadlines.add("a");
  time.pass(100);
  assertEquals(expired, ["a"]);
});

Deno.test("Deadlines.clear() in a callback stops further callbacks", () => {
  using time = new FakeTime();
  const { deadlines, expired } = create((_item, deadlines) =>
    deadlines.clear()
  );
  deadlines.add("a");
  deadlines.add("b");
  time.pass(1000);
  assertEquals(expired, ["a"]);
  assertEquals(time.timers, 0);
});
