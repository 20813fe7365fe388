import { assertThrows } from "@std/assert";
import { FragmentOrderError } from "../../../lib/protocol/errors.ts";
import { checkFragmentOrder } from "../../../lib/protocol/fragment_order.ts";

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
