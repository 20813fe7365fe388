import { assert, assertEquals } from "@std/assert";
import { ChurnMap, ChurnSet } from "../../../lib/runtime/churn_map.ts";

Deno.test("ChurnMap is a map", () => {
  const map = new ChurnMap<string, number>();
  map.set("a", 1);
  map.set("b", 2);
  map.set("a", 3);
  assertEquals([...map], [["a", 3], ["b", 2]]);
  assertEquals([...map.values()], [3, 2]);
  assertEquals([map.size, map.get("a"), map.get("c")], [2, 3, undefined]);
  assertEquals([map.has("b"), map.has("c")], [true, false]);
  assertEquals([map.delete("a"), map.delete("a")], [true, false]);
  assertEquals([...map], [["b", 2]]);
  map.clear();
  assertEquals([map.size, [...map]], [0, []]);
});

Deno.test("ChurnSet is a set", () => {
  const set = new ChurnSet<string>();
  for (const item of ["a", "b", "a"]) set.add(item);
  assertEquals([set.size, [...set]], [2, ["a", "b"]]);
  assertEquals([set.delete("a"), set.delete("a")], [true, false]);
  assertEquals([...set], ["b"]);
});

Deno.test("ChurnMap keeps entries and their order while many come and go", () => {
  const map = new ChurnMap<number, number>();
  const model = new Map<number, number>();
  let random = 1;
  for (let key = 0; key < 20_000; key++) {
    map.set(key, -key);
    model.set(key, -key);
    random = random * 48271 % 2147483647;
    const victim = key - random % 200;
    assertEquals(map.delete(victim), model.delete(victim));
  }
  assertEquals(map.size, model.size);
  assertEquals([...map], [...model]);
});

Deno.test("ChurnMap shows nothing that is taken out on the way", () => {
  const map = new ChurnMap<number, true>();
  for (let key = 0; key < 1000; key++) map.set(key, true);
  const seen: number[] = [];
  for (const [key] of map) {
    seen.push(key);
    // The one behind, too: enough to have the map renewed on the way.
    map.delete(key);
    map.delete(key + 1);
  }
  assertEquals(seen, Array.from({ length: 500 }, (_, index) => index * 2));
  assertEquals(map.size, 0);
});

/** Bytes, nearly, of one of those who come and go. */
const WEIGHT = 1024;

/** How many there are at once. */
const AT_ONCE = 32;

const MIB = 2 ** 20;

function newcomer(): number[] {
  return new Array<number>(WEIGHT / 8).fill(0.5);
}

Deno.test("who has left a ChurnSet does not stay in memory until a full collection", () => {
  const set = new ChurnSet<number[]>();
  let garbage: unknown;
  set.add(newcomer());
  // Long enough that the set has grown old.
  for (let i = 0; i < 64 * 1024; i++) garbage = newcomer();
  const queue: number[][] = [];
  const before = Deno.memoryUsage().heapUsed;
  let highest = before;
  for (let i = 0; i < 128 * 1024; i++) {
    const item = newcomer();
    set.add(item);
    queue.push(item);
    if (queue.length > AT_ONCE) set.delete(queue.shift()!);
    if (i % 256 === 0) {
      highest = Math.max(highest, Deno.memoryUsage().heapUsed);
    }
  }
  assert(garbage !== undefined);
  // 128 MiB have come by; the young generation alone may be 16 to 32.
  const growth = (highest - before) / MIB;
  assert(growth < 40, `grew by ${growth.toFixed(0)} MiB`);
});
