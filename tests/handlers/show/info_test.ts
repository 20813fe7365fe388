import { assert, assertEquals } from "@std/assert";
import { info, infoOf } from "../../../handlers/show/info.ts";
import { openHandler } from "../../../lib/testing/mod.ts";
import { HANDSHAKE_INFO, HTTP_INFO, REMOTE_ADDR } from "../fakes.ts";

Deno.test("infoOf() has line and fields in their order and case on the frame listener", () => {
  const request = new Request("https://h/info?b=1&a=%20&b=2");
  const requestHead =
    "GET /info?b=1&a=%20&b=2 HTTP/1.1\r\nHOST: h\r\nX-b: 1\r\nx-A: 2\r\n\r\n";
  const about = infoOf(request, {
    listener: "frame",
    remoteAddr: REMOTE_ADDR,
    params: {},
    protocol: "echo",
    requestHead,
  });
  assertEquals(about, {
    listener: "frame",
    line: "GET /info?b=1&a=%20&b=2 HTTP/1.1",
    httpVersion: "1.1",
    path: "/info",
    query: [["b", "1"], ["a", " "], ["b", "2"]],
    fields: [["HOST", "h"], ["X-b", "1"], ["x-A", "2"]],
    raw: true,
    remoteAddress: "127.0.0.1:50000",
    tls: true,
    protocol: "echo",
  });
});

Deno.test("infoOf() has what the runtime shows on the edge listener", () => {
  const request = new Request("http://h/info?token=SECRET", {
    headers: { "X-A": "1", cookie: "id=SECRET" },
  });
  const about = infoOf(request, HANDSHAKE_INFO);
  assertEquals(
    [about.line, about.httpVersion, about.raw, about.tls],
    ["GET /info?token=***", null, false, false],
  );
  assertEquals(about.query, [["token", "***"]]);
  assertEquals(about.fields, [["cookie", "id=***"], ["x-a", "1"]]);
});

Deno.test("/info sends the handshake when it opens, and for each message", async () => {
  const url = "http://h/info?a=1";
  const fake = await openHandler(info, { url, listener: "edge" });
  await fake.receive("again");
  const [first, second] = fake.messages;
  assertEquals(JSON.parse(first as string).query, [["a", "1"]]);
  assertEquals([fake.messages.length, second], [2, first]);
});

Deno.test("/info answers a GET with the same", async () => {
  const request = new Request("http://h/info", { headers: { "x-a": "1" } });
  const response = await info.GET!(request, HTTP_INFO);
  assert(response.headers.get("content-type")!.startsWith("application/json"));
  assertEquals((await response.json()).fields, [["x-a", "1"]]);
});
