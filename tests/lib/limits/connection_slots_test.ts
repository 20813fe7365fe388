import { assertEquals } from "@std/assert";
import { ConnectionSlots } from "../../../lib/limits/connection_slots.ts";

Deno.test("ConnectionSlots.take() takes slots up to the limit", () => {
  const connectionSlots = new ConnectionSlots(2);
  assertEquals([
    connectionSlots.take(),
    connectionSlots.take(),
    connectionSlots.take(),
  ], [true, true, false]);
  assertEquals(connectionSlots.taken, 2);
  connectionSlots.release();
  assertEquals([connectionSlots.take(), connectionSlots.take()], [true, false]);
});

Deno.test("ConnectionSlots count together when they share memory", () => {
  const memory = ConnectionSlots.memory();
  const [a, b] = [
    new ConnectionSlots(3, memory),
    new ConnectionSlots(3, memory),
  ];
  assertEquals([a.take(), b.take(), a.take(), b.take()], [
    true,
    true,
    true,
    false,
  ]);
  a.release();
  assertEquals([b.taken, b.take(), a.take()], [2, true, false]);
});
