import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { journalRoutes } from "../../../handlers/journal/journal.ts";
import { Journals } from "../../../handlers/journal/journals.ts";
import { WireRecorder } from "../../../handlers/journal/record/wire_recorder.ts";
import { encodeFrame } from "../../../lib/client/frame.ts";
import { LongRunningRequests } from "../../../lib/limits/long_running_requests.ts";
import type { HttpRoute } from "../../../lib/routing/router.ts";
import { CHUNK } from "../../../lib/http/paced_body.ts";
import { nextSlice, yieldToOthers } from "../../../lib/scheduling/scheduler.ts";
import { answerOf, HTTP_INFO, REMOTE_ADDR } from "../fakes.ts";

const encoder = new TextEncoder();

/** The route with its journals. */
class Service {
  readonly journals = new Journals();
  readonly requests = new LongRunningRequests(2);
  readonly #route: HttpRoute;

  constructor(allowedOrigins?: ReadonlySet<string>) {
    const context = { longRunningRequests: this.requests, allowedOrigins };
    const routes = journalRoutes(this.journals, context);
    assertEquals(Object.keys(routes), ["/journal/:name"]);
    this.#route = routes["/journal/:name"] as HttpRoute;
  }

  async fetch(
    path: string,
    { method = "GET", ...init }: RequestInit = {},
  ): Promise<Response> {
    const url = new URL(path, "http://localhost/journal/");
    const request = new Request(url, { method, ...init });
    const name = decodeURIComponent(url.pathname.split("/").at(-1)!);
    const info = { ...HTTP_INFO, params: { name } };
    const handler = this.#route[method as "GET"]!;
    return await answerOf(handler, request, info);
  }

  /** Records a connection of the frame listener up to its first message. */
  connect(name: string, target = "/ws"): WireRecorder {
    const info = { listener: "frame", remoteAddr: REMOTE_ADDR } as const;
    const recorder = new WireRecorder(this.journals.begin(name, info));
    const request =
      `GET ${target} HTTP/1.1\r\nHost: h\r\nCookie: a=SECRET\r\n\r\n`;
    recorder.received(encoder.encode(request));
    recorder.sent(
      encoder.encode("HTTP/1.1 101 x\r\nSet-Cookie: b=SECRET\r\n\r\n"),
    );
    recorder.received(encodeFrame("text", "<b>hello</b>"));
    recorder.sent(
      encodeFrame("binary", new Uint8Array([255]), { mask: "none" }),
    );
    return recorder;
  }
}

/** The JSON of a response. */
// deno-lint-ignore no-explicit-any -- the shape is what the tests check
async function json(response: Response): Promise<any> {
  assertEquals(response.status, 200, await response.clone().text());
  return response.json();
}

async function assertRefused(
  response: Response,
  status: number,
  part: string,
): Promise<void> {
  assertEquals(response.status, status);
  assertStringIncludes(await response.text(), part);
}

Deno.test("GET /journal/NAME has the connections, their entries and the verdict", async () => {
  const service = new Service();
  service.connect("a").ended("failed");
  const response = await service.fetch("a");
  assertEquals(
    response.headers.get("content-type"),
    "application/json; charset=utf-8",
  );
  assertEquals(response.headers.get("cache-control"), "no-store");
  const { journal, removed, connections } = await json(response);
  assertEquals([journal, removed, connections.length], ["a", 0, 1]);
  const [{ request, response: answer, entries, end, verdict, ...rest }] =
    connections;
  assertEquals(request, {
    line: "GET /ws HTTP/1.1",
    fields: [["Host", "h"], ["Cookie", "a=***"]],
    raw: true,
  });
  assertEquals(answer.fields, [["Set-Cookie", "b=***"]]);
  assertEquals(entries.length, 5);
  assertEquals([entries[2].text, entries[3].hex], ["<b>hello</b>", "ff"]);
  assertEquals(
    [end.how, end.closeStartedBy, end.clientCode, end.serverCode],
    ["failed", "client", null, null],
  );
  const { passed, failed, notTested, rules } = verdict;
  assertEquals(passed + failed + notTested, rules.length);
  const rule = rules.find(({ id }: { id: string }) => id === "close-handshake");
  assertEquals([rule.status, rule.evidence, rule.section], [
    "failed",
    [4],
    "RFC 6455 §7.2.1",
  ]);
  assertEquals(
    [rest.id, rest.listener, rest.shows, rest.state, rest.omitted],
    [1, "frame", "frames", "closed", 0],
  );
});

Deno.test("GET /journal/NAME shows an open connection", async () => {
  const service = new Service();
  service.connect("a");
  const { connections: [{ state, end }] } = await json(
    await service.fetch("a"),
  );
  assertEquals([state, end], ["open", null]);
});

Deno.test("no format of a journal shows a secret", async () => {
  const service = new Service();
  service.connect("a", "/auth?token=SECRET").ended("closed");
  for (const format of ["json", "ndjson", "har", "html"]) {
    const text = await (await service.fetch(`a?format=${format}`)).text();
    assert(!text.includes("SECRET"), format);
    assertStringIncludes(text, "***", format);
  }
});

Deno.test("GET /journal/NAME is NDJSON by Accept: a line per connection, entry and verdict", async () => {
  const service = new Service();
  service.connect("a");
  const headers = { accept: "application/x-ndjson" };
  const response = await service.fetch("a", { headers });
  assertEquals(
    response.headers.get("content-type"),
    "application/x-ndjson; charset=utf-8",
  );
  const lines = (await response.text()).trimEnd().split("\n")
    .map((line) => JSON.parse(line));
  assertEquals(lines.map(({ type }) => type), [
    "connection",
    "request",
    "response",
    "frame",
    "frame",
    "verdict",
  ]);
  assert(lines.every(({ connection }) => connection === 1));
});

Deno.test("GET /journal/NAME is HAR with WebSocket messages by Accept", async () => {
  const service = new Service();
  service.connect("a", "/ws?x=1");
  const headers = { accept: "application/har+json" };
  const { log } = await json(await service.fetch("a", { headers }));
  assertEquals([log.version, log.entries.length], ["1.2", 1]);
  const [{ request, response, _resourceType, _webSocketMessages }] =
    log.entries;
  assertEquals(
    [request.method, request.url, request.queryString],
    ["GET", "ws://h/ws?x=1", [{ name: "x", value: "1" }]],
  );
  assertEquals([response.status, _resourceType], [101, "websocket"]);
  assertEquals(
    _webSocketMessages.map((
      { type, opcode, data }: { type: string; opcode: number; data: string },
    ) => [type, opcode, data]),
    [["send", 1, "<b>hello</b>"], ["receive", 2, "/w=="]],
  );
});

Deno.test("GET /journal/NAME is a page by Accept, whose content is escaped", async () => {
  const service = new Service();
  service.connect("a", "/ws?%3Cscript%3E<script>").ended("closed");
  const headers = { accept: "text/html" };
  const response = await service.fetch("a", { headers });
  assertEquals(
    response.headers.get("content-type"),
    "text/html; charset=utf-8",
  );
  const policy = response.headers.get("content-security-policy")!;
  assertStringIncludes(policy, "default-src 'none'");
  assert(!policy.includes("unsafe"), policy);
  const text = await response.text();
  assertStringIncludes(text, "&lt;b&gt;hello&lt;/b&gt;");
  assertStringIncludes(text, "&lt;script&gt;");
  assert(!text.includes("<script"), "markup of the client is in the page");
  assertStringIncludes(text, "Every frame is masked.");
});

Deno.test("GET /journal/NAME answers 404 for an unknown name, and 400 for none", async () => {
  const service = new Service();
  await assertRefused(await service.fetch("a"), 404, "no journal");
  await assertRefused(await service.fetch("a%20b"), 400, "1 to 64");
});

for (
  const [query, part] of [
    ["wait=ended", "open, closed or messages:N"],
    ["wait=messages:0", "open, closed or messages:N"],
    ["wait=open&timeout=301", "seconds from 0 to 300"],
    ["timeout=3", 'needs the parameter "wait"'],
    ["format=xml", "one of json, ndjson, har, html"],
    ["wat=open", "no parameter of this route"],
  ] as const
) {
  Deno.test(`GET /journal/NAME?${query} is refused with 400`, async () => {
    const service = new Service();
    service.connect("a");
    await assertRefused(await service.fetch(`a?${query}`), 400, part);
  });
}

Deno.test("wait=open waits for a journal that does not exist yet", async () => {
  const service = new Service();
  const waiting = service.fetch("a?wait=open");
  service.connect("other");
  service.connect("a");
  const { wait, connections } = await json(await waiting);
  assertEquals(wait, { for: "open", met: true });
  assertEquals(connections[0].state, "open");
  assertEquals(service.requests.size, 0);
});

Deno.test("wait=closed waits until every connection is over", async () => {
  const service = new Service();
  const [one, other] = [service.connect("a"), service.connect("a")];
  let isAnswered = false;
  const waiting = service.fetch("a?wait=closed").then((response) => {
    isAnswered = true;
    return response;
  });
  one.ended("closed");
  await (await service.fetch("a")).body?.cancel();
  assertEquals(isAnswered, false);
  other.ended("failed");
  const { wait, connections } = await json(await waiting);
  assertEquals(wait.met, true);
  assertEquals(
    connections.map(({ state }: { state: string }) => state),
    ["closed", "closed"],
  );
});

Deno.test("wait=messages:N waits for messages of the client", async () => {
  const service = new Service();
  const recorder = service.connect("a");
  const waiting = service.fetch("a?wait=messages:3");
  recorder.received(encodeFrame("text", "2"));
  recorder.received(encodeFrame("ping", "no message"));
  recorder.received(encodeFrame("text", "3", { final: false }));
  recorder.received(encodeFrame("continuation", "3"));
  const { connections: [{ entries }] } = await json(await waiting);
  assertEquals(entries.at(-1).opcode, "continuation");
});

Deno.test("a wait ends after its timeout, and says so", async () => {
  const service = new Service();
  service.connect("a");
  const { wait } = await json(
    await service.fetch("a?wait=closed&timeout=0.01"),
  );
  assertEquals(wait, { for: "closed", met: false });
  const response = await service.fetch("b?wait=open&timeout=0");
  await assertRefused(response, 404, "no journal");
});

Deno.test("a wait ends at a shutdown", async () => {
  const service = new Service();
  service.connect("a");
  const waiting = service.fetch("a?wait=closed");
  await service.requests.shutdown();
  assertEquals((await json(await waiting)).wait.met, false);
});

Deno.test("waiting requests are limited as long-running requests are", async () => {
  const service = new Service();
  const recorder = service.connect("a");
  const waiting = [1, 2].map(() => service.fetch("a?wait=closed"));
  await assertRefused(await service.fetch("a"), 503, "long-running");
  recorder.ended("closed");
  for (const response of await Promise.all(waiting)) await json(response);
});

Deno.test("DELETE /journal/NAME removes a journal", async () => {
  const service = new Service();
  service.connect("a");
  const removed = await service.fetch("a", { method: "DELETE" });
  assertEquals([removed.status, service.journals.size], [204, 0]);
  const again = await service.fetch("a", { method: "DELETE" });
  await assertRefused(again, 404, "no journal");
});

Deno.test("pages of allowed origins may read a journal", async () => {
  const service = new Service(new Set(["https://a.example"]));
  service.connect("a");
  const read = async (origin: string) => {
    const response = await service.fetch("a", { headers: { origin } });
    await response.body?.cancel();
    return response.headers.get("access-control-allow-origin");
  };
  assertEquals(await read("https://a.example"), "https://a.example");
  assertEquals(await read("https://b.example"), null);
});

for (const format of ["json", "ndjson", "har", "html"]) {
  Deno.test(`GET /journal/NAME as ${format} lets other connections run before each chunk`, async () => {
    const service = new Service();
    const connections = 100;
    for (let i = 0; i < connections; i++) service.connect("a");
    let others = 0;
    let isDone = false;
    const other = () => {
      others++;
      if (!isDone) yieldToOthers(other);
    };
    yieldToOthers(other);
    const response = await service.fetch(`a?format=${format}`);
    const text = await response.text();
    isDone = true;
    await nextSlice();
    const chunks = text.length / CHUNK;
    assert(chunks > 2 && others >= chunks, `${others} of ${chunks}`);
    assertEquals(text.match(/hello/g)?.length, connections);
    if (format === "json" || format === "har") {
      assertEquals(text, `${JSON.stringify(JSON.parse(text), undefined, 2)}\n`);
    }
  });
}
