import { assert, assertEquals, assertMatch } from "@std/assert";
import {
  bufferPool,
  MIN_BUFFER,
} from "../../lib/frame/transport/buffer_pool.ts";
import type {
  Connection,
  HandshakeInfo,
  WebSocketHandler,
} from "../../lib/websocket.ts";
import { repeated } from "../integration/support/within.ts";
import { testWith } from "../permissions.ts";
import {
  type Fields,
  handshakeHead,
  type HttpResponse,
  SAMPLE,
  TestClient,
} from "./client.ts";
import { recorder } from "./recorder.ts";
import { EDGE_PORT, serve, type ServerOptions } from "./server.ts";
import { chops, concat, ping, serverFrame, text, toBytes } from "./wire.ts";

const NET = { net: true } as const;

/** The bytes of a head; its characters stand for one byte each. */
function latin1(head: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(head, (character) => character.charCodeAt(0));
}

/**
 * Registers a refusal: checks its status, that its body is a sentence, and that the
 * connection ends.
 */
function refusalTest(
  name: string,
  head: string | Uint8Array,
  status: number,
  check: (response: HttpResponse) => void = () => {},
  options: ServerOptions = {},
): void {
  testWith(NET, `${name}: ${status}`, async () => {
    await using server = serve(options);
    {
      using client = await TestClient.connect(server.address);
      await client.write(typeof head === "string" ? latin1(head) : head);
      const response = await client.response();
      assertEquals(response.status, status, response.body);
      assertMatch(response.body, /^[A-Z][^\n]*\.\n$/);
      const connection = response.headers.get("connection") ?? "";
      assert(connection.split(", ").includes("close"), connection);
      check(response);
      await client.expectEnd();
    }
    assertEquals(await server.ended(), []);
    assertEquals(server.service.sessions.size, 0);
  });
}

/** Registers a handshake that is accepted, and an echo after it. */
function acceptTest(name: string, head: string | Uint8Array): void {
  testWith(NET, `${name}: 101`, async () => {
    await using server = serve();
    using client = await TestClient.connect(server.address);
    await client.write(typeof head === "string" ? latin1(head) : head);
    const { status, body } = await client.response();
    assertEquals(status, 101, body);
    await client.write(text("x"));
    assertEquals(await client.text(), "x");
    await client.close();
  });
}

/** A head with a line that replaces or follows the correct ones. */
function withLine(line: string): string {
  return handshakeHead().replace(/\r\n\r\n$/, `\r\n${line}\r\n\r\n`);
}

// RFC 6455 §4.2.2: accepted handshakes.

testWith(
  NET,
  "§4.2.2 the 101 has the accept key of §1.3 and no field that was not requested",
  async () => {
    await using server = serve();
    using client = await TestClient.connect(server.address);
    await client.write(toBytes(handshakeHead()));
    const { status, headers } = await client.response();
    assertEquals(status, 101);
    assertEquals(Object.fromEntries(headers), {
      "connection": "Upgrade",
      "sec-websocket-accept": SAMPLE.accept,
      "upgrade": "websocket",
    });
    await client.close();
  },
);

for (
  const [offered, chosen] of [
    ["chat", "chat"],
    ["chat, echo", "echo"],
    ["echo,chat", "echo"],
    [" x ,\tchat ", "chat"],
    ["other", null],
    ["ECHO", null],
  ] as const
) {
  testWith(
    NET,
    `§4.2.2 the subprotocols "${offered}" are answered with ${chosen}`,
    async () => {
      await using server = serve();
      using client = await TestClient.connect(server.address);
      const fields = { "Sec-WebSocket-Protocol": offered };
      await client.write(toBytes(handshakeHead("/ws", fields)));
      const { status, headers } = await client.response();
      assertEquals(status, 101);
      assertEquals(headers.get("sec-websocket-protocol"), chosen);
      await client.close();
    },
  );
}

acceptTest(
  "§4.2.1 extensions that are not known are ignored",
  handshakeHead("/ws", { "Sec-WebSocket-Extensions": "x-unknown; a=1" }),
);
acceptTest(
  "§4.2.1 names of fields and tokens in any case of letters",
  handshakeHead("/ws", {
    Upgrade: "WebSocket",
    Connection: "keep-alive, uPGRADE",
  })
    .replace("Sec-WebSocket-Key", "SEC-WEBSOCKET-KEY").replace("Host", "hOST"),
);
acceptTest(
  "§4.2.1 an absolute target",
  handshakeHead("", {}, "GET http://127.0.0.1/ws HTTP/1.1"),
);
acceptTest("§4.2.1 a target with a query", handshakeHead("/frames?a=b&c=%20"));
acceptTest(
  "RFC 9112 §2.2 an empty line before the request",
  `\r\n${handshakeHead()}`,
);
acceptTest(
  "RFC 9112 §5.1 no blank, and many, around a value",
  withLine("A:b\r\nC:  \t d \t "),
);
acceptTest(
  "RFC 9110 §5.5 bytes above ASCII in a value",
  withLine("Name: \xe4\xff"),
);
acceptTest("RFC 9112 §6 Content-Length: 0", withLine("Content-Length: 0"));
acceptTest(
  "a head of exactly 100 fields",
  withLine(Array.from({ length: 95 }, (_, i) => `X-${i}: ${i}`).join("\r\n")),
);
acceptTest("a head of exactly 16 KiB", sized(16 * 1024));

/** A correct head of some bytes. */
function sized(size: number): string {
  const rest = size - withLine("X: ").length;
  return withLine(`X: ${"x".repeat(rest)}`);
}

// Segmentation.

testWith(
  NET,
  "§4.2.1 a head that arrives byte by byte is accepted",
  async () => {
    await using server = serve();
    using client = await TestClient.connect(server.address);
    await client.writeChopped(1, toBytes(handshakeHead()), text("x"), ping());
    assertEquals((await client.response()).status, 101);
    await client.expect(serverFrame("text", "x"), serverFrame("pong"));
    await client.close();
  },
);

testWith(
  NET,
  "§4.2.1 a head that is split at a line end is accepted",
  async () => {
    await using server = serve();
    const head = toBytes(handshakeHead());
    for (let cut = 1; cut < head.length; cut++) {
      if (head[cut] !== 0x0a && head[cut] !== 0x0d && cut < head.length - 4) {
        continue;
      }
      using client = await TestClient.connect(server.address);
      await client.write(head.subarray(0, cut));
      using other = await TestClient.open(server.address);
      await client.write(head.subarray(cut));
      assertEquals((await client.response()).status, 101);
      for (const each of [client, other]) await each.close();
    }
  },
);

for (const length of [1, 300, 1000, 20_000, 100_000]) {
  testWith(
    NET,
    `§4.1 a frame of ${length} bytes in the segment of the head is answered`,
    async () => {
      await using server = serve();
      const payload = "y".repeat(length);
      using client = await TestClient.open(server.address, "/ws", {
        afterHead: concat(text(payload), ping("p"), text("z").subarray(0, 3)),
      });
      await client.expect(
        serverFrame("text", payload),
        serverFrame("pong", "p"),
      );
      await client.write(text("z").subarray(3));
      assertEquals(await client.text(), "z");
      await client.close();
    },
  );
}

testWith(
  NET,
  "§4.1 frames after the head wait for an async handshake",
  async () => {
    const released = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const { handler } = recorder({
      async handshake() {
        asked.resolve();
        await released.promise;
        return { headers: { "X-Extra": "yes" } };
      },
    }, (connection, frame) => connection.send(frame));
    await using server = serve({ routes: { "/slow": handler } });
    using client = await TestClient.connect(server.address);
    await client.write(toBytes(handshakeHead("/slow")), text("early"));
    await asked.promise;
    await client.write(text("later"));
    released.resolve();
    const { status, headers } = await client.response();
    assertEquals([status, headers.get("x-extra")], [101, "yes"]);
    await client.expect(
      serverFrame("text", "early"),
      serverFrame("text", "later"),
    );
    await client.close();
  },
);

// The request line.

for (
  const line of [
    "",
    "GET",
    "GET /ws",
    "GET /ws HTTP/1",
    "GET /ws HTTP/11",
    "GET /ws HTTP/1.1 ",
    " GET /ws HTTP/1.1",
    "GET  /ws HTTP/1.1",
    "GET /ws  HTTP/1.1",
    "GET\t/ws\tHTTP/1.1",
    "GET /w s HTTP/1.1",
    "GET /ws http/1.1",
    "GET ws HTTP/1.1",
    "GET * HTTP/1.1",
    "GET /ws#fragment HTTP/1.1",
    "GET /w\x00s HTTP/1.1",
    "GET /w\xe4s HTTP/1.1",
    "G@T /ws HTTP/1.1",
    "G\x00T /ws HTTP/1.1",
    "GET ftp://127.0.0.1/ws HTTP/1.1",
    "GET /ws HTTP/1.1\nX: y",
    "GET /ws HTTP/1.1\rX: y",
  ]
) {
  refusalTest(
    `RFC 9112 §3 the request line ${JSON.stringify(line)}`,
    handshakeHead("", {}, line === "" ? "\r\n " : line),
    400,
  );
}

for (const version of ["1.0", "0.9", "2.0", "1.2"]) {
  refusalTest(
    `§4.2.1 HTTP/${version}`,
    handshakeHead("", {}, `GET /ws HTTP/${version}`),
    505,
  );
}

// The fields.

for (
  const line of [
    ": x",
    "no colon",
    "Bad Name: x",
    "Name : x",
    "Name\t: x",
    "N@me: x",
    "Nam\xe9: x",
    "N\x00me: x",
    " folded: x",
    "\tfolded",
    "Name: \x00",
    "Name: a\x01b",
    "Name: a\x0bb",
    "Name: a\x1bb",
    "Name: a\x7fb",
    "Name: a\rb",
    "Name: a\nOther: b",
    "Name: a\n",
    "Name: a\n b",
  ]
) {
  refusalTest(
    `RFC 9112 §5 the field line ${JSON.stringify(line)}`,
    withLine(line),
    400,
  );
}

refusalTest(
  "RFC 9112 §2.2 a head with bare LF, ended by CR LF CR LF",
  handshakeHead().replaceAll("\r\n", "\n").trimEnd() + "\r\n\r\n",
  400,
);

const REFUSED: readonly [what: string, fields: Fields, status: number][] = [
  ["§4.2.1 Host missing", { Host: undefined }, 400],
  ["§4.2.1 Host empty", { Host: "" }, 400],
  ["RFC 9112 §3.2 Host with a blank", { Host: "a b" }, 400],
  ["RFC 9112 §3.2 Host with a path", { Host: "127.0.0.1/path" }, 400],
  ["RFC 9112 §3.2 Host with a query", { Host: "127.0.0.1?query" }, 400],
  ["RFC 9112 §3.2 Host with a user", { Host: "user@127.0.0.1" }, 400],
  ["RFC 9112 §3.2 Host with a port that is none", { Host: "a:x" }, 400],
  ["§4.2.1 Connection missing", { Connection: undefined }, 400],
  ["§4.2.1 Connection without Upgrade", { Connection: "keep-alive" }, 400],
  ["§4.2.1 key missing", { "Sec-WebSocket-Key": undefined }, 400],
  ["§4.2.1 key empty", { "Sec-WebSocket-Key": "" }, 400],
  [
    "§4.2.1 key of 15 bytes",
    { "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAA" },
    400,
  ],
  [
    "§4.2.1 key that is not base64",
    { "Sec-WebSocket-Key": "*".repeat(24) },
    400,
  ],
  ["§4.2.1 version missing", { "Sec-WebSocket-Version": undefined }, 426],
  ["§4.4 version 8", { "Sec-WebSocket-Version": "8" }, 426],
  ["§4.4 version 14", { "Sec-WebSocket-Version": "14" }, 426],
  ["§4.1 an empty subprotocol list", { "Sec-WebSocket-Protocol": "," }, 400],
  ["§4.1 a subprotocol twice", { "Sec-WebSocket-Protocol": "a, a" }, 400],
  [
    "§4.1 a subprotocol that is not a token",
    { "Sec-WebSocket-Protocol": "a b" },
    400,
  ],
  ["RFC 9112 §6 Content-Length: 5", { "Content-Length": "5" }, 400],
  ["RFC 9112 §6 Content-Length: -1", { "Content-Length": "-1" }, 400],
  ["RFC 9112 §6 Transfer-Encoding", { "Transfer-Encoding": "chunked" }, 400],
  ["RFC 9112 §6 Transfer-Encoding empty", { "Transfer-Encoding": "" }, 400],
  ["RFC 9112 §6 both of them", {
    "Content-Length": "0",
    "Transfer-Encoding": "chunked",
  }, 400],
];

for (const [what, fields, status] of REFUSED) {
  refusalTest(what, handshakeHead("/ws", fields), status, ({ headers }) => {
    if (status !== 426) return;
    assertEquals(headers.get("sec-websocket-version"), "13");
    assertEquals(headers.get("upgrade"), "websocket");
  });
}

for (const name of ["Host", "Sec-WebSocket-Key", "Sec-WebSocket-Version"]) {
  refusalTest(
    `§11.3 ${name} twice`,
    withLine(`${name}: ${handshakeHead().match(`${name}: (.*)\r\n`)![1]}`),
    400,
  );
}

refusalTest(
  "RFC 9112 §3.2 a Host that would change the path",
  handshakeHead("/nowhere", { Host: "127.0.0.1/ws#" }),
  400,
);

// Size and time.

refusalTest("a head of 16 KiB and one byte", sized(16 * 1024 + 1), 431);
refusalTest("a head without end", "x".repeat(16 * 1024), 431);
refusalTest("a head of 1 MiB", sized(2 ** 20), 431);
refusalTest(
  "a head of 101 fields",
  withLine(Array.from({ length: 96 }, (_, i) => `X-${i}: ${i}`).join("\r\n")),
  431,
);

const HURRY = { limits: { handshakeTimeout: 200 } };

refusalTest(
  "a head that stops",
  handshakeHead().slice(0, -2),
  408,
  undefined,
  HURRY,
);
refusalTest("a client that sends nothing", "", 408, undefined, HURRY);
refusalTest(
  "RFC 9112 §2.2 a head ended by bare LF has no end",
  handshakeHead().replaceAll("\r\n", "\n"),
  408,
  undefined,
  HURRY,
);

testWith(NET, "a head of slow bytes gets 408", async () => {
  await using server = serve(HURRY);
  using client = await TestClient.connect(server.address);
  let answered = false;
  const response = client.response().finally(() => answered = true);
  const trickle = async () => {
    const head = toBytes(`GET /ws HTTP/1.1\r\nX: ${"x".repeat(10_000)}`);
    for (const byte of chops(head, 1)) {
      if (answered) return;
      await client.write(byte);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  await Promise.all([response, trickle()]);
  assertEquals((await response).status, 408);
});

testWith(
  NET,
  "a client that disconnects within its head opens no connection",
  async () => {
    await using server = serve();
    for (const part of ["", "GET", handshakeHead().slice(0, -1)]) {
      using client = await TestClient.connect(server.address);
      await client.write(toBytes(part));
      await client.endWrites();
      await client.expectEnd();
    }
    assertEquals(await server.ended(), []);
  },
);

testWith(
  NET,
  "HANDSHAKE_TIMEOUT is for the head only",
  repeated(async () => {
    await using server = serve(HURRY);
    using client = await TestClient.open(server.address);
    using slow = await TestClient.connect(server.address);
    assertEquals((await slow.response()).status, 408);
    await client.write(text("still here"));
    assertEquals(await client.text(), "still here");
    await client.close();
  }),
);

// Other requests.

/** Checks Upgrade (RFC 9110 §15.5.22) and the edge listener's address. */
function namesEdge({ headers, body }: HttpResponse): void {
  assertEquals(headers.get("upgrade"), "websocket");
  assert(headers.get("connection")!.split(", ").includes("Upgrade"));
  assert(body.includes(`http://127.0.0.1:${EDGE_PORT}/`), body);
}

for (const path of ["/", "/ws", "/http", "/nowhere"]) {
  refusalTest(
    `GET ${path} without an upgrade`,
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:1234\r\n\r\n`,
    426,
    namesEdge,
  );
}

refusalTest(
  "POST without an upgrade",
  "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n",
  426,
  namesEdge,
);
refusalTest(
  "POST with a body without an upgrade",
  "POST /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\n\r\nhello",
  426,
  namesEdge,
);
refusalTest(
  "POST in chunks without an upgrade",
  "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
  426,
  namesEdge,
);
refusalTest(
  "RFC 9112 §3.2 HTTP/1.0 without Host and without an upgrade",
  "GET / HTTP/1.0\r\n\r\n",
  426,
  ({ body }) => assert(body.includes(`on port ${EDGE_PORT}`), body),
);
refusalTest(
  "RFC 9112 §3.2 HTTP/1.1 without Host and without an upgrade",
  "GET / HTTP/1.1\r\n\r\n",
  400,
);
refusalTest(
  "RFC 9113 §3.4 HTTP/2 without an upgrade",
  "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
  505,
);
refusalTest(
  "an upgrade to something else",
  handshakeHead("/ws", { Upgrade: "h2c" }),
  426,
  namesEdge,
);
refusalTest(
  "§4.2.1 an upgrade by POST",
  handshakeHead("", {}, "POST /ws HTTP/1.1"),
  405,
  ({ headers }) => {
    assertEquals(headers.get("allow"), "GET");
  },
);
refusalTest("an upgrade at an unknown path", handshakeHead("/nowhere"), 404);
refusalTest("an upgrade of an HTTP route", handshakeHead("/healthz"), 404);
refusalTest("a path with other letter case", handshakeHead("/WS"), 404);

testWith(NET, "RFC 9110 §9.3.2 the refusal of HEAD has no body", async () => {
  await using server = serve();
  using client = await TestClient.connect(server.address);
  await client.write(toBytes("HEAD / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"));
  const head = await client.head();
  assertMatch(head, /^HTTP\/1\.1 426 /);
  await client.expectEnd();
});

// The handler's handshake.

testWith(
  NET,
  "§4.2.2 handshake() gets a real Request, and the connection a snapshot",
  async () => {
    const seen: unknown[] = [];
    const { handler } = recorder({
      subprotocols: ["a"],
      handshake(request: Request, info: HandshakeInfo) {
        seen.push(
          request instanceof Request,
          request.method,
          request.url,
          request.headers.get("x-own"),
          info.listener,
          info.protocol,
          info.remoteAddr.transport,
        );
      },
    }, (connection: Connection) => {
      const { url, headers } = connection.request;
      connection.send(`${url} ${headers.get("x-own")} ${connection.protocol}`);
    });
    await using server = serve({ routes: { "/look": handler } });
    using client = await TestClient.open(server.address, "/look?q=1", {
      fields: {
        "Host": "example.org:81",
        "X-Own": "v",
        "Sec-WebSocket-Protocol": "a",
      },
    });
    const url = "http://example.org:81/look?q=1";
    assertEquals(seen, [true, "GET", url, "v", "frame", "a", "tcp"]);
    await client.write(text("?"));
    assertEquals(await client.text(), `${url} v a`);
    await client.close();
  },
);

function refusing(handshake: WebSocketHandler["handshake"] & object) {
  return { routes: { "/refuse": { ...recorder({ handshake }).handler } } };
}

refusalTest(
  "§4.2.2 handshake() that returns a Response",
  handshakeHead("/refuse"),
  403,
  ({ headers }) => assertEquals(headers.get("x-why"), "no"),
  refusing(() =>
    new Response("No.\n", { status: 403, headers: { "X-Why": "no" } })
  ),
);
refusalTest(
  "§4.2.2 handshake() that throws",
  handshakeHead("/refuse"),
  500,
  ({ body }) => assert(!body.includes("on purpose")),
  refusing(() => {
    throw new Error("on purpose");
  }),
);
refusalTest(
  "§4.2.2 handshake() that rejects",
  handshakeHead("/refuse"),
  500,
  ({ body }) => assert(!body.includes("on purpose")),
  refusing(() => Promise.reject(new Error("on purpose"))),
);
refusalTest("§4.2.2 /auth without its token", handshakeHead("/auth"), 401);

testWith(NET, "a draining service refuses with 503", async () => {
  await using server = serve();
  server.service.draining = true;
  using client = await TestClient.connect(server.address);
  await client.write(toBytes(handshakeHead()));
  const { status, headers } = await client.response();
  assertEquals([status, headers.get("connection")], [503, "close"]);
  assert(headers.has("retry-after"));
  await client.expectEnd();
});

testWith(NET, "shutdown() ends pending handshakes", async () => {
  await using server = serve();
  using client = await TestClient.connect(server.address);
  await client.write(toBytes("GET /ws"));
  using other = await TestClient.open(server.address);
  await other.close();
  other[Symbol.dispose]();
  await server.ended();
});

testWith(
  NET,
  "close() is called once with 1006 when a client disconnects during an async handshake",
  async () => {
    const released = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const { handler } = recorder({
      async handshake() {
        asked.resolve();
        await released.promise;
      },
    });
    await using server = serve({ routes: { "/slow": handler } });
    {
      using client = await TestClient.connect(server.address);
      await client.write(toBytes(handshakeHead("/slow")));
      await asked.promise;
    }
    released.resolve();
    const event = await server.nextClosed();
    assertEquals(event, { code: 1006, reason: "", wasClean: false });
    assertEquals((await server.ended()).length, 1);
    assertEquals(server.service.sessions.size, 0);
  },
);

testWith(
  NET,
  "a head that is complete after the timeout gives its buffer back",
  repeated(async () => {
    const offsets = new Set<number>();
    const head = toBytes(handshakeHead());
    for (let i = 0; i < 5; i++) {
      await using server = serve(HURRY);
      using client = await TestClient.connect(server.address);
      await client.write(head.subarray(0, -2));
      assertEquals((await client.response()).status, 408);
      await client.write(head.subarray(-2));
      // Another client is served: the server has read the rest.
      using other = await TestClient.open(server.address);
      await other.close();
      other[Symbol.dispose]();
      client[Symbol.dispose]();
      await server.ended();
      const buffer = bufferPool.take(MIN_BUFFER);
      offsets.add(buffer.offset);
      bufferPool.give(buffer);
    }
    assert(offsets.size <= 2, `fresh memory each time: ${[...offsets]}`);
  }),
);
