import { assertEquals, assertMatch } from "@std/assert";
import {
  asksForWebSocket,
  checkHandshake,
  type HandshakeHead,
  type HandshakePolicy,
  isToken,
} from "../../../lib/protocol/handshake.ts";
import type { HttpError } from "../../../lib/protocol/http_error.ts";

const KEY = "dGhlIHNhbXBsZSBub25jZQ==";

/** A valid handshake (RFC 6455 §1.3). */
const FIELDS: Readonly<Record<string, string>> = {
  "host": "localhost:8000",
  "upgrade": "websocket",
  "connection": "Upgrade",
  "sec-websocket-version": "13",
  "sec-websocket-key": KEY,
};

const ANY: HandshakePolicy = { subprotocols: [], allowedOrigins: undefined };

/** The valid handshake with some fields set or, by `undefined`, removed. */
function head(
  changes: Record<string, string | readonly string[] | undefined> = {},
  line: Partial<Pick<HandshakeHead, "method" | "httpVersion">> = {},
): HandshakeHead {
  const headers = new Headers(FIELDS);
  for (const [name, value] of Object.entries(changes)) {
    headers.delete(name);
    for (const item of [value ?? []].flat()) headers.append(name, item);
  }
  return { method: "GET", headers, ...line };
}

function refusal(
  candidate: HandshakeHead,
  policy: HandshakePolicy = ANY,
): HttpError {
  const verdict = checkHandshake(candidate, policy);
  if (verdict.ok) throw new Error("the handshake was accepted");
  return verdict.error;
}

/** Returns the offered and the selected subprotocol. */
function negotiate(
  field: string | readonly string[] | undefined,
  subprotocols: readonly string[],
): { offered: readonly string[]; protocol: string } {
  const verdict = checkHandshake(head({ "sec-websocket-protocol": field }), {
    ...ANY,
    subprotocols,
  });
  if (!verdict.ok) throw new Error(verdict.error.message);
  return { offered: verdict.offered, protocol: verdict.protocol };
}

Deno.test("checkHandshake() accepts the handshake of RFC 6455 §1.3", () => {
  assertEquals(checkHandshake(head(), ANY), {
    ok: true,
    key: KEY,
    offered: [],
    protocol: "",
  });
});

for (const method of ["POST", "HEAD", "OPTIONS", "CONNECT", "get"]) {
  Deno.test(`checkHandshake() refuses ${method} with 405 and Allow`, () => {
    const error = refusal(head({}, { method }));
    assertEquals(error.status, 405);
    assertEquals(error.headers, { allow: "GET" });
  });
}

for (const httpVersion of ["0.9", "1.0", "2", "3"]) {
  Deno.test(`checkHandshake() refuses HTTP/${httpVersion} with 505`, () => {
    assertEquals(refusal(head({}, { httpVersion })).status, 505);
  });
}

Deno.test("checkHandshake() accepts HTTP/1.1", () => {
  const verdict = checkHandshake(head({}, { httpVersion: "1.1" }), ANY);
  assertEquals(verdict.ok, true);
});

for (const host of [undefined, ""]) {
  Deno.test(`checkHandshake() refuses Host ${JSON.stringify(host)} with 400`, () => {
    const error = refusal(head({ host }));
    assertEquals(error.status, 400);
    assertMatch(error.message, /Host/);
  });
}

for (
  const upgrade of [
    "WebSocket",
    "WEBSOCKET",
    "h2c, websocket",
    "websocket,h2c",
    "foo ,\twebsocket , bar",
    ["h2c", "websocket"],
  ]
) {
  Deno.test(`checkHandshake() accepts Upgrade ${JSON.stringify(upgrade)}`, () => {
    assertEquals(checkHandshake(head({ upgrade }), ANY).ok, true);
  });
}

for (
  const upgrade of [
    undefined,
    "",
    "h2c",
    "websockets",
    "web socket",
    "websocket/13",
    "websocket h2c",
    '"websocket"',
  ]
) {
  Deno.test(`checkHandshake() refuses Upgrade ${JSON.stringify(upgrade)} with 426`, () => {
    const error = refusal(head({ upgrade }));
    assertEquals(error.status, 426);
    assertEquals(error.headers, {
      upgrade: "websocket",
      connection: "Upgrade",
    });
  });
}

for (
  const connection of [
    "upgrade",
    "UPGRADE",
    "keep-alive, Upgrade",
    "Upgrade,keep-alive",
    "close ,\tUpgrade , TE",
    ["keep-alive", "Upgrade"],
  ]
) {
  Deno.test(`checkHandshake() accepts Connection ${JSON.stringify(connection)}`, () => {
    assertEquals(checkHandshake(head({ connection }), ANY).ok, true);
  });
}

for (
  const connection of [
    undefined,
    "",
    "keep-alive",
    "upgraded",
    "keep-alive Upgrade",
    "Up grade",
  ]
) {
  Deno.test(`checkHandshake() refuses Connection ${JSON.stringify(connection)} with 400`, () => {
    const error = refusal(head({ connection }));
    assertEquals(error.status, 400);
    assertMatch(error.message, /Connection/);
  });
}

for (
  const version of [
    undefined,
    "",
    "8",
    "12",
    "013",
    "13.0",
    "14",
    "130",
    "13, 8",
    ["8", "13"],
    ["13", "13"],
  ]
) {
  Deno.test(`checkHandshake() refuses version ${JSON.stringify(version)} with 426 and Sec-WebSocket-Version`, () => {
    const error = refusal(head({ "sec-websocket-version": version }));
    assertEquals(error.status, 426);
    assertEquals(error.headers, {
      "upgrade": "websocket",
      "connection": "Upgrade",
      "sec-websocket-version": "13",
    });
  });
}

Deno.test("checkHandshake() accepts every base64 of 16 bytes as a key", () => {
  for (let round = 0; round < 256; round++) {
    const key = crypto.getRandomValues(new Uint8Array(16)).fill(round, 15)
      .toBase64();
    const verdict = checkHandshake(head({ "sec-websocket-key": key }), ANY);
    assertEquals(verdict, { ok: true, key, offered: [], protocol: "" });
  }
});

for (
  const [what, key] of [
    ["no key", undefined],
    ["an empty key", ""],
    ["a key of 15 bytes", new Uint8Array(15).toBase64()],
    ["a key of 17 bytes", new Uint8Array(17).toBase64()],
    ["a key of 18 bytes", new Uint8Array(18).toBase64()],
    ["a key of 32 bytes", new Uint8Array(32).toBase64()],
    ["a key that lacks a character", KEY.slice(1)],
    ["a key without padding", KEY.slice(0, -2)],
    ["a key with half of its padding", KEY.slice(0, -1)],
    ["a key with too much padding", `${KEY}=`],
    ["a key with padding inside", "dGhlIHNhbXBsZSBub25=Q==="],
    ["a key of the URL alphabet", "-_hlIHNhbXBsZSBub25jZQ=="],
    ["a key with a space", "dGhlIHNhbXBsZ Bub25jZQ=="],
    ["a key with a star", "*GhlIHNhbXBsZSBub25jZQ=="],
    ["a key with something after it", `${KEY}x`],
    ["two keys", [KEY, KEY]],
  ] as const
) {
  Deno.test(`checkHandshake() refuses ${what} with 400`, () => {
    const error = refusal(head({ "sec-websocket-key": key }));
    assertEquals(error.status, 400);
    assertMatch(error.message, /Sec-WebSocket-Key/);
  });
}

for (
  const [what, field] of [
    ["a,b", "a,b"],
    ["a, b", "a, b"],
    ["tabs and spaces around the comma", "a \t,\t b"],
    ["two header fields", ["a", "b"]],
  ] as const
) {
  Deno.test(`checkHandshake() reads the subprotocol list from ${what}`, () => {
    assertEquals(negotiate(field, ["b"]), {
      offered: ["a", "b"],
      protocol: "b",
    });
  });
}

Deno.test("checkHandshake() reads a subprotocol list from several lists", () => {
  assertEquals(negotiate(["a,b", "c, d"], ["d"]), {
    offered: ["a", "b", "c", "d"],
    protocol: "d",
  });
});

Deno.test("checkHandshake() selects a subprotocol by the server's order", () => {
  assertEquals(negotiate("c, b, a", ["x", "a", "b", "c"]).protocol, "a");
});

for (const field of [undefined, "", " \t"]) {
  Deno.test(`checkHandshake() selects no subprotocol for the field ${JSON.stringify(field)}`, () => {
    assertEquals(negotiate(field, ["a"]), { offered: [], protocol: "" });
  });
}

Deno.test("checkHandshake() refuses a request without Upgrade with 426, even if other fields are missing", () => {
  const changes = { upgrade: undefined, host: undefined };
  for (const httpVersion of ["1.0", "1.1", "2.0"]) {
    const { status, headers } = refusal(head(changes, { httpVersion }));
    assertEquals([status, headers?.upgrade], [426, "websocket"]);
  }
});

Deno.test("checkHandshake() selects no subprotocol when none matches", () => {
  assertEquals(negotiate("a, b", ["c"]), { offered: ["a", "b"], protocol: "" });
});

Deno.test("checkHandshake() selects no subprotocol when the route has none", () => {
  assertEquals(negotiate("a", []), { offered: ["a"], protocol: "" });
});

Deno.test("checkHandshake() compares subprotocols case-sensitively", () => {
  assertEquals(negotiate("ECHO", ["echo"]).protocol, "");
});

Deno.test("checkHandshake() accepts every token character in a subprotocol", () => {
  const token = "!#$%&'*+-.^_`|~09azAZ";
  assertEquals(negotiate(token, [token]).protocol, token);
});

for (
  const field of [
    ",",
    "a b",
    "a;b",
    '"a"',
    "a/b",
    "a@b",
    "a=b",
    "\u00e4",
    "a, a",
    "a,b,a",
    ["a", "a"],
    ["a", "b c"],
  ]
) {
  Deno.test(`checkHandshake() refuses the subprotocol list ${JSON.stringify(field)} with 400`, () => {
    const policy = { ...ANY, subprotocols: ["a"] };
    const error = refusal(head({ "sec-websocket-protocol": field }), policy);
    assertEquals(error.status, 400);
    assertMatch(error.message, /Sec-WebSocket-Protocol/);
  });
}

const ORIGINS: HandshakePolicy = {
  ...ANY,
  allowedOrigins: new Set(["https://example.com", "http://localhost:3000"]),
};

for (
  const origin of [undefined, "https://example.com", "http://localhost:3000"]
) {
  Deno.test(`checkHandshake() accepts the listed origin ${origin}`, () => {
    assertEquals(checkHandshake(head({ origin }), ORIGINS).ok, true);
  });
}

for (
  const origin of [
    "",
    "null",
    "http://example.com",
    "https://example.com:444",
    "https://example.com.evil.test",
    "https://sub.example.com",
    ["https://example.com", "https://example.com"],
  ]
) {
  Deno.test(`checkHandshake() refuses the unlisted origin ${JSON.stringify(origin)} with 403`, () => {
    assertEquals(refusal(head({ origin }), ORIGINS).status, 403);
  });
}

for (const origin of ["null", "https://example.com"]) {
  Deno.test(`checkHandshake() accepts origin ${origin} without a list`, () => {
    assertEquals(checkHandshake(head({ origin }), ANY).ok, true);
  });
}

Deno.test("checkHandshake() refuses every origin with an empty list", () => {
  const policy = { ...ANY, allowedOrigins: new Set<string>() };
  const candidate = head({ origin: "https://example.com" });
  assertEquals(refusal(candidate, policy).status, 403);
});

for (
  const [upgrade, expected] of [
    ["websocket", true],
    ["h2c, WebSocket", true],
    ["h2c", false],
    [undefined, false],
  ] as const
) {
  Deno.test(`asksForWebSocket() is ${expected} for Upgrade: ${upgrade}`, () => {
    assertEquals(asksForWebSocket(head({ upgrade }).headers), expected);
  });
}

Deno.test("asksForWebSocket() reads the Upgrade field only", () => {
  assertEquals(
    asksForWebSocket(new Headers({ upgrade: "websocket" })),
    true,
  );
});

for (
  const [text, is] of [
    ["echo", true],
    ["mqtt.v5", true],
    ["!#$%&'*+-.^_`|~09azAZ", true],
    ["", false],
    ["a b", false],
    ["a,b", false],
    ["a\n", false],
    ["ä", false],
  ] as const
) {
  Deno.test(`isToken() is ${is} for ${JSON.stringify(text)}`, () => {
    assertEquals(isToken(text), is);
  });
}
