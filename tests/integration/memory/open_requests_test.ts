import { assertEquals, assertStringIncludes } from "@std/assert";
import { httpEcho } from "../../../handlers/http/http_echo.ts";
import { sse } from "../../../handlers/http/sse.ts";
import { LongRunningRequests } from "../../../lib/limits/long_running_requests.ts";
import { Router, type Routes } from "../../../lib/routing/router.ts";
import { testWith } from "../../permissions.ts";
import { listenBoth, serviceOf } from "../../service.ts";
import { RawClient } from "../support/raw.ts";
import { NEEDS } from "../support/suite.ts";
import { eventually, within } from "../support/within.ts";
import { type Fields, requestHead } from "../support/wire.ts";

/** A service whose requests take long. */
function start(more: Routes = {}) {
  const service = serviceOf();
  const requests = new LongRunningRequests(10, undefined, service);
  const routes: Routes = {
    "/http": { GET: httpEcho(requests), POST: httpEcho(requests) },
    "/never": { GET: () => new Promise(() => {}) },
    "/sse": { GET: sse(requests) },
    ...more,
  };
  const server = listenBoth({ ...service, router: new Router(routes) });
  return { server, requests, openRequests: service.openRequests };
}

const HOST: Fields = { Host: "a.test" };

/** A request, and one behind it that is read ahead. */
function pipelined(path: string): string {
  return requestHead(path, HOST) + requestHead("/http", HOST);
}

for (
  const [name, bytes] of [
    ["that waits", pipelined("/http?delay=60000")],
    ["whose handler does not answer", pipelined("/never")],
    [
      "whose body is complete",
      requestHead(
        "/http?delay=60000",
        { ...HOST, "Content-Length": "4" },
        "POST",
      ) + "body" + requestHead("/http", HOST),
    ],
  ] as const
) {
  testWith(
    NEEDS,
    `a request ${name} gets 503 where it is ended, and its connection ends`,
    async () => {
      const { server, openRequests } = start();
      await using _server = server;
      using client = await RawClient.connect(server.address.edge, bytes);
      await eventually(() => openRequests.endSome(1) > 0, "a request");
      const head = await within(client.head(), "its head");
      assertStringIncludes(head, "HTTP/1.1 503 ");
      assertStringIncludes(head, "retry-after: 5");
      const message = "The server has too little memory.";
      const body = await within(client.bytes(message.length), "its body");
      assertEquals(new TextDecoder().decode(body), message);
      assertEquals((await within(client.end(), "the end")).length, 0);
    },
  );
}

testWith(
  NEEDS,
  "a request whose body is incomplete gets 503 where it is ended, and its connection goes on after the body",
  async () => {
    const { server, openRequests } = start();
    await using _server = server;
    const fields = { ...HOST, "Content-Length": "9" };
    using client = await RawClient.connect(
      server.address.edge,
      requestHead("/http", fields, "POST"),
    );
    await eventually(() => openRequests.endSome(1) > 0, "a request");
    assertEquals((await within(client.response(), "a response")).status, 503);
    await client.write("the body " + requestHead("/http", HOST));
    assertEquals((await within(client.response(), "the next")).status, 200);
  },
);

testWith(
  NEEDS,
  "a handler may read the fields of a request that was ended",
  async () => {
    const isEnded = Promise.withResolvers<void>();
    const read = Promise.withResolvers<string | null>();
    const { server, openRequests } = start({
      "/late": {
        async GET(request) {
          await isEnded.promise;
          read.resolve(request.headers.get("host"));
          return new Response();
        },
      },
    });
    await using _server = server;
    using client = await RawClient.connect(
      server.address.edge,
      requestHead("/late", HOST),
    );
    await eventually(() => openRequests.endSome(1) > 0, "a request");
    await within(client.end(), "the end");
    isEnded.resolve();
    assertEquals(await within(read.promise, "the field"), "a.test");
  },
);

testWith(
  NEEDS,
  "an event stream breaks off where its request is ended, and its slot is free",
  async () => {
    const { server, requests, openRequests } = start();
    await using _server = server;
    using client = await RawClient.connect(
      server.address.edge,
      pipelined("/sse?tick=10"),
    );
    await within(client.head(), "its head");
    await eventually(() => openRequests.endSome(1) > 0, "a request");
    const rest = new TextDecoder().decode(
      await within(client.end(), "the end"),
    );
    assertStringIncludes(rest, "retry:3000");
    assertEquals([rest.includes("HTTP/1.1"), requests.size], [false, 0]);
  },
);
