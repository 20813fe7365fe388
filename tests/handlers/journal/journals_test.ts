import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  Journals,
  MAX_AGE,
  MAX_BYTES,
  MAX_CONNECTIONS,
  MAX_JOURNAL_BYTES,
  MAX_JOURNALS,
} from "../../../handlers/journal/journals.ts";
import type { ConnectionRecord } from "../../../handlers/journal/record/connection_record.ts";
import type { HeldMemory } from "../../../lib/memory/held_memory.ts";
import { RefusedError } from "../../../lib/protocol/http_error.ts";
import { nextSlice } from "../../../lib/scheduling/scheduler.ts";
import { OPCODE_NUMBER } from "../../../lib/websocket.ts";
import { REMOTE_ADDR } from "../fakes.ts";

const INFO = { listener: "frame", remoteAddr: REMOTE_ADDR } as const;

class Account implements HeldMemory {
  isTight = false;
  total = 0;

  charge(bytes: number): void {
    this.total += bytes;
  }
}

/** Fills a journal with a number of bytes; returns how many were taken. */
function fill(record: ConnectionRecord, bytes: number, journals: Journals) {
  const before = journals.held;
  for (let last = -1; journals.held - before < bytes;) {
    if (journals.held === last) break;
    last = journals.held;
    record.fin("client");
  }
  return journals.held - before;
}

Deno.test("Journals lists the connections of a name in their order", () => {
  const journals = new Journals();
  const records = [journals.begin("a", INFO), journals.begin("a", INFO)];
  journals.begin("b", INFO);
  assertEquals(journals.get("a")!.connections, records);
  assertEquals(records.map(({ id }) => id), [1, 2]);
  assertEquals([journals.size, journals.get("c")], [2, undefined]);
});

Deno.test("Journals removes a journal and gives its memory back", () => {
  const account = new Account();
  const journals = new Journals(account);
  const record = journals.begin("a", INFO);
  record.fin("client");
  assert(account.total > 0);
  assertEquals([journals.remove("a"), journals.remove("a")], [true, false]);
  record.fin("server");
  assertEquals([account.total, journals.get("a")], [0, undefined]);
});

Deno.test("Journals charges what it holds to the account that it gets later", () => {
  const account = new Account();
  const journals = new Journals();
  journals.begin("a", INFO).fin("client");
  journals.account(account);
  assertEquals(account.total, journals.held);
  journals.remove("a");
  assertEquals(account.total, 0);
});

Deno.test("Journals removes the journal that changed first when there are too many", () => {
  const journals = new Journals();
  for (let i = 0; i < MAX_JOURNALS; i++) {
    const record = journals.begin(`${i}`, INFO);
    if (i > 0) record.end("closed", "server");
  }
  journals.begin("new", INFO);
  assertEquals(journals.size, MAX_JOURNALS);
  assert(journals.get("0"), "an open connection's journal was removed");
  assertEquals(journals.get("1"), undefined);
});

Deno.test("Journals refuses a journal when all have open connections", () => {
  const journals = new Journals();
  for (let i = 0; i < MAX_JOURNALS; i++) journals.begin(`${i}`, INFO);
  const error = assertThrows(() => journals.begin("new", INFO), RefusedError);
  assertEquals(error.answer.status, 503);
});

Deno.test("a journal removes its first ended connection when there are too many", () => {
  const journals = new Journals();
  const records = Array.from(
    { length: MAX_CONNECTIONS },
    () => journals.begin("a", INFO),
  );
  const error = assertThrows(() => journals.begin("a", INFO), RefusedError);
  assertEquals(error.answer.status, 503);
  records[1]!.end("closed", "server");
  assertEquals(journals.begin("a", INFO).id, MAX_CONNECTIONS + 1);
  const { connections, removed } = journals.get("a")!;
  assertEquals([connections.length, removed], [MAX_CONNECTIONS, 1]);
  assert(!connections.includes(records[1]!));
});

Deno.test("Journals removes a journal an hour after its last change", () => {
  let now = 0;
  const journals = new Journals(undefined, () => now);
  const record = journals.begin("a", INFO);
  now = MAX_AGE - 1;
  record.fin("client");
  journals.begin("b", INFO);
  now = 2 * MAX_AGE - 2;
  assert(journals.get("a"));
  now = 2 * MAX_AGE - 1;
  assertEquals([journals.get("a"), journals.size], [undefined, 0]);
});

Deno.test("a journal records no more than its limit of bytes", () => {
  const journals = new Journals();
  for (let i = 0; i < 20; i++) {
    fill(journals.begin("a", INFO), MAX_JOURNAL_BYTES, journals);
  }
  assert(journals.held <= MAX_JOURNAL_BYTES);
  const { connections } = journals.get("a")!;
  assert(connections.at(-1)!.omitted > 0);
});

Deno.test("Journals holds no more than its limit of bytes", () => {
  const journals = new Journals();
  for (let i = 0; i < 40 * 8; i++) {
    const record = journals.begin(`${i % 40}`, INFO);
    fill(record, MAX_JOURNAL_BYTES, journals);
    record.end("closed", "server");
    assert(journals.held <= MAX_BYTES, `${journals.held} bytes`);
  }
  assert(journals.size < 40);
});

Deno.test("Journals removes ended journals and records no more when memory is tight", () => {
  const account = new Account();
  const journals = new Journals(account);
  journals.begin("ended", INFO).end("closed", "server");
  const record = journals.begin("open", INFO);
  account.isTight = true;
  record.fin("client");
  assertEquals([journals.get("ended"), record.omitted], [undefined, 1]);
  account.isTight = false;
  record.fin("client");
  assertEquals(record.entries.map(({ n }) => n), [1]);
});

Deno.test("Journals notifies of changes until the watch ends", async () => {
  const journals = new Journals();
  let calls = 0;
  const unwatch = journals.watch("a", () => calls++);
  journals.begin("b", INFO);
  await nextSlice();
  assertEquals(calls, 0);
  const record = journals.begin("a", INFO);
  await nextSlice();
  record.fin("client");
  await nextSlice();
  assertEquals(calls, 2);
  unwatch();
  record.fin("server");
  await nextSlice();
  assertEquals(calls, 2);
});

Deno.test("Journals notifies once of the many frames of a read", async () => {
  const journals = new Journals();
  const record = journals.begin("a", INFO);
  let calls = 0;
  const unwatch = journals.watch("a", () => calls++);
  for (let i = 0; i < 1000; i++) {
    record.message("client", OPCODE_NUMBER.text, new Uint8Array(1));
  }
  await nextSlice();
  assertEquals(calls, 1);
  unwatch();
});
