import { assertEquals, assertMatch, assertNotEquals } from "@std/assert";
import {
  checkResponse,
  field,
  handshakeKey,
  type HandshakeRequest,
  parseResponse,
  writeRequest,
} from "../../../lib/client/handshake.ts";

/** The example of RFC 6455 §1.3. */
const REQUEST: HandshakeRequest = {
  url: new URL("ws://server.example.com/chat?room=1#there"),
  key: "dGhlIHNhbXBsZSBub25jZQ==",
  subprotocols: ["chat", "superchat"],
};

const ACCEPT = "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

const RESPONSE = [
  "HTTP/1.1 101 Switching Protocols",
  "Upgrade: websocket",
  "Connection: Upgrade",
  ACCEPT,
  "Sec-WebSocket-Protocol: chat",
];

Deno.test("handshakeKey() makes a new base64 value of 16 bytes for each call", () => {
  assertMatch(handshakeKey(), /^[A-Za-z0-9+/]{22}==$/);
  assertNotEquals(handshakeKey(), handshakeKey());
});

Deno.test("writeRequest() writes the fields of RFC 6455 §4.1", () => {
  assertEquals(writeRequest(REQUEST).split("\r\n"), [
    "GET /chat?room=1 HTTP/1.1",
    "Host: server.example.com",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Protocol: chat, superchat",
    "",
    "",
  ]);
});

Deno.test("writeRequest() replaces its fields by further fields", () => {
  const headers = [["host", "other"], ["X-A", "1"], ["Upgrade", ""]] as const;
  assertEquals(
    writeRequest({ ...REQUEST, subprotocols: [], headers }).split("\r\n"),
    [
      "GET /chat?room=1 HTTP/1.1",
      "Connection: Upgrade",
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      "Sec-WebSocket-Version: 13",
      "host: other",
      "X-A: 1",
      "",
      "",
    ],
  );
});

Deno.test("parseResponse() keeps status and fields as received", () => {
  assertEquals(
    parseResponse("HTTP/1.0 404 Not  Found\r\nA:  1 \r\na: 2\r\nB:"),
    {
      httpVersion: "1.0",
      status: 404,
      statusText: "Not  Found",
      fields: [["A", "1"], ["a", "2"], ["B", ""]],
    },
  );
  assertEquals(parseResponse("HTTP/1.1 101")?.statusText, "");
});

for (
  const text of [
    "",
    "SSH-2.0-x",
    "HTTP/2 101 x",
    "HTTP/1.1 1 x",
    "HTTP/1.1 200 OK\r\nx",
  ]
) {
  Deno.test(`parseResponse() returns undefined for ${JSON.stringify(text)}`, () => {
    assertEquals(parseResponse(text), undefined);
  });
}

Deno.test("field() joins repeated fields and ignores case", () => {
  const head = parseResponse("HTTP/1.1 101 x\r\nA: 1\r\na: 2")!;
  assertEquals(field(head, "A"), "1, 2");
  assertEquals(field(head, "b"), undefined);
});

/** The messages of the faults of a response. */
function faults(lines: readonly string[], request = REQUEST): string[] {
  const response = parseResponse(lines.join("\r\n"))!;
  return checkResponse(response, request).map(({ message }) => message);
}

Deno.test("checkResponse() accepts the example of RFC 6455", () => {
  assertEquals(faults(RESPONSE), []);
  assertEquals(faults(RESPONSE.slice(0, 4)), [], "no subprotocol");
});

Deno.test("checkResponse() ignores the case of Upgrade and Connection", () => {
  const lines = RESPONSE.with(1, "Upgrade: WebSocket")
    .with(2, "connection: keep-alive, UPGRADE");
  assertEquals(faults(lines), []);
});

const EXTENSION = "Sec-WebSocket-Extensions: permessage-deflate";

const BAD: readonly [lines: readonly string[], fault: string][] = [
  [RESPONSE.with(0, "HTTP/1.1 200 OK"), "status 200 instead of 101"],
  [RESPONSE.with(0, "HTTP/1.0 101 x"), "HTTP/1.0 with a 101"],
  [RESPONSE.toSpliced(1, 1), "Upgrade is missing, not websocket"],
  [RESPONSE.with(1, "Upgrade: h2c"), 'Upgrade is "h2c", not websocket'],
  [
    RESPONSE.with(2, "Connection: close"),
    'Connection is "close", without upgrade',
  ],
  [
    RESPONSE.with(3, "Sec-WebSocket-Accept: x"),
    'Sec-WebSocket-Accept is "x", not s3pPLMBiTxaQ9kYGzzhZRbK+xOo=',
  ],
  [
    RESPONSE.toSpliced(3, 1),
    "Sec-WebSocket-Accept is missing, not s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
  ],
  [
    RESPONSE.with(4, "Sec-WebSocket-Protocol: mqtt"),
    'the subprotocol "mqtt" was not offered',
  ],
  [
    RESPONSE.with(4, "Sec-WebSocket-Protocol: chat, superchat"),
    'the subprotocol "chat, superchat" was not offered',
  ],
  [
    [...RESPONSE, EXTENSION],
    'the extension "permessage-deflate" was not offered',
  ],
  [
    [...RESPONSE, "Sec-WebSocket-Extensions: ;"],
    'the extension ";" was not offered',
  ],
];

for (const [lines, fault] of BAD) {
  Deno.test(`checkResponse() reports: ${fault}`, () => {
    assertEquals(faults(lines), [fault]);
  });
}

Deno.test("checkResponse() accepts an extension that was offered", () => {
  const extensions = "permessage-deflate; client_max_window_bits";
  assertEquals(
    faults([...RESPONSE, EXTENSION], { ...REQUEST, extensions }),
    [],
  );
});
