import { assert, assertEquals, assertMatch } from "@std/assert";
import { httpEcho } from "../../../handlers/http/http_echo.ts";
import { LongRunningRequests } from "../../../lib/limits/long_running_requests.ts";
import { answerOf, HTTP_INFO } from "../fakes.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

async function ask(
  target: string,
  init: RequestInit = {},
  requests = new LongRunningRequests(10),
): Promise<Response> {
  const request = new Request(`http://localhost:8000${target}`, init);
  const response = await answerOf(httpEcho(requests), request);
  assertEquals(requests.size, 0);
  return response;
}

Deno.test("httpEcho() answers with the request as JSON", async () => {
  const response = await ask("/http/a%20b?x=1&x=2&y=%26", {
    method: "PATCH",
    headers: { "x-one": "1", "content-type": "text/x" },
    body: "hällo\n",
  });
  assertEquals(response.status, 200);
  assertMatch(response.headers.get("content-type"), /^application\/json\b/);
  assertEquals(response.headers.get("cache-control"), "no-store");
  assertEquals(await response.json(), {
    method: "PATCH",
    url: "http://localhost:8000/http/a%20b?x=1&x=2&y=%26",
    path: "/http/a%20b",
    query: { x: ["1", "2"], y: ["&"] },
    headers: { "content-type": "text/x", "x-one": "1" },
    remoteAddress: "127.0.0.1:50000",
    body: { size: 7, text: "hällo\n" },
  });
});

Deno.test("httpEcho() encodes a body that is not UTF-8 as base64", async () => {
  const body = Uint8Array.of(0xff, 0x00, 0x41);
  const response = await ask("/http", { method: "POST", body });
  assertEquals((await response.json()).body, { size: 3, base64: "/wBB" });
});

Deno.test("httpEcho() keeps a byte order mark and control characters", async () => {
  const body = "\ufeff\u0000\u001b[31m";
  const response = await ask("/http", { method: "POST", body });
  assertEquals((await response.json()).body, { size: 9, text: body });
});

Deno.test("httpEcho() keeps parameters that are named like properties of Object", async () => {
  const response = await ask("/http?__proto__=1&constructor=2");
  const { query } = JSON.parse(await response.text());
  assertEquals(Object.entries(query), [
    ["__proto__", ["1"]],
    ["constructor", ["2"]],
  ]);
});

Deno.test("httpEcho() masks secrets in query and fields", async () => {
  const response = await ask("/http?token=hush&q=1", {
    headers: {
      authorization: "Bearer hush",
      cookie: "id=hush",
      "x-api-key": "hush",
      referer: "http://localhost/?token=hush",
    },
  });
  const text = await response.text();
  assert(!text.includes("hush"), text);
  const { url, query, headers } = JSON.parse(text);
  assertEquals(url, "http://localhost:8000/http?token=***&q=1");
  assertEquals(query, { token: ["***"], q: ["1"] });
  assertEquals(headers, {
    authorization: "Bearer ***",
    cookie: "id=***",
    referer: "http://localhost/?token=***",
    "x-api-key": "***",
  });
});

Deno.test("httpEcho() answers with text when Accept prefers it", async () => {
  const response = await ask("/http?q=1", {
    method: "POST",
    headers: { accept: "text/plain, application/json;q=0.5", "x-one": "1" },
    body: "hello",
  });
  assertMatch(response.headers.get("content-type"), /^text\/plain\b/);
  assertEquals(
    await response.text(),
    `POST http://localhost:8000/http?q=1
from 127.0.0.1:50000

accept: text/plain, application/json;q=0.5
content-type: text/plain;charset=UTF-8
x-one: 1

body: 5 bytes as text
hello
`,
  );
});

for (
  const accept of ["*/*", "application/*", "image/png", "text/html, */*;q=0.1"]
) {
  Deno.test(`httpEcho() answers with JSON to Accept: ${accept}`, async () => {
    const response = await ask("/http", { headers: { accept } });
    assertMatch(response.headers.get("content-type"), /^application\/json\b/);
    await response.body?.cancel();
  });
}

for (const status of [200, 201, 299, 302, 404, 418, 500, 599]) {
  Deno.test(`httpEcho() answers with the requested status ${status} and the request`, async () => {
    const response = await ask(`/http?status=${status}`);
    assertEquals(response.status, status);
    assertEquals((await response.json()).query, { status: [`${status}`] });
  });
}

for (const status of [204, 205, 304]) {
  Deno.test(`httpEcho() answers ${status} without a body`, async () => {
    const response = await ask(`/http?status=${status}`);
    assertEquals([response.status, response.body], [status, null]);
  });
}

for (
  const [status, field] of [
    [401, "www-authenticate"],
    [405, "allow"],
    [407, "proxy-authenticate"],
    [426, "upgrade"],
  ] as const
) {
  Deno.test(`httpEcho() answers ${status} with its required field`, async () => {
    const response = await ask(`/http?status=${status}`);
    assert(response.headers.has(field), field);
    await response.body?.cancel();
  });
}

for (
  const [query, parameter, allowed] of [
    ["status=100", "status", "from 200 to 599"],
    ["status=101", "status", "from 200 to 599"],
    ["status=600", "status", "from 200 to 599"],
    ["status=ok", "status", "from 200 to 599"],
    ["status=", "status", "from 200 to 599"],
    ["status=200&status=201", "status", "once"],
    ["delay=-1", "delay", "milliseconds from 0 to 60000"],
    ["delay=60001", "delay", "milliseconds from 0 to 60000"],
  ] as const
) {
  Deno.test(`httpEcho() refuses ?${query} with 400`, async () => {
    const response = await ask(`/http?${query}`);
    assertEquals(response.status, 400);
    const text = await response.text();
    assert(text.includes(`"${parameter}"`) && text.includes(allowed), text);
  });
}

Deno.test("httpEcho() delays its answer by ?delay=", async () => {
  const start = performance.now();
  const response = await ask("/http?delay=50");
  assert(performance.now() - start >= 49);
  assertEquals((await response.json()).query, { delay: ["50"] });
});

Deno.test("httpEcho() ends the delay when the client disconnects", async () => {
  const client = new AbortController();
  const asking = ask("/http?delay=60000", { signal: client.signal });
  setTimeout(() => client.abort(), 10);
  await (await asking).body?.cancel();
});

Deno.test("httpEcho() ends the delay when the service stops", async () => {
  const requests = new LongRunningRequests(10);
  const asking = ask("/http?delay=60000", {}, requests);
  setTimeout(() => requests.shutdown(), 10);
  assertEquals((await asking).status, 200);
});

Deno.test("httpEcho() refuses with 503 when too many requests are running", async () => {
  const requests = new LongRunningRequests(0);
  const response = await ask("/http", {}, requests);
  assertEquals(response.status, 503);
  assertEquals(response.headers.get("retry-after"), "5");
  await response.body?.cancel();
});

Deno.test("httpEcho() accepts a body of 1 MiB and refuses a larger one with 413", async () => {
  const size = 2 ** 20;
  const body = new Uint8Array(size);
  const requests = new LongRunningRequests(1);
  const request = new Request("http://localhost:8000/http", {
    method: "POST",
    body,
  });
  const fits = await httpEcho(requests)(request, HTTP_INFO);
  // A long answer counts until the client has read it.
  assertEquals(requests.size, 1);
  assertEquals((await fits.json()).body.size, size);
  assertEquals(requests.size, 0);
  const longer = new Uint8Array(size + 1);
  const response = await ask("/http", { method: "POST", body: longer });
  assertEquals(response.status, 413);
  assertMatch(await response.text(), /the limit of 1048576 bytes/);
});

for (
  const [remoteAddr, text] of [
    [{ transport: "tcp", hostname: "::1", port: 5 }, "[::1]:5"],
    [{ transport: "unix", path: "/run/a.sock" }, "/run/a.sock"],
  ] as const
) {
  Deno.test(`httpEcho() formats the address ${text}`, async () => {
    const request = new Request("http://localhost:8000/http");
    const handler = httpEcho(new LongRunningRequests(1));
    const response = await handler(request, { ...HTTP_INFO, remoteAddr });
    assertEquals((await response.json()).remoteAddress, text);
  });
}
