import { assert, assertEquals, assertMatch } from "@std/assert";
import { connect } from "../support/client.ts";
import { exchange, RawClient } from "../support/raw.ts";
import { LISTENERS, suite } from "../support/suite.ts";
import {
  type Fields,
  handshake,
  requestHead,
  SAMPLE,
} from "../support/wire.ts";

/** Requests that RFC 6455 §4.2.1 accepts. */
const ACCEPTED: Readonly<Record<string, Fields>> = {
  "as in RFC 6455 §1.2": { Origin: "http://example.com" },
  "Upgrade: WebSocket": { Upgrade: "WebSocket" },
  "Upgrade as a list": { Upgrade: "h2c, websocket" },
  "Connection in lower case": { Connection: "upgrade" },
  "Connection as a list": { Connection: "keep-alive, Upgrade" },
  "Connection in two fields": { Connection: ["keep-alive", "Upgrade"] },
  "field names in another case": {
    "Sec-WebSocket-Key": undefined,
    "SEC-WEBSOCKET-KEY": SAMPLE.key,
  },
};

/** Requests that it refuses, and the status and fields of the refusal. */
const REFUSED: Readonly<
  Record<string, [Fields, status: number, headers?: Record<string, string>]>
> = {
  "version 8": [
    { "Sec-WebSocket-Version": "8" },
    426,
    { "sec-websocket-version": "13" },
  ],
  "no version": [
    { "Sec-WebSocket-Version": undefined },
    426,
    { "sec-websocket-version": "13" },
  ],
  "no key": [{ "Sec-WebSocket-Key": undefined }, 400],
  "a key that is not base64": [{ "Sec-WebSocket-Key": "bad" }, 400],
  "a key of 15 bytes": [{ "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAA" }, 400],
  "a key of 17 bytes": [
    { "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAAA=" },
    400,
  ],
  "two keys": [{ "Sec-WebSocket-Key": [SAMPLE.key, SAMPLE.key] }, 400],
  "no Connection": [{ Connection: undefined }, 400],
  "Connection without the token": [{ Connection: "keep-alive" }, 400],
  "no Host": [{ Host: undefined }, 400],
  "an invalid Host": [{ Host: "[" }, 400],
  "a body": [{ "Content-Length": "3" }, 400],
  "a transfer coding": [{ "Transfer-Encoding": "chunked" }, 400],
  "a subprotocol twice": [{ "Sec-WebSocket-Protocol": "echo, echo" }, 400],
  "a subprotocol that is not a token": [
    { "Sec-WebSocket-Protocol": "a b" },
    400,
  ],
};

/** `Upgrade` lines and the status on each listener. */
const UPGRADE_LINES: readonly [
  lines: string[],
  status: Readonly<Record<"edge" | "frame", number>>,
][] = [
  [["h2c", "websocket"], { edge: 426, frame: 101 }],
  [["H2C", "foo/1", "websocket"], { edge: 426, frame: 101 }],
  [["websocket", "h2c"], { edge: 101, frame: 101 }],
  [["websocket", "websocket"], { edge: 101, frame: 101 }],
  [["websocket, websocket"], { edge: 101, frame: 101 }],
  [["foo/1", "websocket"], { edge: 101, frame: 101 }],
  [[",", "websocket,"], { edge: 101, frame: 101 }],
  [["websocket/13"], { edge: 426, frame: 426 }],
  [["h2c"], { edge: 426, frame: 426 }],
];

/** Fields with a no-break space, which HTTP does not count as white space (RFC 9110 §5.6.3). */
const NO_BREAK: readonly [fields: Fields, status: number][] = [
  [{ Upgrade: "\xa0websocket" }, 426],
  [{ Upgrade: "websocket\xa0" }, 426],
  [{ Connection: "\xa0Upgrade" }, 400],
  [{ "Sec-WebSocket-Protocol": "echo\xa0" }, 400],
];

for (const { name, capabilities } of LISTENERS) {
  suite(`${name} listener: handshakes`, {}, async (server, step) => {
    for (const [title, fields] of Object.entries(ACCEPTED)) {
      await step(`accepted: ${title}`, async () => {
        using client = await RawClient.connect(
          server.address(name),
          handshake("/ws", fields),
        );
        const { status, headers } = await client.response();
        assertEquals(status, 101);
        assertEquals(headers.get("sec-websocket-accept"), SAMPLE.accept);
        assertEquals(headers.get("upgrade")?.toLowerCase(), "websocket");
        assertEquals(headers.get("connection")?.toLowerCase(), "upgrade");
        assertEquals(headers.get("sec-websocket-protocol"), null);
      });
    }

    for (const [title, refusal] of Object.entries(REFUSED)) {
      const [fields, status, headers = {}] = refusal;
      await step(`refused with ${status}: ${title}`, async () => {
        const response = await exchange(
          server.address(name),
          handshake("/ws", fields),
        );
        assertEquals(response.status, status);
        for (const [field, value] of Object.entries(headers)) {
          assertEquals(response.headers.get(field), value);
        }
      });
    }

    for (const [lines, expected] of UPGRADE_LINES) {
      const status = expected[name];
      await step(`${status} for Upgrade: ${lines.join(" | ")}`, async () => {
        const since = server.lines.length;
        const response = await exchange(
          server.address(name),
          handshake("/ws", { Upgrade: lines }),
        );
        assertEquals(response.status, status);
        const errors = server.lines.slice(since)
          .filter((line) => /^E |TypeError/.test(line));
        assertEquals(errors, []);
      });
    }

    for (const [fields, status] of NO_BREAK) {
      const [[field, value] = []] = Object.entries(fields);
      await step(
        `${status} for ${field}: ${JSON.stringify(value)}`,
        async () => {
          const bytes = Array.from(
            handshake("/ws", fields),
            (character) => character.charCodeAt(0),
          );
          const { status: actual } = await exchange(
            server.address(name),
            Uint8Array.from(bytes),
          );
          assertEquals(actual, status);
        },
      );
    }

    await step(
      "a route that reads no query accepts any query",
      async () => {
        using client = await RawClient.upgrade(
          server.address(name),
          "/frames?a=b",
        );
        assert(client);
      },
    );

    await step("404 for an unknown path", async () => {
      for (const path of ["/nope", "/ws/", "/WS", "/ws_partial2"]) {
        const head = handshake(path);
        const { status, body } = await exchange(server.address(name), head);
        assertEquals(status, 404, path);
        assertMatch(body, /\w+ \w+/);
      }
    });

    await step("405 with Allow for POST, PUT and DELETE", async () => {
      for (const method of ["POST", "PUT", "DELETE"]) {
        const head = handshake("/ws", {}, method);
        const { status, headers } = await exchange(server.address(name), head);
        assertEquals(status, 405, method);
        assertEquals(headers.get("allow"), "GET", method);
      }
    });

    await step("426 without an upgrade says how to connect", async () => {
      for (const path of ["/ws", "/ws_partial", "/auth", "/control"]) {
        const head = requestHead(path);
        const { status, headers, body } = await exchange(
          server.address(name),
          head,
        );
        assertEquals(status, 426, path);
        assertEquals(headers.get("upgrade"), "websocket", path);
        assertMatch(body, /WebSocket/, path);
      }
    });

    await step("a refusal is JSON where Accept prefers it", async () => {
      const head = handshake("/nope", { Accept: "application/json" });
      const { headers, body } = await exchange(server.address(name), head);
      assertMatch(headers.get("content-type"), /^application\/json/);
      assertEquals(JSON.parse(body).status, 404);
    });

    await step(
      "a refusal is text when Accept does not prefer JSON",
      async () => {
        for (const accept of [undefined, "*/*", "text/plain", "image/png"]) {
          const head = handshake("/nope", { Accept: accept });
          const { headers } = await exchange(server.address(name), head);
          assertMatch(headers.get("content-type"), /^text\/plain/, accept);
        }
      },
    );

    await step("an offer of permessage-deflate", async () => {
      using client = await RawClient.connect(
        server.address(name),
        handshake("/ws", { "Sec-WebSocket-Extensions": "permessage-deflate" }),
      );
      const { status, headers } = await client.response();
      assertEquals(status, 101);
      assertEquals(
        headers.get("sec-websocket-extensions")?.split(";")[0],
        capabilities.compression ? "permessage-deflate" : undefined,
      );
    });
  });

  suite(
    `${name} listener: requests that are not HTTP`,
    {},
    async (server, step) => {
      for (
        const head of ["\0\x01\r\n\r\n", "GET / HTTP/1.1\r\nHost x\r\n\r\n"]
      ) {
        await step(`refused with 400: ${JSON.stringify(head)}`, async () => {
          const { status, headers } = await exchange(
            server.address(name),
            head,
          );
          assertEquals(status, 400);
          assertEquals(headers.get("connection"), "close");
        });
      }

      await step("the next client is served", async () => {
        await using client = await connect(server.url(name, "/ws"));
        client.send("echo");
        assertEquals(await client.next(), "echo");
      });
    },
  );
}
