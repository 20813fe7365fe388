import { assert, assertEquals } from "@std/assert";
import { journaled } from "../../../handlers/journal/journaled.ts";
import { Journals } from "../../../handlers/journal/journals.ts";
import { recordingOf } from "../../../handlers/journal/recording.ts";
import { entryJson } from "../../../handlers/journal/views/json.ts";
import {
  HandshakeRefusedError,
  openHandler,
} from "../../../lib/testing/mod.ts";
import { encodeFrame } from "../../../lib/client/frame.ts";
import { RefusedError } from "../../../lib/protocol/http_error.ts";
import type { AnyWebSocketHandler } from "../../../lib/routing/router.ts";
import type {
  HandshakeExtras,
  WebSocketHandler,
} from "../../../lib/websocket.ts";
import { answerTo, HANDSHAKE_INFO } from "../fakes.ts";

const ECHO: WebSocketHandler = {
  subprotocols: ["echo"],
  frame: (connection, frame) => connection.send(frame),
};

function wrap(route: WebSocketHandler, journals = new Journals()) {
  return journaled({ "/ws": route }, journals)["/ws"] as AnyWebSocketHandler;
}

/** The lines of the only connection of a journal. */
function linesOf(journals: Journals, name: string): string[] {
  const { connections } = journals.get(name)!;
  assertEquals(connections.length, 1);
  return connections[0]!.entries.map((entry) => {
    const { type, from, opcode = "", text = "", code = "", line = "" } =
      entryJson(entry);
    return [from, type, opcode, code, text, line].filter((part) => part !== "")
      .join(" ");
  });
}

Deno.test("journaled() leaves HTTP routes unchanged", () => {
  const routes = { "/http": { GET: () => new Response() } };
  assert(journaled(routes, new Journals())["/http"] === routes["/http"]);
});

Deno.test("journaled() keeps the properties of a handler, and asks it for queries only", () => {
  const { handshake, checkQuery, ...rest } = wrap(ECHO);
  assert(handshake && checkQuery);
  assertEquals(rest, { ...ECHO, handshakes: "query" });
  assert(rest.frame === ECHO.frame);
});

Deno.test("journaled() asks a handler with a handshake as often as before", () => {
  const asked: WebSocketHandler = { ...ECHO, handshake() {} };
  assertEquals(wrap(asked).handshakes, undefined);
  assertEquals(wrap({ ...asked, handshakes: "query" }).handshakes, "query");
});

Deno.test("journaled() passes a request without the parameter on unchanged", async () => {
  const seen: Request[] = [];
  const route = wrap({
    ...ECHO,
    handshake: (request) => void seen.push(request),
  });
  const request = new Request("http://localhost/ws?journals=a&x=journal");
  await route.handshake!(request, HANDSHAKE_INFO);
  assert(seen[0] === request);
});

for (
  const [query, rest] of [
    ["?journal=a", ""],
    ["?x=%20+1&journal=a&y", "?x=%20+1&y"],
    ["?journal=a&delay=5", "?delay=5"],
  ]
) {
  Deno.test(`the handshake of a route sees "${rest}" for "${query}"`, async () => {
    const urls: string[] = [];
    const route = wrap({
      ...ECHO,
      handshake({ url, headers }) {
        urls.push(`${url} ${headers.get("x-test")}`);
      },
    });
    const headers = { "x-test": "kept" };
    await openHandler(route, { url: `http://h/ws${query}`, headers });
    assertEquals(urls, [`http://h/ws${rest} kept`]);
  });
}

for (
  const query of [
    "?journal",
    "?journal=",
    "?journal=a%20b",
    `?journal=${"a".repeat(65)}`,
    "?journal=a&journal=b",
  ]
) {
  Deno.test(`a handshake with ${query.slice(0, 30)} is refused with 400`, async () => {
    const journals = new Journals();
    const url = `http://h/ws${query}`;
    const error = await openHandler(wrap(ECHO, journals), { url })
      .catch((error) => error);
    assert(error instanceof HandshakeRefusedError);
    assertEquals(error.response.status, 400);
    assertEquals(journals.size, 0);
    const request = new Request(url);
    const plain = await answerTo(
      request,
      () => wrap(ECHO).checkQuery!(request, HANDSHAKE_INFO),
    );
    assertEquals(plain?.status, 400);
  });
}

Deno.test("checkQuery of a route sees the query without the parameter", () => {
  const route = wrap({
    ...ECHO,
    checkQuery: ({ url }) => new Response(url, { status: 400 }),
  });
  const request = new Request("http://h/ws?a=1&journal=x");
  const response = route.checkQuery!(request, HANDSHAKE_INFO);
  return response!.text().then((text) => assertEquals(text, "http://h/ws?a=1"));
});

Deno.test("a connection of the edge listener is recorded from the handler's calls", async () => {
  const journals = new Journals();
  const fake = await openHandler(wrap(ECHO, journals), {
    url: "http://h/ws?journal=a",
    listener: "edge",
    subprotocols: ["echo"],
  });
  await fake.receive("hello");
  await fake.close(1001, "bye");
  assertEquals(linesOf(journals, "a"), [
    "client request GET /ws?journal=a",
    "server response 101",
    "client message text hello",
    "server message text hello",
    "client message close 1001",
    "server end",
  ]);
  const { shows, state, response, client } = journals.get("a")!.connections[0]!;
  assertEquals([shows, state, client.messages], ["messages", "closed", 1]);
  assertEquals(response?.fields, [["sec-websocket-protocol", "echo"]]);
});

Deno.test("the server's messages and CLOSE on the edge listener are recorded", async () => {
  const journals = new Journals();
  const route = wrap({
    handshake: () => ({ handler: ECHO, headers: { "x-a": "b" } }),
    frame() {},
  }, journals);
  const fake = await openHandler(route, {
    url: "http://h/ws?journal=a",
    listener: "edge",
  });
  await fake.receive(new Uint8Array([255, 0]));
  assertEquals(fake.messages, [new Uint8Array([255, 0])]);
  const record = journals.get("a")!.connections[0]!;
  assertEquals(record.response?.fields, [["x-a", "b"]]);
  const { hex, length } = entryJson(record.entries.at(-1)!);
  assertEquals([hex, length], ["ff00", 2]);
});

Deno.test("a handler on the edge listener gets one connection with all members", async () => {
  const seen: unknown[] = [];
  const route = wrap({
    open(connection) {
      connection.state = connection;
      connection.send("text");
      connection.send(new Uint8Array(1), { opcode: "text", final: false });
      connection.send("", { opcode: "continuation" });
      connection.charge(5);
      connection.queueWork(() => connection.close(4000, "end"));
      const { id, listener, path, params, protocol, isOpen } = connection;
      seen.push(id !== "", listener, path, params, protocol, isOpen);
      seen.push(connection.traffic.messagesSent, connection.bufferedAmount);
      seen.push(connection.request.url.pathname, connection.openedAt > 0);
      seen.push(connection.lastActivity > 0, connection.remoteAddr.transport);
      seen.push(connection.capabilities.fragments);
    },
    frame: (connection) => void seen.push(connection.state === connection),
    close: (connection) => void seen.push(connection.state === connection),
  });
  const url = "http://h/ws?journal=a";
  const fake = await openHandler(route, { url, listener: "edge" });
  await fake.receive("x");
  await fake.runWork();
  await fake.close(4000);
  assertEquals(seen, [
    true,
    "edge",
    "/ws",
    {},
    "",
    true,
    2,
    0,
    "/ws",
    true,
    true,
    "tcp",
    false,
    true,
    true,
  ]);
  assertEquals(fake.connection.charged, 5);
  assertEquals(fake.closeSent, { code: 4000, reason: "end" });
});

Deno.test("a connection of the frame listener is recorded by a tap", async () => {
  const journals = new Journals();
  const route = wrap(ECHO, journals);
  const request = new Request("http://h/ws?journal=a");
  const info = { ...HANDSHAKE_INFO, listener: "frame" } as const;
  const result = await route.handshake!(request, info);
  const { tap, handler } = result as HandshakeExtras;
  assertEquals(handler, undefined);
  tap!.received(new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n"));
  tap!.received(encodeFrame("text", "hello"));
  assertEquals(linesOf(journals, "a"), [
    "client request GET /ws?journal=a",
    "client frame text hello",
  ]);
});

Deno.test("a refusal by the handler is recorded with its request, and sent whole", async () => {
  const journals = new Journals();
  const route = wrap({
    ...ECHO,
    handshake: () =>
      new Response("no token", { status: 401, headers: { "x-a": "b" } }),
  }, journals);
  const error = await openHandler(route, { url: "http://h/ws?journal=a" })
    .catch((error) => error);
  assert(error instanceof HandshakeRefusedError);
  assertEquals(await error.response.text(), "no token");
  assertEquals(linesOf(journals, "a"), [
    "client request GET /ws?journal=a HTTP/1.1",
    "server response 401",
    "server bytes no token",
    "server end",
  ]);
  assertEquals(journals.get("a")!.connections[0]!.state, "refused");
});

Deno.test("a refusal that a handshake throws is recorded as its response", async () => {
  const journals = new Journals();
  const route = wrap({
    ...ECHO,
    handshake() {
      throw new RefusedError({ status: 403, message: "No." });
    },
  }, journals);
  const url = "http://h/ws?journal=a";
  const error = await openHandler(route, { url }).catch((error) => error);
  assert(error instanceof HandshakeRefusedError);
  assertEquals(error.response.status, 403);
  assertEquals(await error.response.text(), "No.\n");
  assertEquals(linesOf(journals, "a"), [
    "client request GET /ws?journal=a HTTP/1.1",
    "server response 403",
    "server bytes No.\n",
    "server end",
  ]);
});

Deno.test("a handshake that throws ends its record", async () => {
  const journals = new Journals();
  const route = wrap({
    ...ECHO,
    handshake() {
      throw new Error("broken");
    },
  }, journals);
  const request = new Request("http://h/ws?journal=a");
  const error = await Promise.resolve(route.handshake!(request, HANDSHAKE_INFO))
    .catch((error) => error);
  assertEquals(error.message, "broken");
  assertEquals(linesOf(journals, "a"), [
    "client request GET /ws?journal=a",
    "server end",
  ]);
});

Deno.test("recordingOf() gives a handler the recording, for its faults", async () => {
  const journals = new Journals();
  const route = wrap({
    ...ECHO,
    handshake(request) {
      recordingOf(request)!.fault("late", {
        reaction: "accept",
        section: "RFC 6455 §4.1",
      });
    },
  }, journals);
  await openHandler(route, { url: "http://h/ws?journal=a", listener: "edge" });
  assertEquals(linesOf(journals, "a")[1], "server fault");
  assertEquals(recordingOf(new Request("http://h/ws")), undefined);
});

Deno.test("a record shows no secret of the edge listener's request", async () => {
  const journals = new Journals();
  await openHandler(wrap(ECHO, journals), {
    url: "http://h/ws?token=SECRET&journal=a",
    listener: "edge",
    headers: {
      authorization: "Bearer SECRET",
      cookie: "id=SECRET",
      "x-api-key": "SECRET",
    },
  });
  const { request } = journals.get("a")!.connections[0]!;
  const text = JSON.stringify(request);
  assert(!text.includes("SECRET"), text);
  assert(text.includes("Bearer ***"), text);
});
