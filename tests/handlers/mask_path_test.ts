import { assertEquals } from "@std/assert";
import { maskPath } from "../../handlers/mask_path.ts";

for (
  const [path, masked] of [
    ["/ws", "/ws"],
    ["/do/text:a:b/wait:5", "/do/text:a:b/wait:5"],
    ["/do/challenge:basic:user:pass/echo", "/do/challenge:***/echo"],
    ["/do/first:2:challenge:digest:u:p", "/do/first:2:challenge:***"],
    ["/do/challenge%3Abasic:u:p/echo", "/do/challenge%3A***/echo"],
    ["/do/text:a/journal:x-7f3a/close", "/do/text:a/journal:***/close"],
    ["/journal/x-7f3a", "/journal/***"],
    ["/channel/room", "/channel/***"],
    ["/stash/key", "/stash/***"],
    ["/stash", "/stash"],
    ["/STASH/key/more", "/STASH/***/more"],
  ] as const
) {
  Deno.test(`maskPath() of ${path}`, () =>
    assertEquals(maskPath(path), masked));
}
