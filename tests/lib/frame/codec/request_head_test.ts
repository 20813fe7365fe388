import { assertEquals } from "@std/assert";
import {
  findHeadEnd,
  hasBody,
  MAX_FIELDS,
  parseHead,
  type RequestHead,
} from "../../../../lib/frame/codec/request_head.ts";

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Parses a valid head. */
function head(...lines: readonly string[]): RequestHead {
  const verdict = parseHead(`${lines.join("\r\n")}\r\n\r\n`);
  if (!verdict.ok) throw new Error("the head was refused");
  return verdict.head;
}

/** The status of a refusal, or 0. */
function refused(...lines: readonly string[]): number {
  const verdict = parseHead(`${lines.join("\r\n")}\r\n\r\n`);
  return verdict.ok ? 0 : verdict.error.status;
}

const GET = "GET / HTTP/1.1";

for (
  const [text, expected] of [
    ["", -1],
    ["\r\n\r", -1],
    ["\r\n\r\n", 4],
    ["a\r\n\r\n", 5],
    ["a\r\n\r\nb\r\n\r\n", 5],
    ["a\r\nb\r\n", -1],
    ["a\n\nb\n\n", -1],
    ["a\r\r\n\n", -1],
    ["a\r\n\n\r\n", -1],
    ["a\r\n\r\r\n\r\n", 8],
  ] as const
) {
  Deno.test(`findHeadEnd() gives ${expected} for ${JSON.stringify(text)}`, () => {
    assertEquals(findHeadEnd(bytesOf(text), 0), expected);
  });
}

Deno.test("findHeadEnd() finds an end that is split anywhere", () => {
  const bytes = bytesOf("GET\r\n\r\n...");
  for (let cut = 0; cut <= 6; cut++) {
    assertEquals(findHeadEnd(bytes.subarray(0, cut), 0), -1);
    assertEquals(findHeadEnd(bytes, cut), 7);
  }
});

Deno.test("findHeadEnd() ignores bytes that have not arrived", () => {
  const bytes = bytesOf("GET\r\n\r\n");
  for (let end = 0; end < 7; end++) {
    assertEquals(findHeadEnd(bytes, 0, end), -1);
  }
  assertEquals(findHeadEnd(bytes, 0, 7), 7);
});

Deno.test("parseHead() parses the request line and the fields", () => {
  const { method, target, httpVersion, headers } = head(
    "GET /ws?a=b HTTP/1.1",
    "Host: localhost:8000",
    "X-Name: value",
  );
  assertEquals([method, target, httpVersion], ["GET", "/ws?a=b", "1.1"]);
  assertEquals([...headers], [["host", "localhost:8000"], ["x-name", "value"]]);
});

Deno.test("parseHead() parses a head without its last empty line", () => {
  assertEquals(parseHead(`${GET}\r\nHost: a`).ok, true);
  assertEquals(parseHead(`${GET}\r\nHost: a\r\n`).ok, true);
});

Deno.test("parseHead() ignores empty lines in front (RFC 9112 §2.2)", () => {
  assertEquals(head("", "", "GET /a HTTP/1.1").target, "/a");
});

for (
  const line of [
    "",
    "GET",
    "GET /",
    "GET  / HTTP/1.1",
    "GET / HTTP/1.1 ",
    " GET / HTTP/1.1",
    "GET\t/ HTTP/1.1",
    "GET / http/1.1",
    "GET / HTTP/1",
    "GET / HTTP/1.10",
    "GET / HTTP/x.y",
    "GET /a b HTTP/1.1",
    "G(T / HTTP/1.1",
    "GET / HTTP/1.1\nHost: a",
  ]
) {
  Deno.test(`parseHead() refuses the request line ${JSON.stringify(line)}`, () => {
    assertEquals(refused(line, "Host: a"), 400);
  });
}

for (
  const [line, method, httpVersion] of [
    ["POST / HTTP/1.1", "POST", "1.1"],
    ["get / HTTP/1.1", "get", "1.1"],
    ["GET / HTTP/1.0", "GET", "1.0"],
    ["PRI / HTTP/2.0", "PRI", "2.0"],
    ["!#$%&'*+-.^_`|~09 / HTTP/1.1", "!#$%&'*+-.^_`|~09", "1.1"],
  ] as const
) {
  Deno.test(`parseHead() accepts the request line ${JSON.stringify(line)}`, () => {
    const found = head(line);
    assertEquals([found.method, found.httpVersion], [method, httpVersion]);
  });
}

for (
  const [target, expected] of [
    ["/", "/"],
    ["//", "//"],
    ["/a/../b?c=/d", "/a/../b?c=/d"],
    ["/%2e?", "/%2e?"],
    ["http://example.com", "/"],
    ["http://example.com/a?b", "/a?b"],
    ["HTTPS://example.com:80/a", "/a"],
    ["ws://example.com/a", "/a"],
    ["wss://example.com/a", "/a"],
  ] as const
) {
  Deno.test(`parseHead() reads the target ${target} as ${expected}`, () => {
    assertEquals(head(`GET ${target} HTTP/1.1`).target, expected);
  });
}

for (
  const target of [
    "*",
    "a",
    "?",
    "example.com:80",
    "ftp://example.com/",
    "http://",
    "http:/a",
    "http:///a",
    "wss:///",
    "http://?a",
    "/a#b",
    "http://example.com/#a",
    "/\xe9",
    "/\x7f",
    "/a\x01",
  ]
) {
  Deno.test(`parseHead() refuses the target ${JSON.stringify(target)}`, () => {
    assertEquals(refused(`GET ${target} HTTP/1.1`), 400);
  });
}

for (
  const [line, value] of [
    ["X-Name:value", "value"],
    ["X-Name: \t value \t ", "value"],
    ["X-Name:", ""],
    ["X-Name:  ", ""],
    ["X-Name: a: b", "a: b"],
    ["X-Name: a\tb", "a\tb"],
    ["X-Name: caf\xe9", "caf\xe9"],
    ["x-NAME: value", "value"],
  ] as const
) {
  Deno.test(`parseHead() reads the field ${JSON.stringify(line)}`, () => {
    assertEquals(head(GET, line).headers.get("x-name"), value);
  });
}

for (
  const line of [
    "X-Name",
    ": value",
    "X-Name : value",
    " X-Name: value",
    "X Name: value",
    "X-N\xe4me: value",
    "X-Name: a\nb",
    "X-Name: a\rb",
    "X-Name: a\0b",
    "X-Name: a\x7fb",
  ]
) {
  Deno.test(`parseHead() refuses the field ${JSON.stringify(line)}`, () => {
    assertEquals(refused(GET, "Host: a", line), 400);
  });
}

Deno.test("parseHead() refuses a folded field (RFC 9112 §5.2)", () => {
  assertEquals(refused(GET, "X-Name: a", " b"), 400);
  assertEquals(refused(GET, "X-Name: a", "\tb"), 400);
});

Deno.test("parseHead() gives null for a missing field", () => {
  assertEquals(head(GET).headers.get("host"), null);
});

Deno.test("parseHead() joins repeated fields in their order", () => {
  const { headers } = head(GET, "X-Name: a", "X-Other: b", "x-name: c");
  assertEquals(headers.get("x-name"), "a, c");
  assertEquals([...headers].length, 2);
});

for (const name of ["Host", "Sec-WebSocket-Key", "Sec-WebSocket-Version"]) {
  Deno.test(`parseHead() refuses a repeated ${name}`, () => {
    assertEquals(refused(GET, `${name}: a`, `${name.toUpperCase()}: a`), 400);
    assertEquals(refused(GET, `${name}:`, `${name}: a`), 400);
  });
}

for (
  const [lines, expected] of [
    [[], false],
    [["Content-Length: 0"], false],
    [["Content-Length: 1"], true],
    [["Content-Length: 0, 0"], true],
    [["Content-Length: 0", "Content-Length: 0"], true],
    [["Content-Length: -0"], true],
    [["Content-Length:"], true],
    [["Transfer-Encoding: chunked"], true],
    [["Transfer-Encoding: identity"], true],
    [["Transfer-Encoding:"], true],
  ] as const
) {
  Deno.test(`hasBody() is ${expected} for ${JSON.stringify(lines)}`, () => {
    assertEquals(hasBody(head(GET, ...lines).headers), expected);
  });
}

Deno.test("parseHead() refuses the preface of HTTP/2 with 505", () => {
  assertEquals(refused("PRI * HTTP/2.0"), 505);
});

Deno.test("parseHead() accepts 100 fields and refuses 101", () => {
  const lines = Array.from({ length: MAX_FIELDS }, (_, i) => `X-${i}: ${i}`);
  assertEquals([...head(GET, ...lines).headers].length, MAX_FIELDS);
  assertEquals(refused(GET, ...lines, "X-More: 1"), 431);
});

Deno.test("parseHead() counts repeated fields", () => {
  const lines = new Array<string>(MAX_FIELDS + 1).fill("X-Name: a");
  assertEquals(refused(GET, ...lines), 431);
});

Deno.test("parseHead() has no inherited fields", () => {
  const { headers } = head(GET, "__proto__: a", "constructor: b");
  assertEquals(headers.get("__proto__"), "a");
  assertEquals(headers.get("tostring"), null);
});
