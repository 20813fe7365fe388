import { assert, assertEquals, assertRejects } from "@std/assert";
import { ConnectionClosedError } from "../../../../lib/protocol/errors.ts";
import { quiet } from "../fake_conn.ts";
import { bytesOf, Fixture, textOf } from "./fixture.ts";

Deno.test("Wire.read() gives the bytes after the head first, and nothing twice", async () => {
  using fixture = new Fixture("behind");
  const { conn, wire } = fixture;
  assertEquals(textOf(await wire.read(4)), "behi");
  assertEquals(textOf(await wire.read(4)), "nd");
  const reading = wire.read(4);
  conn.arrive(bytesOf("later"));
  assertEquals(textOf(await reading), "late");
  assertEquals(textOf(await wire.read()), "r");
});

Deno.test("Wire.read() reads only on request", async () => {
  using fixture = new Fixture();
  const { conn, wire } = fixture;
  assertEquals(conn.isReading, false);
  conn.arrive(bytesOf("a"));
  await quiet();
  assertEquals(fixture.events, []);
  assertEquals(textOf(await wire.read()), "a");
  await quiet();
  assertEquals(conn.isReading, false);
  assertEquals(fixture.events, ["received"]);
});

Deno.test("Wire.read() returns memory that later reads do not change", async () => {
  using fixture = new Fixture();
  const { conn, wire } = fixture;
  conn.arrive(bytesOf("first"));
  const first = await wire.read();
  conn.arrive(bytesOf("other"));
  await wire.read();
  assertEquals(textOf(first), "first");
});

Deno.test("the buffer of Wire.read() grows to 64 KiB while reads fill it, and shrinks", async () => {
  using fixture = new Fixture();
  const { conn, wire } = fixture;
  const sizes: number[] = [];
  for (let i = 0; i < 12; i++) {
    conn.arrive(new Uint8Array(70_000));
    for (let left = 70_000; left > 0;) {
      const bytes = await wire.read();
      sizes.push(bytes!.length);
      left -= bytes!.length;
    }
  }
  assertEquals(sizes[0], 256);
  assertEquals(Math.max(...sizes), 65_536);
  for (let i = 0; i < 12; i++) {
    conn.arrive(bytesOf("a"));
    await wire.read();
  }
  const reading = wire.read();
  assertEquals(conn.readBuffer.length, 256);
  conn.arrive(bytesOf("a"));
  await reading;
});

Deno.test("Wire.read() returns undefined after FIN, again at each call", async () => {
  using fixture = new Fixture();
  const { conn, wire } = fixture;
  conn.arriveEnd();
  assertEquals(await wire.read(), undefined);
  assertEquals(await wire.read(), undefined);
  assertEquals(wire.isClosed, false);
});

Deno.test("Wire.read() rejects a second read and less than one byte", async () => {
  using fixture = new Fixture();
  const { conn, wire } = fixture;
  const reading = wire.read();
  await assertRejects(() => wire.read(), TypeError);
  for (const maxBytes of [0, -1, NaN]) {
    await assertRejects(() => wire.read(maxBytes), RangeError);
  }
  conn.arrive(bytesOf("a"));
  assertEquals(textOf(await reading), "a");
});

Deno.test("Wire.read() waits while memory is short", async () => {
  using fixture = new Fixture();
  const { conn, wire } = fixture;
  wire.input.hold();
  const reading = wire.read();
  conn.arrive(bytesOf("a"));
  await quiet();
  assertEquals(fixture.events, []);
  wire.input.release();
  assertEquals(textOf(await reading), "a");
});

Deno.test("a failed read ends the connection, and aborts closing with 1006", async () => {
  using fixture = new Fixture();
  const { conn, wire } = fixture;
  const reading = wire.read();
  conn.failRead();
  await assertRejects(() => reading, ConnectionClosedError);
  await assertRejects(() => wire.read(), ConnectionClosedError);
  await assertRejects(() => wire.write(bytesOf("a")), ConnectionClosedError);
  assert(wire.isClosed);
  assertEquals(wire.closing.reason.code, 1006);
});

Deno.test("the buffer of a read is charged while the read is under way", async () => {
  using fixture = new Fixture();
  const { conn, memory, wire } = fixture;
  for (let i = 0; i < 10; i++) {
    conn.arrive(new Uint8Array(70_000));
    for (let left = 70_000; left > 0;) left -= (await wire.read())!.length;
  }
  assertEquals(memory.total, 0);
  const reading = wire.read();
  assert(memory.total >= 4096);
  conn.arrive(bytesOf("a"));
  await reading;
  assertEquals(memory.total, 0);
});
