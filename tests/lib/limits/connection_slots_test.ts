import { assertEquals } from "@std/assert";
import { Seats } from "../../../lib/limits/connection_slots.ts";

Deno.test("Seats.take() gives places up to the limit", () => {
  const seats = new Seats(2);
  assertEquals([seats.take(), seats.take(), seats.take()], [true, true, false]);
  assertEquals(seats.taken, 2);
  seats.give();
  assertEquals([seats.take(), seats.take()], [true, false]);
});

Deno.test("Seats count together what they share the memory of", () => {
  const memory = Seats.memory();
  const [a, b] = [new Seats(3, memory), new Seats(3, memory)];
  assertEquals([a.take(), b.take(), a.take(), b.take()], [
    true,
    true,
    true,
    false,
  ]);
  a.give();
  assertEquals([b.taken, b.take(), a.take()], [2, true, false]);
});
