import process from "node:process";
import { assertEquals } from "@std/assert";
import { ReadScheduler } from "../../../../lib/frame/transport/read_scheduler.ts";
import { afterInputPoll } from "../../../../lib/scheduling/scheduler.ts";

/** Operations that the runtime completes in one batch. */
const BUDGET = 128;

/** Reads that start at a time while many clients send. */
const READS_PER_POLL = 48;

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

/** Resolves when the next reads have started. */
function nextReads(): Promise<void> {
  return new Promise(afterInputPoll);
}

/** Names of so many connections. */
function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${i}`);
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

Deno.test("ReadScheduler does not count operations that begin and end in one batch", async () => {
  const reader = await underWay(2 * BUDGET);
  for (let i = 0; i < 2 * BUDGET; i++) {
    reader.readScheduler.ended(reader.readScheduler.began());
  }
  await nextBatch();
  reader.ask("a");
  assertEquals(reader.read, ["a"]);
});

Deno.test("ReadScheduler reads at once where no operation is under way", async () => {
  const reader = await underWay(BUDGET + 1);
  reader.end(BUDGET + 1);
  await nextBatch();
  reader.ask("a");
  assertEquals(reader.read, ["a"]);
});

/** Returns a reader after a full batch. */
async function crowded(): Promise<Reader> {
  const reader = await underWay(3 * BUDGET);
  reader.end(BUDGET);
  const left = Promise.withResolvers<void>();
  process.nextTick(left.resolve);
  await left.promise;
  return reader;
}

Deno.test("ReadScheduler starts few reads at a time after a full batch, in order", async () => {
  const reader = await crowded();
  const names = numbers(READS_PER_POLL);
  for (const name of names) reader.ask(name);
  assertEquals(reader.read, []);
  await nextReads();
  assertEquals(reader.read, names);
  await nextReads();
  reader.ask("at once");
  assertEquals(reader.read, [...names, "at once"]);
});

Deno.test("ReadScheduler reads from a client twice before those that wait", async () => {
  const reader = await crowded();
  const names = numbers(READS_PER_POLL + 1);
  for (const name of names) reader.ask(name);
  // More were put off than start at a time: none starts.
  await nextReads();
  assertEquals(reader.read, []);
  await nextReads();
  const first = names.slice(0, READS_PER_POLL);
  assertEquals(reader.read, first);
  reader.ask("0");
  await nextReads();
  assertEquals(reader.read, [...first, "0"]);
  reader.ask("0");
  await nextReads();
  assertEquals(reader.read, [...first, "0", names.at(-1), "0"]);
});

Deno.test("ReadScheduler starts reads while writes use the budget up", async () => {
  const reader = await crowded();
  reader.ask("a");
  reader.begin(BUDGET);
  reader.end(2 * BUDGET);
  await nextReads();
  assertEquals(reader.read, ["a"]);
});

Deno.test("ReadScheduler reads at once when no read waits any more", async () => {
  const reader = await crowded();
  reader.ask("a");
  await nextReads();
  reader.ask("b");
  assertEquals(reader.read, ["a"]);
  await nextReads();
  await nextReads();
  reader.ask("c");
  assertEquals(reader.read, ["a", "b", "c"]);
});

Deno.test("ReadScheduler limits a read by the number of connections that read or wait", async () => {
  const reader = await crowded();
  const limit = (size: number) =>
    reader.readScheduler.limited(new Uint8Array(size)).length;
  assertEquals([limit(100), limit(100_000)], [100, 16 * 1024]);
  reader.end(2 * BUDGET);
  assertEquals([limit(100), limit(100_000)], [100, 100_000]);
  for (let i = 0; i < 16; i++) reader.ask("a");
  assertEquals([limit(50_000), limit(100_000)], [50_000, 64 * 1024]);
  for (let i = 16; i < BUDGET; i++) reader.ask("a");
  assertEquals([limit(100), limit(50_000)], [100, 16 * 1024]);
});
