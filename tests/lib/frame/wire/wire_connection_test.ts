import { assert, assertEquals, assertRejects } from "@std/assert";
import { ConnectionClosedError } from "../../../../lib/protocol/errors.ts";
import { quiet } from "../fake_conn.ts";
import { bytesOf, Fixture, textOf } from "./fixture.ts";

Deno.test("Wire.close() writes the rest, half-closes and waits for the client's end", async () => {
  using fixture = new Fixture();
  const { conn, wire } = fixture;
  conn.holdsWrites = true;
  wire.write(bytesOf("last"));
  wire.close();
  assert(wire.isClosed);
  conn.release();
  await quiet();
  assertEquals([textOf(conn.written), conn.halfCloses], ["last", 1]);
  conn.arrive(bytesOf("dropped"));
  await quiet();
  assertEquals(conn.closes, 0);
  conn.arriveEnd();
  await quiet();
  assertEquals(conn.closes, 1);
  assertEquals(fixture.events, ["ending", "received", "ended"]);
  assertEquals(wire.closing.aborted, false);
});

Deno.test("Wire.close() closes at once when the client has ended", async () => {
  using fixture = new Fixture();
  const { conn, wire } = fixture;
  conn.arriveEnd();
  await wire.read();
  wire.close();
  await quiet();
  assertEquals(conn.closes, 1);
});

Deno.test("Wire.close() fails a read under way, whose bytes are dropped", async () => {
  using fixture = new Fixture();
  const { conn, wire } = fixture;
  const reading = wire.read();
  wire.close();
  await assertRejects(() => reading, ConnectionClosedError);
  conn.arrive(bytesOf("a"));
  conn.arriveEnd();
  await quiet();
  assertEquals(conn.closes, 1);
});

Deno.test("destroy() drops what is not written", async () => {
  using fixture = new Fixture();
  const { conn, memory, wire } = fixture;
  conn.holdsWrites = true;
  const writing = wire.write(new Uint8Array(100_000));
  wire.read();
  wire.destroy();
  await assertRejects(() => writing, ConnectionClosedError);
  await quiet();
  assertEquals([conn.closes, memory.total], [1, 0]);
  assertEquals(wire.closing.reason.code, 1006);
});

Deno.test("Wire.reset() asks by a PING for bytes that end a read under way", async () => {
  using fixture = new Fixture();
  const { conn, wire } = fixture;
  const reading = wire.read();
  const resetting = wire.reset();
  await assertRejects(() => reading, ConnectionClosedError);
  assertEquals([...conn.written], [0x89, 0]);
  conn.arrive(bytesOf("pong"));
  // A fake cannot be reset, and is closed instead.
  assertEquals(await resetting, false);
  assertEquals(fixture.events, ["ending", "received", "ended"]);
  assertEquals(await wire.reset(), false);
});

Deno.test("a Wire passes counts on, and charges finite numbers only", () => {
  using fixture = new Fixture();
  const { memory, wire } = fixture;
  wire.count("sent", 5, true);
  assertEquals(fixture.events, ["sent 5 true"]);
  wire.charge(1000);
  wire.charge(-400);
  assertEquals(memory.total, 600);
  let error: unknown;
  try {
    wire.charge(NaN);
  } catch (thrown) {
    error = thrown;
  }
  assert(error instanceof RangeError);
});
