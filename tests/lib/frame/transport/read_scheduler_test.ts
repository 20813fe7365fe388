import { assertEquals } from "@std/assert";
import process from "node:process";
import { ReadScheduler } from "../../../../lib/frame/transport/read_scheduler.ts";

/** What the runtime completes at a time. */
const BUDGET = 128;

/** Reads, and writes down in which order. */
class Reader {
  readonly readScheduler: ReadScheduler = new ReadScheduler();
  readonly read: string[] = [];
  readonly #began: number[] = [];

  /** So many operations begin. */
  begin(count: number): void {
    for (let i = 0; i < count; i++) {
      this.#began.push(this.readScheduler.began());
    }
  }

  /** So many of them end. */
  end(count: number): void {
    for (let i = 0; i < count; i++) {
      this.readScheduler.ended(this.#began.shift()!);
    }
  }

  /** Somebody wants to read. */
  ask(name: string): void {
    this.readScheduler.read({ readNow: () => this.read.push(name) });
  }
}

/** Resolves in the next turn. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(() => setTimeout(resolve, 0));
  });
}

async function underWay(count: number): Promise<Reader> {
  const reader = new Reader();
  reader.begin(count);
  await turn();
  return reader;
}

Deno.test("ReadScheduler: while few operations are under way everybody reads at once", async () => {
  const reader = await underWay(BUDGET - 1);
  reader.end(BUDGET - 1);
  reader.ask("a");
  assertEquals(reader.read, ["a"]);
});

Deno.test("ReadScheduler: a turn that is not full holds nobody up", async () => {
  const reader = await underWay(2 * BUDGET);
  reader.end(BUDGET - 1);
  reader.ask("a");
  assertEquals(reader.read, ["a"]);
  await turn();
  reader.ask("b");
  assertEquals(reader.read, ["a", "b"]);
});

Deno.test("ReadScheduler: behind a full turn everybody waits for one that is not", async () => {
  const reader = await underWay(3 * BUDGET);
  reader.end(BUDGET);
  reader.ask("first");
  reader.ask("second");
  await Promise.resolve();
  process.nextTick(() => {
    // The next turn, full as well.
    reader.end(BUDGET);
    reader.ask("third");
  });
  const late = Promise.withResolvers<void>();
  process.nextTick(() => {
    assertEquals(reader.read, []);
    late.resolve();
  });
  await late.promise;
  reader.end(1);
  await turn();
  assertEquals(reader.read, ["first", "second", "third"]);
  reader.ask("at once");
  assertEquals(reader.read.at(-1), "at once");
});

Deno.test("ReadScheduler: what begins and ends in one turn does not fill it", async () => {
  const reader = await underWay(2 * BUDGET);
  for (let i = 0; i < 2 * BUDGET; i++) {
    reader.readScheduler.ended(reader.readScheduler.began());
  }
  reader.ask("a");
  assertEquals(reader.read, ["a"]);
});

Deno.test("ReadScheduler: nobody waits where nothing is under way any more", async () => {
  const reader = await underWay(BUDGET + 1);
  reader.end(BUDGET + 1);
  reader.ask("a");
  assertEquals(reader.read, []);
  const left = Promise.withResolvers<void>();
  process.nextTick(left.resolve);
  await left.promise;
  assertEquals(reader.read, ["a"]);
});

Deno.test("ReadScheduler: nobody waits for ever where the others are silent", async () => {
  const reader = await underWay(2 * BUDGET);
  reader.end(BUDGET);
  const read = Promise.withResolvers<void>();
  reader.readScheduler.read({ readNow: read.resolve });
  await read.promise;
  // What is read later is read at once.
  reader.ask("a");
  assertEquals(reader.read, ["a"]);
});
