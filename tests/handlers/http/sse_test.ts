import { assert, assertEquals, assertMatch } from "@std/assert";
import { sse } from "../../../handlers/http/sse.ts";
import { LongRunningRequests } from "../../../lib/limits/long_running_requests.ts";
import { answerOf } from "../fakes.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

async function ask(
  query: string,
  init: RequestInit = {},
  requests = new LongRunningRequests(10),
): Promise<Response> {
  const request = new Request(`http://localhost:8000/sse${query}`, init);
  return await answerOf(sse(requests), request);
}

/** Reads a stream to its end and returns its blocks. */
async function blocks(response: Response): Promise<string[]> {
  return (await response.text()).split("\n\n").slice(0, -1);
}

/** Reads a stream to its end and returns the ids of its events. */
async function ids(response: Response): Promise<number[]> {
  const found: number[] = [];
  for (const block of await blocks(response)) {
    const id = /^id:(\d+)$/m.exec(block)?.[1];
    if (id !== undefined) found.push(Number(id));
  }
  return found;
}

Deno.test("sse() sends retry, then events with id and time", async () => {
  const requests = new LongRunningRequests(1);
  const before = Date.now();
  const response = await ask("?tick=10&count=2", {}, requests);
  assertMatch(response.headers.get("content-type"), /^text\/event-stream\b/);
  assertMatch(response.headers.get("cache-control"), /no-store.*no-transform/);
  assertEquals(requests.size, 1);
  const [retry, first, second, ...more] = await blocks(response);
  assertEquals([retry, more], ["retry:3000", []]);
  for (const [id, block] of [[1, first], [2, second]] as const) {
    const data = /^data:(.*)\nid:(\d+)$/.exec(block!)!;
    assertEquals(data[2], String(id));
    const { time, ...rest } = JSON.parse(data[1]!);
    assertEquals(rest, { id });
    assert(Date.parse(time) >= before && Date.parse(time) <= Date.now(), time);
  }
  assertEquals(requests.size, 0);
});

Deno.test("sse() keeps the interval", async () => {
  const start = performance.now();
  await ids(await ask("?tick=30&count=3"));
  const took = performance.now() - start;
  assert(took >= 89, `${took} ms`);
});

Deno.test("sse() continues after Last-Event-ID", async () => {
  const headers = { "last-event-id": "41" };
  assertEquals(await ids(await ask("?tick=10&count=43", { headers })), [
    42,
    43,
  ]);
});

Deno.test("sse() continues after ?lastEventId= unless the field is present", async () => {
  const query = "?tick=10&count=9&lastEventId=7";
  assertEquals(await ids(await ask(query)), [8, 9]);
  const headers = { "last-event-id": "8" };
  assertEquals(await ids(await ask(query, { headers })), [9]);
});

Deno.test("sse() answers 204 to a client that has received the last event", async () => {
  const headers = { "last-event-id": "3" };
  const { status, body } = await ask("?count=3", { headers });
  assertEquals([status, body], [204, null]);
});

Deno.test("sse() sends the requested retry", async () => {
  const [retry] = await blocks(await ask("?tick=10&count=1&retry=5"));
  assertEquals(retry, "retry:5");
});

Deno.test("sse() answers HEAD without a stream", async () => {
  const requests = new LongRunningRequests(1);
  const { body, headers } = await ask("", { method: "HEAD" }, requests);
  assertEquals([body, requests.size], [null, 0]);
  assertMatch(headers.get("content-type"), /^text\/event-stream\b/);
});

Deno.test("sse() leaves no timer when the client disconnects", async () => {
  const requests = new LongRunningRequests(1);
  const response = await ask("?tick=3600000", {}, requests);
  const reader = response.body!.getReader();
  assertEquals(
    new TextDecoder().decode((await reader.read()).value),
    "retry:3000\n\n",
  );
  await reader.cancel();
  await new Promise((resolve) => setTimeout(resolve, 0));
  assertEquals(requests.size, 0);
});

Deno.test("sse() ends its streams when the service stops", async () => {
  const requests = new LongRunningRequests(1);
  const response = await ask("?tick=3600000", {}, requests);
  setTimeout(() => requests.shutdown(), 10);
  assertEquals(await blocks(response), ["retry:3000"]);
  assertEquals(requests.size, 0);
});

Deno.test("sse() refuses with 503 when too many requests are running", async () => {
  const response = await ask("", {}, new LongRunningRequests(0));
  assertEquals(response.status, 503);
  assertEquals(response.headers.get("retry-after"), "5");
  await response.body?.cancel();
});

for (
  const [query, parameter, allowed] of [
    ["tick=9", "tick", "milliseconds from 10 to 3600000"],
    ["tick=fast", "tick", "milliseconds from 10 to 3600000"],
    ["retry=-1", "retry", "milliseconds from 0 to 3600000"],
    ["count=-1", "count", "from 0 to"],
    ["lastEventId=x", "lastEventId", "from 0 to"],
  ] as const
) {
  Deno.test(`sse() refuses ?${query} with 400`, async () => {
    const response = await ask(`?${query}`);
    assertEquals(response.status, 400);
    const text = await response.text();
    assert(text.includes(`"${parameter}"`) && text.includes(allowed), text);
  });
}

Deno.test("sse() refuses an invalid Last-Event-ID with 400", async () => {
  const response = await ask("", { headers: { "last-event-id": "x" } });
  assertEquals(response.status, 400);
  assertMatch(
    await response.text(),
    /"Last-Event-ID" has to be a whole number/,
  );
});
