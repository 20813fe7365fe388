import { assertEquals } from "@std/assert";
import { OriginCache } from "../../../lib/frame/origin_cache.ts";

for (
  const [scheme, host, origin] of [
    ["http", "example.org", "http://example.org"],
    ["http", "example.org:8001", "http://example.org:8001"],
    ["https", "[::1]:8001", "https://[::1]:8001"],
  ] as const
) {
  Deno.test(`OriginCache.of() gives ${origin} for ${host}`, () => {
    assertEquals(new OriginCache(scheme).of(host), origin);
  });
}

for (const host of [null, "", "a b", "example.org/path", "a:b:c"]) {
  Deno.test(`OriginCache.of() is undefined for ${JSON.stringify(host)}`, () => {
    const origins = new OriginCache("http");
    origins.of("example.org");
    assertEquals(origins.of(host), undefined);
  });
}

Deno.test("OriginCache.of() gives the origin of each Host field in turn", () => {
  const origins = new OriginCache("http");
  const hosts = ["a.example", "b.example", "b.example", "a.example"];
  assertEquals(
    hosts.map((host) => origins.of(host)),
    hosts.map((host) => `http://${host}`),
  );
});
