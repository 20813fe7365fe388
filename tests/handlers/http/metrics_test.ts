import { assert, assertEquals } from "@std/assert";
import { metrics } from "../../../handlers/http/metrics.ts";
import { answerOf } from "../fakes.ts";

const SOURCE = {
  text: () => Promise.resolve("# TYPE a_total counter\na_total 1\n"),
};

const PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
const OPENMETRICS =
  "application/openmetrics-text; version=1.0.0; charset=utf-8";

async function scrape(
  headers: Record<string, string> = {},
  token?: string,
): Promise<Response> {
  const request = new Request("http://localhost:8000/metrics", { headers });
  return await answerOf(metrics(SOURCE, token), request);
}

for (
  const [accept, type] of [
    [undefined, PROMETHEUS],
    ["*/*", PROMETHEUS],
    ["text/plain", PROMETHEUS],
    ["application/openmetrics-text", OPENMETRICS],
    // Prometheus 2.42.
    [
      "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
      OPENMETRICS,
    ],
    // Prometheus 3 prefers escaped names and accepts the text format as well.
    [
      "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
      PROMETHEUS,
    ],
    ["text/html", PROMETHEUS],
  ] as const
) {
  Deno.test(`metrics() answers with ${type} to Accept: ${accept}`, async () => {
    const response = await scrape(accept === undefined ? {} : { accept });
    assertEquals(response.status, 200);
    assertEquals(response.headers.get("content-type"), type);
    assertEquals(response.headers.get("cache-control"), "no-store");
    const text = await response.text();
    assert(text.includes("\na_total 1\n"), text);
    assertEquals(text.endsWith("# EOF\n"), type === OPENMETRICS);
  });
}

Deno.test("metrics() refuses with 401 without the token", async () => {
  for (
    const authorization of [undefined, "Bearer wrong", "Basic right", "right"]
  ) {
    const headers = authorization === undefined ? {} : { authorization };
    const response = await scrape(headers, "right");
    assertEquals(response.status, 401, authorization);
    assert(response.headers.has("www-authenticate"));
    assert(!(await response.text()).includes("a_total"));
  }
});

Deno.test("metrics() answers with the token", async () => {
  const response = await scrape({ authorization: "Bearer right" }, "right");
  assertEquals(response.status, 200);
  await response.body?.cancel();
});
