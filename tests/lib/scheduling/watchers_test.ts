import { assertEquals } from "@std/assert";
import { Watchers } from "../../../lib/scheduling/watchers.ts";

Deno.test("Watchers.notify() calls each function of the name until its end", () => {
  const watchers = new Watchers();
  const calls: string[] = [];
  const end = watchers.watch("a", () => calls.push("first"));
  watchers.watch("a", () => calls.push("second"));
  watchers.watch("b", () => calls.push("other"));
  watchers.notify("a");
  end();
  watchers.notify("a");
  assertEquals(calls, ["first", "second", "second"]);
});

Deno.test("Watchers.has() is false after the end of the last function", () => {
  const watchers = new Watchers();
  assertEquals(watchers.has("a"), false);
  const end = watchers.watch("a", () => {});
  assertEquals(watchers.has("a"), true);
  end();
  assertEquals(watchers.has("a"), false);
});
