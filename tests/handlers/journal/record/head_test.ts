import { assertEquals } from "@std/assert";
import {
  HeadCollector,
  headOfRequest,
  parseHead,
  statusOf,
  valuesOf,
} from "../../../../handlers/journal/record/head.ts";

const encoder = new TextEncoder();

const HEAD = "GET / HTTP/1.1\r\nHOST: a\r\nx-B: 1\r\nX-b:  2 \r\n\r\n";

Deno.test("HeadCollector finds the end of a head wherever the bytes are split", () => {
  const bytes = encoder.encode(`${HEAD}rest`);
  for (let at = 0; at <= bytes.length; at++) {
    const collector = new HeadCollector();
    let taken = collector.push(bytes.subarray(0, at));
    if (!collector.isComplete) taken += collector.push(bytes.subarray(at));
    assertEquals(
      [taken, collector.text],
      [HEAD.length, HEAD],
      `split at ${at}`,
    );
  }
});

Deno.test("HeadCollector finds an empty line after a single CR", () => {
  const collector = new HeadCollector();
  assertEquals(collector.push(encoder.encode("a\r\r\n\r\nb")), 6);
});

Deno.test("HeadCollector keeps 16 KiB of a longer head", () => {
  const collector = new HeadCollector();
  const long = encoder.encode(`A: ${"x".repeat(100_000)}\r\n\r\nrest`);
  assertEquals(collector.push(long), long.length - 4);
  assertEquals(collector.text.length, 16 * 1024);
});

Deno.test("parseHead() keeps the order and the case of the fields", () => {
  assertEquals(parseHead(HEAD), {
    line: "GET / HTTP/1.1",
    fields: [["HOST", "a"], ["x-B", "1"], ["X-b", "2"]],
    isRaw: true,
  });
});

Deno.test("parseHead() masks secrets in line and fields", () => {
  const { line, fields } = parseHead(
    "GET /auth?token=abc&journal=j HTTP/1.1\r\n" +
      "Authorization: Bearer abc\r\nCookie: id=abc; b=abc\r\n" +
      "Referer: http://u:abc@h/?api_key=abc\r\n\r\n",
  );
  assertEquals(line, "GET /auth?token=***&journal=j HTTP/1.1");
  assertEquals(fields, [
    ["Authorization", "Bearer ***"],
    ["Cookie", "id=***; b=***"],
    ["Referer", "http://***@h/?api_key=***"],
  ]);
});

Deno.test("headOfRequest() masks the fields of the runtime's request", () => {
  const request = new Request("http://localhost/auth?token=abc", {
    headers: { authorization: "Bearer abc" },
  });
  assertEquals(headOfRequest(request), {
    line: "GET /auth?token=***",
    fields: [["authorization", "Bearer ***"]],
    isRaw: false,
  });
});

Deno.test("valuesOf() finds every value of a field in any case", () => {
  assertEquals(valuesOf(parseHead(HEAD), "x-b"), ["1", "2"]);
  assertEquals(valuesOf(undefined, "x-b"), []);
});

for (
  const [line, status] of [
    ["HTTP/1.1 101 Switching Protocols", 101],
    ["HTTP/1.0 200", 200],
    ["junkHTTP/1.1 101 x", 101],
    ["404", 404],
    ["no status", undefined],
  ] as const
) {
  Deno.test(`statusOf() is ${status} for "${line}"`, () => {
    assertEquals(statusOf({ line, fields: [], isRaw: true }), status);
  });
}
