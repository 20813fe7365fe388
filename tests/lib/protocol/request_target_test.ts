import { assertEquals } from "@std/assert";
import { originForm, pathOf } from "../../../lib/protocol/request_target.ts";

for (
  const [target, expected] of [
    ["/", "/"],
    ["/ws?a=b", "/ws?a=b"],
    ["/a/../ws", "/a/../ws"],
    ["/%77s", "/%77s"],
    ["/\\ws", "/\\ws"],
    ["//other/ws", "//other/ws"],
    ["http://a/./ws?b", "/./ws?b"],
    ["HTTPS://a:1/ws", "/ws"],
    ["wss://a/ws", "/ws"],
    ["http://a", "/"],
    ["http://a?b", "/?b"],
    ["http://user@a/ws", "/ws"],
    ["http://a\\ws", undefined],
    ["http://a\\/ws", undefined],
    ["http:///ws", undefined],
    ["/ws#a", undefined],
    ["http://a#/ws", undefined],
    ["ftp://a/ws", undefined],
    ["*", undefined],
    ["ws", undefined],
    ["", undefined],
  ] as const
) {
  Deno.test(`originForm() of ${target} is ${expected}`, () => {
    assertEquals(originForm(target), expected);
  });
}

for (
  const [target, path] of [["/ws", "/ws"], ["/ws?a?b", "/ws"], ["/?", "/"]]
) {
  Deno.test(`pathOf() of ${target} is ${path}`, () => {
    assertEquals(pathOf(target!), path);
  });
}
