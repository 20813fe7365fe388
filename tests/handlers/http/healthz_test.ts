import { assertEquals } from "@std/assert";
import { healthz } from "../../../handlers/http/healthz.ts";
import { HTTP_INFO } from "../fakes.ts";

const REQUEST = new Request("http://localhost:8000/healthz");

for (
  const [draining, status, body] of [
    [false, 200, "ok"],
    [true, 503, "shutting down"],
  ] as const
) {
  Deno.test(`healthz() answers ${status} "${body}" when draining is ${draining}`, async () => {
    const response = await healthz(() => draining)(REQUEST, HTTP_INFO);
    assertEquals(response.status, status);
    assertEquals(await response.text(), body);
  });

  Deno.test(`healthz() is plain text and not cached when draining is ${draining}`, async () => {
    const { headers } = await healthz(() => draining)(REQUEST, HTTP_INFO);
    assertEquals(headers.get("content-type"), "text/plain; charset=utf-8");
    assertEquals(headers.get("cache-control"), "no-store");
  });
}

Deno.test("healthz() checks for each request", async () => {
  let draining = false;
  const handler = healthz(() => draining);
  assertEquals((await handler(REQUEST, HTTP_INFO)).status, 200);
  draining = true;
  assertEquals((await handler(REQUEST, HTTP_INFO)).status, 503);
});
