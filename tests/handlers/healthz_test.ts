import { assertEquals } from "@std/assert";
import { healthz } from "../../handlers/healthz.ts";
import type { HttpInfo } from "../../lib/router.ts";
import { HANDSHAKE_INFO } from "./fakes.ts";

const REQUEST = new Request("http://localhost:8000/healthz");
const INFO: HttpInfo = HANDSHAKE_INFO;

for (
  const [draining, status, body] of [
    [false, 200, "ok"],
    [true, 503, "shutting down"],
  ] as const
) {
  Deno.test(`healthz() answers ${status} "${body}" where draining is ${draining}`, async () => {
    const response = await healthz(() => draining)(REQUEST, INFO);
    assertEquals(response.status, status);
    assertEquals(await response.text(), body);
  });

  Deno.test(`healthz() is plain text and never cached where draining is ${draining}`, async () => {
    const { headers } = await healthz(() => draining)(REQUEST, INFO);
    assertEquals(headers.get("content-type"), "text/plain; charset=utf-8");
    assertEquals(headers.get("cache-control"), "no-store");
  });
}

Deno.test("healthz() asks at each request", async () => {
  let draining = false;
  const handler = healthz(() => draining);
  assertEquals((await handler(REQUEST, INFO)).status, 200);
  draining = true;
  assertEquals((await handler(REQUEST, INFO)).status, 503);
});
