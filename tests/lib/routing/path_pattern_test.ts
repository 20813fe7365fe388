import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import { PathPattern } from "../../../lib/routing/path_pattern.ts";

for (
  const [pattern, path, params] of [
    ["/a/:b", "/a/c", { b: "c" }],
    ["/a/:b", "/a/%E2%82%AC", { b: "€" }],
    ["/a/:b/c", "/a/%2F/c", { b: "/" }],
    ["/:a/:b", "/1/2", { a: "1", b: "2" }],
    ["/a/*", "/a/", { "*": "" }],
    ["/a/*", "/a/b/%20//", { "*": "b/%20//" }],
    ["/:a/*", "/b/c", { a: "b", "*": "c" }],
    ["/a/*", "/a/..b/.c/d../...", { "*": "..b/.c/d../..." }],
    ["/a/*", "/a/%62", { "*": "%62" }],
  ] as const
) {
  Deno.test(`PathPattern ${pattern} matches ${path}`, () => {
    assertEquals(new PathPattern(pattern).match(path), { ...params });
  });
}

for (
  const [pattern, path] of [
    ["/a/:b", "/a"],
    ["/a/:b", "/a/"],
    ["/a/:b", "/A/b"],
    ["/a/:b", "/a/b/"],
    ["/a/:b", "/a/%"],
    ["/a/:b", "/a/%C0%AF"],
    ["/a/*", "/a"],
    ["/a/*", "/ab/c"],
    ["/a/:b", "/a/%62"],
    ["/a/:b", "/a/x%2Ejs"],
    ["/a/:b", "/a/%7e"],
    ["/a/:b", "/a/.."],
    ["/a/:b/c", "/a/./c"],
    ["/a/*", "/a/../b"],
    ["/a/*", "/a/b/.%2E/c"],
    ["/a/*", "/a/b/%2e"],
    ["/a/*", "/a/b\\..\\c"],
    ["/a/*", "/a/b/."],
  ] as const
) {
  Deno.test(`PathPattern ${pattern} does not match ${path}`, () => {
    assertEquals(new PathPattern(pattern).match(path), undefined);
  });
}

Deno.test("PathPattern.isPattern() is true for patterns only", () => {
  assert(PathPattern.isPattern("/a/:b"));
  assert(PathPattern.isPattern("/a/*"));
  assertFalse(PathPattern.isPattern("/a/b"));
  assertFalse(PathPattern.isPattern("/a:b"));
  assertFalse(PathPattern.isPattern("/a*"));
  assertFalse(PathPattern.isPattern("/*a"));
});

for (
  const [pattern, fault] of [
    ["/*/a", 'a "*" before its end'],
    ["/a/:", "a parameter without a name"],
    ["/:a/:a", "two parameters of one name"],
  ] as const
) {
  Deno.test(`PathPattern throws for ${pattern}`, () => {
    assert(PathPattern.isPattern(pattern));
    assertThrows(
      () => new PathPattern(pattern),
      TypeError,
      `route "${pattern}" has ${fault}`,
    );
  });
}
