import { assertEquals } from "@std/assert";
import { ConnectionSlots } from "../../../lib/limits/connection_slots.ts";

Deno.test("ConnectionSlots.take() gives places up to the limit", () => {
  const connectionSlots = new ConnectionSlots(2);
  assertEquals([
    connectionSlots.take(),
    connectionSlots.take(),
    connectionSlots.take(),
  ], [true, true, false]);
  assertEquals(connectionSlots.taken, 2);
  connectionSlots.give();
  assertEquals([connectionSlots.take(), connectionSlots.take()], [true, false]);
});

Deno.test("ConnectionSlots count together what they share the memory of", () => {
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
  a.give();
  assertEquals([b.taken, b.take(), a.take()], [2, true, false]);
});
