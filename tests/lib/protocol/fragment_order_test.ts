import { assertEquals, assertThrows } from "@std/assert";
import { FragmentOrderError } from "../../../lib/protocol/errors.ts";
import {
  checkFragmentOrder,
  opcodeToSend,
} from "../../../lib/protocol/fragment_order.ts";
import { FakeFrame } from "../../../lib/testing/mod.ts";

Deno.test("checkFragmentOrder() allows a new message between messages", () => {
  checkFragmentOrder(false, false);
});

Deno.test("checkFragmentOrder() allows a continuation inside a message", () => {
  checkFragmentOrder(true, true);
});

Deno.test("checkFragmentOrder() throws for a new message inside a message", () => {
  assertThrows(
    () => checkFragmentOrder(true, false),
    FragmentOrderError,
    "has to end before the next message starts",
  );
});

Deno.test("checkFragmentOrder() throws for a continuation between messages", () => {
  assertThrows(
    () => checkFragmentOrder(false, true),
    FragmentOrderError,
    "there is no fragmented message to continue",
  );
});

Deno.test("opcodeToSend() returns the opcode of a whole frame", () => {
  for (const opcode of ["text", "binary", "continuation", "ping"] as const) {
    for (const payload of ["", "abc"]) {
      assertEquals(opcodeToSend(new FakeFrame(opcode, payload)), opcode);
    }
  }
});

Deno.test("opcodeToSend() returns the opcode of the first part", () => {
  const piece = new FakeFrame("text", "ab", { length: 5, left: 3 });
  assertEquals(opcodeToSend(piece), "text");
});

Deno.test("opcodeToSend() returns continuation for a later part", () => {
  const [length, left] = [5, 1];
  const piece = new FakeFrame("text", "cd", { length, left });
  assertEquals(opcodeToSend(piece), "continuation");
  const last = new FakeFrame("binary", "e", { length });
  assertEquals(opcodeToSend(last), "continuation");
});
