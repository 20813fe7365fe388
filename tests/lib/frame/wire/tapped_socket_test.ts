import { assertEquals } from "@std/assert";
import { setupLog } from "../../../../lib/log/log.ts";
import { RecordingTap } from "../../../integration/wire/serve.ts";
import { quiet } from "../fake_conn.ts";
import { bytesOf, Fixture } from "./fixture.ts";

setupLog({ level: "CRITICAL", format: "text", colors: false });

Deno.test("TappedSocket reports each byte of a write once, as the system takes it", async () => {
  const tap = new RecordingTap();
  using fixture = new Fixture("", tap);
  const { conn, wire } = fixture;
  conn.holdsWrites = true;
  const writing = wire.write(bytesOf("hello"));
  assertEquals(tap.bytes("sent"), "");
  conn.release(2);
  await quiet();
  assertEquals(tap.bytes("sent"), "he");
  conn.release();
  await writing;
  assertEquals(tap.calls.slice(1), [["sent", "he"], ["sent", "llo"]]);
});

Deno.test("TappedSocket reports head, rest, reads, FINs and the end in order", async () => {
  const tap = new RecordingTap();
  using fixture = new Fixture("rest", tap);
  const { conn, wire } = fixture;
  assertEquals(tap.calls, [["received", "head"], ["received", "rest"]]);
  await wire.read();
  conn.arrive(bytesOf("more"));
  await wire.read();
  await wire.closeWrite();
  conn.arriveEnd();
  await wire.read();
  wire.close();
  await quiet();
  assertEquals(tap.calls.slice(2), [
    ["received", "more"],
    ["outputEnded"],
    ["inputEnded"],
    ["ended", "closed"],
  ]);
});

Deno.test("TappedSocket reports a failed read as a failed end, once and last", async () => {
  const tap = new RecordingTap();
  using fixture = new Fixture("", tap);
  const { conn, wire } = fixture;
  conn.holdsWrites = true;
  wire.write(bytesOf("a"));
  wire.read();
  conn.failRead();
  await quiet();
  wire.destroy();
  assertEquals(tap.calls.slice(1), [["ended", "failed"]]);
});
