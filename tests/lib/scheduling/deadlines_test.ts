import { assertEquals } from "@std/assert";
import { Deadlines } from "../../../lib/scheduling/deadlines.ts";

/** A clock that the test moves, in place of the runtime's while it is not disposed of. */
class FakeClock implements Disposable {
  #now = 0;
  #serial = 0;
  readonly #timers = new Map<number, { due: number; run: () => void }>();
  readonly #realNow = performance.now;
  readonly #real = { setTimeout, clearTimeout };

  constructor() {
    performance.now = () => this.#now;
    Object.assign(globalThis, {
      setTimeout: (run: () => void, delay = 0) => {
        this.#timers.set(++this.#serial, { due: this.#now + delay, run });
        return this.#serial;
      },
      clearTimeout: (id = 0) => this.#timers.delete(id),
    });
  }

  /** Timers that are set. */
  get timers(): number {
    return this.#timers.size;
  }

  /** Lets time pass, and the timers that are due run in their order. */
  pass(milliseconds: number): void {
    const end = this.#now + milliseconds;
    for (;;) {
      const [next] = [...this.#timers].sort(([, a], [, b]) => a.due - b.due);
      if (next === undefined || next[1].due > end) break;
      const [id, { due, run }] = next;
      this.#timers.delete(id);
      this.#now = Math.max(due, this.#now);
      run();
    }
    this.#now = end;
  }

  [Symbol.dispose](): void {
    performance.now = this.#realNow;
    Object.assign(globalThis, this.#real);
  }
}

/** Deadlines of 100 ms, and what was late, in order. */
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

Deno.test("Deadlines.add() gives an item its time, and no more", () => {
  using clock = new FakeClock();
  const { deadlines, expired } = create();
  deadlines.add("a");
  clock.pass(99);
  assertEquals(expired, []);
  clock.pass(1);
  assertEquals(expired, ["a"]);
  clock.pass(1000);
  assertEquals(expired, ["a"]);
});

Deno.test("Deadlines.add() gives everybody the same time", () => {
  using clock = new FakeClock();
  const { deadlines, expired } = create();
  for (const item of ["a", "b", "c"]) {
    deadlines.add(item);
    clock.pass(30);
  }
  clock.pass(9);
  assertEquals(expired, []);
  clock.pass(1);
  assertEquals(expired, ["a"]);
  clock.pass(29);
  assertEquals(expired, ["a"]);
  clock.pass(1);
  assertEquals(expired, ["a", "b"]);
  clock.pass(30);
  assertEquals(expired, ["a", "b", "c"]);
});

Deno.test("Deadlines.add() changes nothing for an item that is on the list", () => {
  using clock = new FakeClock();
  const { deadlines, expired } = create();
  deadlines.add("a");
  clock.pass(60);
  deadlines.add("a");
  clock.pass(40);
  assertEquals(expired, ["a"]);
  clock.pass(1000);
  assertEquals(expired, ["a"]);
});

Deno.test("Deadlines.add() sets one timer, however many wait", () => {
  using clock = new FakeClock();
  const { deadlines } = create();
  for (let i = 0; i < 100; i++) {
    deadlines.add(String(i));
    clock.pass(0.5);
    assertEquals(clock.timers, 1);
  }
});

Deno.test("Deadlines sets no timer when nobody waits", () => {
  using clock = new FakeClock();
  const { deadlines } = create();
  assertEquals(clock.timers, 0);
  deadlines.add("a");
  clock.pass(100);
  assertEquals(clock.timers, 0);
});

Deno.test("Deadlines.delete() takes an item off, and says whether it was there", () => {
  using clock = new FakeClock();
  const { deadlines, expired } = create();
  deadlines.add("a");
  deadlines.add("b");
  assertEquals(deadlines.delete("a"), true);
  assertEquals(deadlines.delete("a"), false);
  assertEquals(deadlines.delete("c"), false);
  clock.pass(100);
  assertEquals(expired, ["b"]);
  assertEquals(deadlines.delete("b"), false);
});

Deno.test("Deadlines.add() gives an item that was taken off its whole time again", () => {
  using clock = new FakeClock();
  const { deadlines, expired } = create();
  deadlines.add("a");
  deadlines.add("b");
  clock.pass(60);
  deadlines.delete("a");
  deadlines.add("a");
  clock.pass(40);
  assertEquals(expired, ["b"]);
  clock.pass(59);
  assertEquals(expired, ["b"]);
  clock.pass(1);
  assertEquals(expired, ["b", "a"]);
});

Deno.test("Deadlines calls back for an item that is off the list", () => {
  using clock = new FakeClock();
  const found: boolean[] = [];
  const { deadlines } = create((item, deadlines) => {
    found.push(deadlines.delete(item));
  });
  deadlines.add("a");
  clock.pass(100);
  assertEquals(found, [false]);
});

Deno.test("Deadlines calls back for no item that an earlier callback took off", () => {
  using clock = new FakeClock();
  const { deadlines, expired } = create((_item, deadlines) => {
    deadlines.delete("b");
  });
  for (const item of ["a", "b", "c"]) deadlines.add(item);
  clock.pass(100);
  assertEquals(expired, ["a", "c"]);
});

Deno.test("Deadlines gives an item that a callback adds its whole time", () => {
  using clock = new FakeClock();
  const { deadlines, expired } = create((item, deadlines) => {
    if (item === "a") deadlines.add("b");
  });
  deadlines.add("a");
  clock.pass(199);
  assertEquals(expired, ["a"]);
  clock.pass(1);
  assertEquals(expired, ["a", "b"]);
  assertEquals(clock.timers, 0);
});

Deno.test("Deadlines gives the others their time where a callback adds an item", () => {
  using clock = new FakeClock();
  const { deadlines, expired } = create((item, deadlines) => {
    if (item === "a") deadlines.add("c");
  });
  deadlines.add("a");
  clock.pass(50);
  deadlines.add("b");
  clock.pass(99);
  assertEquals(expired, ["a"]);
  clock.pass(1);
  assertEquals(expired, ["a", "b"]);
  clock.pass(50);
  assertEquals(expired, ["a", "b", "c"]);
});

// A timer that a callback's add() set was forgotten when the rest of the list
// set one too, so clear() left it.
Deno.test({
  name: "Deadlines sets one timer also where a callback adds an item",
  fn() {
    using clock = new FakeClock();
    const { deadlines } = create((item, deadlines) => {
      if (item === "a") deadlines.add("c");
    });
    deadlines.add("a");
    clock.pass(50);
    deadlines.add("b");
    clock.pass(50);
    assertEquals(clock.timers, 1);
    deadlines.clear();
    assertEquals(clock.timers, 0);
  },
});

Deno.test("Deadlines.clear() takes everything off, and stops the timer", () => {
  using clock = new FakeClock();
  const { deadlines, expired } = create();
  deadlines.add("a");
  deadlines.add("b");
  deadlines.clear();
  assertEquals(clock.timers, 0);
  assertEquals(deadlines.delete("a"), false);
  clock.pass(1000);
  assertEquals(expired, []);
});

Deno.test("Deadlines.clear() leaves a list that works", () => {
  using clock = new FakeClock();
  const { deadlines, expired } = create();
  deadlines.clear();
  deadlines.add("a");
  deadlines.clear();
  deadlines.add("a");
  clock.pass(100);
  assertEquals(expired, ["a"]);
});

Deno.test("Deadlines.clear() in a callback ends it", () => {
  using clock = new FakeClock();
  const { deadlines, expired } = create((_item, deadlines) =>
    deadlines.clear()
  );
  deadlines.add("a");
  deadlines.add("b");
  clock.pass(1000);
  assertEquals(expired, ["a"]);
  assertEquals(clock.timers, 0);
});
