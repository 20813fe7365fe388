import process from "node:process";
import { assertEquals } from "@std/assert";
import { ReadScheduler } from "../../../../lib/frame/transport/read_scheduler.ts";

/** Operations that the runtime completes in one batch. */
const BUDGET = 128;

/** Reads, and records the order. */
class Reader {
  readonly readScheduler: ReadScheduler = new ReadScheduler();
  readonly read: string[] = [];
  readonly #began: number[] = [];

  /** Begins operations. */
  begin(count: number): void {
    for (let i = 0; i < count; i++) {
      this.#began.push(this.readScheduler.began());
    }
  }

  /** Ends operations. */
  end(count: number): void {
    for (let i = 0; i < count; i++) {
      this.readScheduler.ended(this.#began.shift()!);
    }
  }

  /** A connection reads. */
  ask(name: string): void {
    this.readScheduler.read({ readNow: () => this.read.push(name) });
  }
}

/** Resolves in the next batch. */
function nextBatch(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(() => setTimeout(resolve, 0));
  });
}

async function underWay(count: number): Promise<Reader> {
  const reader = new Reader();
  reader.begin(count);
  await nextBatch();
  return reader;
}

Deno.test("ReadScheduler reads at once while few operations are under way", async () => {
  const reader = await underWay(BUDGET - 1);
  reader.end(BUDGET - 1);
  reader.ask("a");
  assertEquals(reader.read, ["a"]);
});

Deno.test("ReadScheduler reads at once after a batch that is not full", async () => {
  const reader = await underWay(2 * BUDGET);
  reader.end(BUDGET - 1);
  reader.ask("a");
  assertEquals(reader.read, ["a"]);
  await nextBatch();
  reader.ask("b");
  assertEquals(reader.read, ["a", "b"]);
});

Deno.test("ReadScheduler reads after a full batch when a batch is not full", async () => {
  const reader = await underWay(3 * BUDGET);
  reader.end(BUDGET);
  reader.ask("first");
  reader.ask("second");
  await Promise.resolve();
  process.nextTick(() => {
    // The next batch, which is full too.
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
  await nextBatch();
  assertEquals(reader.read, ["first", "second", "third"]);
  reader.ask("at once");
  assertEquals(reader.read.at(-1), "at once");
});

Deno.test("ReadScheduler does not count operations that begin and end in one batch", async () => {
  const reader = await underWay(2 * BUDGET);
  for (let i = 0; i < 2 * BUDGET; i++) {
    reader.readScheduler.ended(reader.readScheduler.began());
  }
  reader.ask("a");
  assertEquals(reader.read, ["a"]);
});

Deno.test("ReadScheduler reads at once where no operation is under way", async () => {
  const reader = await underWay(BUDGET + 1);
  reader.end(BUDGET + 1);
  reader.ask("a");
  assertEquals(reader.read, []);
  const left = Promise.withResolvers<void>();
  process.nextTick(left.resolve);
  await left.promise;
  assertEquals(reader.read, ["a"]);
});

Deno.test("ReadScheduler reads after a full batch if the other connections are silent", async () => {
  const reader = await underWay(2 * BUDGET);
  reader.end(BUDGET);
  const read = Promise.withResolvers<void>();
  reader.readScheduler.read({ readNow: read.resolve });
  await read.promise;
  // A later read is not delayed.
  reader.ask("a");
  assertEquals(reader.read, ["a"]);
});
