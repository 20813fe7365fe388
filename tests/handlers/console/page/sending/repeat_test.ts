import { assertEquals } from "@std/assert";
import { due } from "../../../../../handlers/console/page/sending/repeat.js";

Deno.test("due() counts messages by elapsed time", () => {
  assertEquals([0, 9, 10, 25].map((elapsed) => due(elapsed, 10, 100)), [
    1,
    1,
    2,
    3,
  ]);
  assertEquals([due(5000, 10, 100), due(0, 0, 100)], [100, 100]);
});
