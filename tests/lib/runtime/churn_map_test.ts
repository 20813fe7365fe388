import { assert, assertEquals } from "@std/assert";
import { ChurnMap, ChurnSet } from "../../../lib/runtime/churn_map.ts";

Deno.test("ChurnMap sets, gets, deletes and iterates like a Map", () => {
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

Deno.test("ChurnSet adds, deletes and iterates like a Set", () => {
  const set = new ChurnSet<string>();
  for (const item of ["a", "b", "a"]) set.add(item);
  assertEquals([set.size, [...set]], [2, ["a", "b"]]);
  assertEquals([set.delete("a"), set.delete("a")], [true, false]);
  assertEquals([...set], ["b"]);
});

Deno.test("ChurnMap keeps entries and their order when many come and go", () => {
  const map = new ChurnMap<number, number>();
  const model = new Map<number, number>();
  let random = 1;
  for (let key = 0; key < 20_000; key++) {
    map.set(key, -key);
    model.set(key, -key);
    random = random * 48271 % 2147483647;
    const deleted = key - random % 200;
    assertEquals(map.delete(deleted), model.delete(deleted));
  }
  assertEquals(map.size, model.size);
  assertEquals([...map], [...model]);
});

Deno.test("ChurnMap skips entries that are deleted during an iteration", () => {
  const map = new ChurnMap<number, true>();
  for (let key = 0; key < 1000; key++) map.set(key, true);
  const seen: number[] = [];
  for (const [key] of map) {
    seen.push(key);
    // With the next one, these are enough deletions to replace the map meanwhile.
    map.delete(key);
    map.delete(key + 1);
  }
  assertEquals(seen, Array.from({ length: 500 }, (_, index) => index * 2));
  assertEquals(map.size, 0);
});

/** Bytes of an item, roughly. */
const WEIGHT = 1024;

/** Items in the set at once. */
const AT_ONCE = 32;

/** Bytes of all items that come and go. */
const TOTAL = 128 * 2 ** 20;

/** A growth of the heap between that of the young generation and that of all items. */
const LIMIT = 40 * 2 ** 20;

function newItem(): number[] {
  return new Array<number>(WEIGHT / 8).fill(0.5);
}

/** Bytes by which the heap grows while items come and go. */
function growthOf(
  set: Pick<Set<number[]>, "delete"> & {
    add(item: number[]): unknown;
  },
): number {
  let garbage: unknown;
  set.add(newItem());
  // Enough garbage that the set is promoted to the old generation.
  for (let i = 0; i < TOTAL / WEIGHT / 2; i++) garbage = newItem();
  const queue: number[][] = [];
  const before = Deno.memoryUsage().heapUsed;
  let highest = before;
  for (let i = 0; i < TOTAL / WEIGHT; i++) {
    const item = newItem();
    set.add(item);
    queue.push(item);
    if (queue.length > AT_ONCE) set.delete(queue.shift()!);
    if (i % 256 === 0) {
      highest = Math.max(highest, Deno.memoryUsage().heapUsed);
    }
  }
  assert(garbage !== undefined);
  return highest - before;
}

Deno.test("ChurnSet.delete() leaves no item in memory until a full collection", () => {
  const growth = growthOf(new ChurnSet<number[]>());
  assert(growth < LIMIT, `grew by ${growth} bytes`);
});

// When this fails, ChurnMap and ChurnSet can be replaced by Map and Set.
Deno.test("runtime still keeps deleted items of a Set until a full collection", () => {
  // A full collection may come early, so the highest of some runs counts.
  const growths = [1, 2, 3, 4].map(() => growthOf(new Set<number[]>()));
  const growth = Math.max(...growths);
  assert(growth > LIMIT, `grew by ${growth} bytes`);
});
