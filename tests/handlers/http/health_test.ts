import { assertEquals } from "@std/assert";
import { livez, readyz } from "../../../handlers/http/health.ts";
import { HTTP_INFO } from "../fakes.ts";

const REQUEST = new Request("http://localhost:8000/readyz");

for (
  const [draining, status, body] of [
    [false, 200, "ok"],
    [true, 503, "shutting down"],
  ] as const
) {
  Deno.test(`readyz() answers ${status} "${body}" when draining is ${draining}`, async () => {
    const response = await readyz(() => draining)(REQUEST, HTTP_INFO);
    assertEquals(response.status, status);
    assertEquals(await response.text(), body);
  });

  Deno.test(`readyz() is plain text and not cached when draining is ${draining}`, async () => {
    const { headers } = await readyz(() => draining)(REQUEST, HTTP_INFO);
    assertEquals(headers.get("content-type"), "text/plain; charset=utf-8");
    assertEquals(headers.get("cache-control"), "no-store");
  });
}

Deno.test("readyz() checks for each request", async () => {
  let draining = false;
  const handler = readyz(() => draining);
  assertEquals((await handler(REQUEST, HTTP_INFO)).status, 200);
  draining = true;
  assertEquals((await handler(REQUEST, HTTP_INFO)).status, 503);
});

Deno.test("livez() answers 200", async () => {
  const response = await livez(REQUEST, HTTP_INFO);
  assertEquals([response.status, await response.text()], [200, "ok"]);
});

Deno.test("livez() and readyz() are on both listeners", () => {
  assertEquals(livez.isOnFrameListener, true);
  assertEquals(readyz(() => false).isOnFrameListener, true);
});
