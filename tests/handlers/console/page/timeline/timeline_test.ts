import { assert, assertEquals } from "@std/assert";
import {
  jsonLines,
  Timeline,
} from "../../../../../handlers/console/page/timeline/timeline.js";

type NewEntry = Parameters<Timeline["add"]>[0];

const ALL = new Set(["sent", "received", "event", "frame"] as const);

function entry(
  data: string | Uint8Array,
  change: Partial<NewEntry> = {},
): NewEntry {
  const opcode = typeof data === "string" ? "text" : "binary";
  return { at: 0, kind: "sent", opcode, size: data.length, data, ...change };
}

Deno.test("Timeline numbers its entries and previews them", () => {
  const timeline = new Timeline();
  timeline.add(entry("a\nb"));
  timeline.add(entry(Uint8Array.of(1, 255)));
  assertEquals(timeline.shown.map(({ id, preview }) => [id, preview]), [
    [1, "a␊b"],
    [2, "01 ff"],
  ]);
});

Deno.test("Timeline.filter() matches kinds, and text case-insensitively", () => {
  const timeline = new Timeline();
  timeline.add(entry("An APPLE (red)"));
  timeline.add(entry("an apple (red)", { kind: "received" }));
  timeline.add(entry("a pear"));
  timeline.filter({ text: "apple (", kinds: ALL });
  assertEquals(timeline.shown.length, 2);
  timeline.filter({ text: "apple (", kinds: new Set(["received"] as const) });
  assertEquals(timeline.shown.map(({ id }) => id), [2]);
  timeline.add(entry("Apple ()", { kind: "received" }));
  timeline.add(entry("plum", { kind: "received" }));
  assertEquals(timeline.shown.map(({ id }) => id), [2, 4]);
  assertEquals(timeline.entries.length, 5);
});

Deno.test("Timeline.filter() matches opcodes and the first bytes", () => {
  const timeline = new Timeline();
  timeline.add(entry(Uint8Array.of(0xca, 0xfe)));
  timeline.add(entry("text"));
  timeline.filter({ text: "ca fe", kinds: ALL });
  assertEquals(timeline.shown.length, 1);
  timeline.filter({ text: "binary", kinds: ALL });
  assertEquals(timeline.shown.length, 1);
});

Deno.test("Timeline removes the oldest entries above the limit of entries", () => {
  const timeline = new Timeline({ entries: 100, bytes: 1e9 });
  for (let i = 0; i < 101; i++) timeline.add(entry("x"));
  assertEquals(timeline.entries.length, 90);
  assertEquals(timeline.removed, 11);
  assertEquals(timeline.entries[0]!.id, 12);
  assertEquals(timeline.shown.length, 90);
});

Deno.test("Timeline removes the oldest entries above the limit of bytes, except the last", () => {
  const timeline = new Timeline({ entries: 100, bytes: 1000 });
  for (let i = 0; i < 11; i++) timeline.add(entry("x".repeat(100)));
  assert(timeline.entries.length <= 9, String(timeline.entries.length));
  timeline.add(entry("x".repeat(5000)));
  assertEquals(timeline.entries.map(({ size }) => size), [5000]);
});

Deno.test("Timeline.clear() removes all entries", () => {
  const timeline = new Timeline({ entries: 2, bytes: 100 });
  for (let i = 0; i < 5; i++) timeline.add(entry("x"));
  timeline.clear();
  assertEquals([
    timeline.entries.length,
    timeline.shown.length,
    timeline.removed,
  ], [0, 0, 0]);
});

Deno.test("jsonLines() has one line per entry, and bytes in base64", () => {
  const timeline = new Timeline();
  timeline.add(entry("ü\n", { size: 3, kind: "received", rtt: 1.5 }));
  timeline.add(entry(Uint8Array.of(1, 2)));
  const frame = { opcode: "ping", number: 9, final: true, length: 4 };
  timeline.add(entry("", { kind: "frame", opcode: "ping", size: 4, frame }));
  const lines = jsonLines(timeline.entries);
  assert(lines.every((line) => line.indexOf("\n") === line.length - 1));
  const time = "1970-01-01T00:00:00.000Z";
  assertEquals(lines.map((line) => JSON.parse(line)), [
    { time, kind: "received", opcode: "text", size: 3, rtt: 1.5, text: "ü\n" },
    { time, kind: "sent", opcode: "binary", size: 2, base64: "AQI=" },
    { time, kind: "frame", opcode: "ping", size: 4, final: true },
  ]);
});
