import { assert, assertEquals, assertRejects } from "@std/assert";
import { ConnectionClosedError } from "../../../../lib/protocol/errors.ts";
import { quiet } from "../fake_conn.ts";
import { bytesOf, Fixture, textOf } from "./fixture.ts";

Deno.test("Wire.write() writes in order, whatever the system takes at a time", async () => {
  using fixture = new Fixture();
  const { conn, wire } = fixture;
  conn.writeLimit = 2;
  const settled: string[] = [];
  const writes = ["hello", "", "you"].map((text) =>
    wire.write(bytesOf(text)).then(() => settled.push(text))
  );
  await Promise.all(writes);
  assertEquals(textOf(conn.written), "helloyou");
  assertEquals(settled, ["hello", "", "you"]);
  assertEquals(wire.output.length, 0);
});

Deno.test("Wire.write() resolves when the system has taken all, and is charged until then", async () => {
  using fixture = new Fixture();
  const { conn, memory, wire } = fixture;
  conn.holdsWrites = true;
  let isWritten = false;
  const writing = wire.write(new Uint8Array(100_000))
    .then(() => isWritten = true);
  assert(memory.total >= 100_000);
  conn.release(99_999);
  await quiet();
  assertEquals([isWritten, wire.output.length], [false, 1]);
  conn.release();
  await writing;
  assertEquals(wire.output.length, 0);
  // The account is charged in steps.
  assert(memory.total < 4096);
});

Deno.test("Wire.closeWrite() half-closes after all writes; later writes fail", async () => {
  using fixture = new Fixture();
  const { conn, wire } = fixture;
  conn.holdsWrites = true;
  const writing = wire.write(bytesOf("a"));
  const ending = wire.closeWrite();
  await assertRejects(() => wire.write(bytesOf("b")), ConnectionClosedError);
  assertEquals(conn.halfCloses, 0);
  conn.release();
  await Promise.all([writing, ending, wire.closeWrite()]);
  assertEquals(conn.halfCloses, 1);
});

Deno.test("a failed write rejects all that is queued", async () => {
  using fixture = new Fixture();
  const { conn, wire } = fixture;
  conn.holdsWrites = true;
  const pending = [
    wire.write(bytesOf("a")),
    wire.write(bytesOf("b")),
    wire.closeWrite(),
  ];
  conn.failWrite();
  for (const promise of pending) {
    await assertRejects(() => promise, ConnectionClosedError);
  }
  assert(wire.isClosed);
  assertEquals(wire.output.length, 0);
});

Deno.test("a failed write that no code awaits is no unhandled rejection", async () => {
  using fixture = new Fixture();
  const { conn, wire } = fixture;
  conn.holdsWrites = true;
  wire.write(bytesOf("a"));
  wire.read();
  conn.failWrite();
  await quiet();
  assert(wire.isClosed);
});
