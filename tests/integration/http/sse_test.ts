import { assertEquals, assertMatch } from "@std/assert";
import { Inbox } from "../support/inbox.ts";
import { RawClient } from "../support/raw.ts";
import { signalTest, suite } from "../support/suite.ts";
import { requestHead } from "../support/wire.ts";
import { within } from "../support/within.ts";

suite("SSE", {}, async (server, step) => {
  const { port } = server.address("edge");
  const url = (query: string) => `http://127.0.0.1:${port}/sse?${query}`;

  await step(
    "an EventSource reconnects with the last id",
    async () => {
      const source = new EventSource(url("tick=10&count=2&retry=10"));
      const events = new Inbox<string>("an event");
      const stopped = Promise.withResolvers<void>();
      source.onmessage = ({ data, lastEventId }) =>
        events.push(`${lastEventId} ${JSON.parse(data).id}`);
      source.onerror = () => {
        events.push("interrupted");
        if (source.readyState === EventSource.CLOSED) stopped.resolve();
      };
      assertEquals(await events.next(), "1 1");
      assertEquals(await events.next(), "2 2");
      assertEquals(await events.next(), "interrupted");
      // Event 2 was the last one, so the answer to the second request is 204.
      await within(stopped.promise, "the end of the EventSource");
      assertEquals(await events.next(), "interrupted");
      source.close();
    },
  );

  await step("a stream continues after Last-Event-ID", async () => {
    const headers = { "last-event-id": "7" };
    const response = await fetch(url("tick=10&count=9"), { headers });
    assertMatch(response.headers.get("content-type"), /^text\/event-stream/);
    const ids = [...(await response.text()).matchAll(/^id:(\d+)$/gm)];
    assertEquals(ids.map(([, id]) => id), ["8", "9"]);
  });

  await step(
    "events are not compressed, because compression delays them",
    async () => {
      using client = await RawClient.connect(
        server.address("edge"),
        requestHead("/sse?tick=10&count=1&retry=77", {
          Host: "a",
          "Accept-Encoding": "gzip, br",
          Connection: "close",
        }),
      );
      const { headers } = await client.response();
      assertEquals(headers.get("content-encoding"), null);
      const text = new TextDecoder().decode(await client.end());
      assertMatch(text, /\nretry:77\n\n[^]*\nid:1\n\n/);
    },
  );

  for (const [query, name] of [["tick=1", "tick"], ["count=x", "count"]]) {
    await step(`?${query} is refused with 400 that names it`, async () => {
      const response = await fetch(url(query!));
      assertEquals(response.status, 400);
      assertMatch(await response.text(), new RegExp(`"${name}"`));
    });
  }
});

signalTest(
  "a shutdown does not wait for event streams, and ends them in order",
  {},
  async (server) => {
    const { port } = server.address("edge");
    const response = await fetch(
      `http://127.0.0.1:${port}/sse?tick=3600000`,
    );
    server.signal("SIGTERM");
    assertEquals(await within(response.text(), "the end"), "retry:3000\n\n");
    assertEquals((await within(server.status, "the end")).code, 0);
    await server.logged("All connections are closed");
  },
);
