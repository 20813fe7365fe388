import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { createHash } from "node:crypto";
import { connect } from "../../integration/support/client.ts";
import { exchange, RawClient } from "../../integration/support/raw.ts";
import { LISTENERS, suite } from "../../integration/support/suite.ts";
import { handshake, SAMPLE } from "../../integration/support/wire.ts";
import { play, split } from "./bytes.ts";

const OFFER = { "Sec-WebSocket-Extensions": "permessage-deflate" };

const PROTOCOLS = { "Sec-WebSocket-Protocol": "chat, mqtt" };

const UPGRADE = "Upgrade: websocket";
const CONNECTION = "Connection: Upgrade";
const ACCEPT = `Sec-WebSocket-Accept: ${SAMPLE.accept}`;
const WRONG = "Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=";

/** The fields of the 101 for each plan. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  "/do/raw:": [UPGRADE, CONNECTION, ACCEPT],
  "/do/accept:wrong": [UPGRADE, CONNECTION, WRONG],
  "/do/accept:missing": [UPGRADE, CONNECTION],
  "/do/accept:twice": [UPGRADE, CONNECTION, ACCEPT, ACCEPT],
  "/do/upgrade:h2c": ["Upgrade: h2c", CONNECTION, ACCEPT],
  "/do/upgrade:missing": [CONNECTION, ACCEPT],
  "/do/connection:keep-alive": [UPGRADE, "Connection: keep-alive", ACCEPT],
  "/do/connection:missing": [UPGRADE, ACCEPT],
  "/do/field:Set-Cookie:a=1/field:set-COOKIE:b=2": [
    UPGRADE,
    CONNECTION,
    ACCEPT,
    "Set-Cookie: a=1",
    "set-COOKIE: b=2",
  ],
  "/do/subprotocol:mqtt/raw:": [
    UPGRADE,
    CONNECTION,
    ACCEPT,
    "Sec-WebSocket-Protocol: mqtt",
  ],
  "/do/subprotocol:none/raw:": [UPGRADE, CONNECTION, ACCEPT],
  "/do/subprotocol:=none/raw:": [
    UPGRADE,
    CONNECTION,
    ACCEPT,
    "Sec-WebSocket-Protocol: none",
  ],
  "/do/subprotocol:first/raw:": [
    UPGRADE,
    CONNECTION,
    ACCEPT,
    "Sec-WebSocket-Protocol: chat",
  ],
  "/do/subprotocol:case/raw:": [
    UPGRADE,
    CONNECTION,
    ACCEPT,
    "Sec-WebSocket-Protocol: CHAT",
  ],
  "/do/subprotocol:mirror": [
    UPGRADE,
    CONNECTION,
    ACCEPT,
    "Sec-WebSocket-Protocol: chat, mqtt",
  ],
  "/do/subprotocol:twice": [
    UPGRADE,
    CONNECTION,
    ACCEPT,
    "Sec-WebSocket-Protocol: chat",
    "Sec-WebSocket-Protocol: chat",
  ],
  "/do/extensions:a;%20b=1,%20c": [
    UPGRADE,
    CONNECTION,
    ACCEPT,
    "Sec-WebSocket-Extensions: a; b=1, c",
  ],
  "/do/deflate:9": [
    UPGRADE,
    CONNECTION,
    ACCEPT,
    "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover; server_max_window_bits=9",
  ],
  "/do/big-field:20": [
    UPGRADE,
    CONNECTION,
    ACCEPT,
    `X-Big: ${"x".repeat(20)}`,
  ],
  "/fault/wrong-accept": [UPGRADE, CONNECTION, WRONG],
  "/fault/no-accept": [UPGRADE, CONNECTION],
  "/fault/two-accepts": [UPGRADE, CONNECTION, ACCEPT, ACCEPT],
  "/fault/wrong-upgrade": ["Upgrade: h2c", CONNECTION, ACCEPT],
  "/fault/no-upgrade": [CONNECTION, ACCEPT],
  "/fault/wrong-connection": [UPGRADE, "Connection: keep-alive", ACCEPT],
  "/fault/no-connection": [UPGRADE, ACCEPT],
  "/fault/subprotocol-not-offered": [
    UPGRADE,
    CONNECTION,
    ACCEPT,
    "Sec-WebSocket-Protocol: x-not-offered",
    "Sec-WebSocket-Extensions: permessage-deflate",
  ],
  "/fault/subprotocol-twice": [
    UPGRADE,
    CONNECTION,
    ACCEPT,
    "Sec-WebSocket-Protocol: chat",
    "Sec-WebSocket-Protocol: chat",
  ],
  "/fault/subprotocol-mirrored": [
    UPGRADE,
    CONNECTION,
    ACCEPT,
    "Sec-WebSocket-Protocol: chat, mqtt",
  ],
  "/fault/subprotocol-case": [
    UPGRADE,
    CONNECTION,
    ACCEPT,
    "Sec-WebSocket-Protocol: CHAT",
    "Sec-WebSocket-Extensions: permessage-deflate",
  ],
  ...Object.fromEntries([
    ["window-bits-0", "permessage-deflate; server_max_window_bits=0"],
    ["window-bits-7", "permessage-deflate; server_max_window_bits=7"],
    ["window-bits-16", "permessage-deflate; server_max_window_bits=16"],
    ["unknown-extension-parameter", "permessage-deflate; unknown=1"],
    ["extension-not-offered", "x-unknown"],
    ["extension-twice", "permessage-deflate, permessage-deflate"],
  ].map(([name, value]) => [`/fault/${name}`, [
    UPGRADE,
    CONNECTION,
    ACCEPT,
    `Sec-WebSocket-Extensions: ${value}`,
  ]])),
};

suite(
  "frame listener: the answer to the handshake",
  {},
  async (server, step) => {
    const at = server.address("frame");

    /** The head of an answer, with its bytes. */
    async function headOf(path: string, fields = {}) {
      using client = await RawClient.connect(at, handshake(path, fields));
      const head = await client.head();
      return split(new TextEncoder().encode(`${head}\r\n\r\n`));
    }

    for (const [path, fields] of Object.entries(FIELDS)) {
      await step(`${path} sends its fields`, async () => {
        const head = await headOf(path, { ...OFFER, ...PROTOCOLS });
        assertEquals(head.status, "HTTP/1.1 101 Switching Protocols");
        assertEquals(head.fields, fields);
      });
    }

    await step("subprotocol changes a plan without the wire, too", async () => {
      const { fields } = await headOf(
        "/do/subprotocol:first/text:a",
        PROTOCOLS,
      );
      assert(fields.includes("Sec-WebSocket-Protocol: chat"));
    });

    await step("http sends its version, also in a refusal", async () => {
      assertEquals(
        (await headOf("/do/http:1.0")).status,
        "HTTP/1.0 101 Switching Protocols",
      );
      assertEquals(
        (await headOf("/fault/http-1.0")).status,
        "HTTP/1.0 101 Switching Protocols",
      );
      const { status } = await headOf("/do/http:2.0/status:503");
      assertEquals(status, "HTTP/2.0 503 Service Unavailable");
    });

    await step("junk comes in front of the status line", async () => {
      for (
        const path of ["/do/junk:00ff00ff/abort", "/fault/junk-before-status"]
      ) {
        using client = await RawClient.connect(at, handshake(path));
        const bytes = await client.bytes(12);
        assertEquals(bytes.toHex(), `00ff00ff${hex("HTTP/1.1")}`);
      }
    });

    await step("body has its length and follows the 101", async () => {
      const { fields, rest } = await play(at, "/do/body:hello/text:a/abort");
      assert(fields.includes("Content-Length: 5"));
      assertEquals(rest, `${hex("hello")}810161`);
      using client = await RawClient.connect(
        at,
        handshake("/fault/body-on-101"),
      );
      const body = "hello ".repeat(20);
      assertEquals((await client.response()).body, body);
    });

    await step(
      "hang answers nothing and notices the client's end",
      async () => {
        for (const path of ["/do/hang", "/fault/no-answer"]) {
          using client = await RawClient.connect(at, handshake(path));
          await client.conn.closeWrite();
          assertEquals((await client.end()).length, 0);
        }
      },
    );

    await step("no-answer ends TCP", async () => {
      using client = await RawClient.connect(at, handshake("/do/no-answer"));
      assertEquals((await client.end()).length, 0);
    });

    await step("late on the wire answers after its time", async () => {
      const start = performance.now();
      const { status, rest } = await play(at, "/do/late:100/text:a/abort");
      assert(performance.now() - start >= 99);
      assertEquals([status.split(" ")[1], rest], ["101", "810161"]);
    });

    await step("late ends when the client does", async () => {
      using client = await RawClient.connect(
        at,
        handshake("/do/late:3600000/echo"),
      );
      await client.conn.closeWrite();
      assertEquals((await client.end()).length, 0);
    });

    await step("deflate without an offer is refused with 400", async () => {
      const { status, body } = await exchange(
        at,
        handshake("/do/deflate/echo"),
      );
      assertEquals(status, 400);
      assertStringIncludes(body, "permessage-deflate");
    });

    await step("compression:off does not negotiate compression", async () => {
      const plain = await headOf("/do/text:a", OFFER);
      assert(
        plain.fields.includes("Sec-WebSocket-Extensions: permessage-deflate"),
      );
      const off = await headOf("/do/compression:off/text:a", OFFER);
      assertEquals(off.fields, [UPGRADE, CONNECTION, ACCEPT]);
    });

    await step(
      "challenges and added fields are fields of their own",
      async () => {
        const digest = await headOf("/do/field:X-A:b/challenge:digest/echo");
        const challenges = digest.fields.filter((line) =>
          line.startsWith("WWW-Authenticate: Digest ")
        );
        assertEquals(challenges.length, 2);
        assert(digest.fields.includes("X-A: b"));
      },
    );
  },
);

for (const { name } of LISTENERS) {
  suite(
    `${name} listener: steps of the handshake`,
    {},
    async (server, step) => {
      const at = server.address(name);
      const ask = (path: string, fields = {}) =>
        exchange(at, handshake(path, fields));

      await step("late answers after its time", async () => {
        const start = performance.now();
        await using client = await connect(
          server.url(name, "/do/late:100/text:first"),
        );
        assert(performance.now() - start >= 99);
        assertEquals(await client.next(), "first");
      });

      await step("late and status refuse after the time", async () => {
        const start = performance.now();
        assertEquals((await ask("/do/late:100/status:503")).status, 503);
        assert(performance.now() - start >= 99);
      });

      await step("status refuses with its body and fields", async () => {
        const { status, headers, body } = await ask(
          "/do/field:X-A:b/status:429:slow%20down",
        );
        assertEquals([status, body], [429, "slow down\n"]);
        assertEquals(headers.get("retry-after"), "5");
        assertEquals(headers.get("x-a"), "b");
      });

      await step("redirect has its URL and status", async () => {
        const first = await ask("/do/redirect:%2Fws%3Fhello=a");
        assertEquals(first.status, 302);
        assertEquals(first.headers.get("location"), "/ws?hello=a");
        const second = await ask("/do/redirect:ws%3A%2F%2Fa.b%2F:307");
        assertEquals(second.status, 307);
        assertEquals(second.headers.get("location"), "ws://a.b/");
      });

      await step("redirect-loop leads to itself", async () => {
        const { headers } = await ask("/do/redirect-loop");
        assertEquals(headers.get("location"), "/do/redirect-loop");
      });

      await step("hops redirects as often as it says", async () => {
        let path = "/do/hops:3/text:there";
        for (const left of [2, 1, 0]) {
          const { status, headers } = await ask(path);
          assertEquals(status, 302);
          path = headers.get("location")!;
          assertEquals(path, `/do/hops:${left}/text:there`);
        }
        using client = await RawClient.upgrade(at, path);
        assertEquals(await client.text(), "there");
      });

      await step("hops leaves the text of other steps alone", async () => {
        const path = "/do/field:X:hops:3/hops:1/text:hops:3";
        const { headers } = await ask(path);
        assertEquals(
          headers.get("location"),
          "/do/field:X:hops:3/hops:0/text:hops:3",
        );
      });

      await step("hops counts down as the step of a choice", async () => {
        const { headers } = await ask("/do/every:1:hops:3/echo");
        assertEquals(
          headers.get("location"),
          "/do/every:1:hops:2/echo",
        );
        const escaped = await ask("/do/%68ops:3/echo?a=/hops:1");
        assertEquals(
          escaped.headers.get("location"),
          "/do/%68ops:2/echo?a=/hops:1",
        );
      });

      for (
        const [path, location] of [
          ["/do/hops:3?journal=hops", "/do/hops:2?journal=hops"],
          ["/do/redirect-loop?journal=a", "/do/redirect-loop?journal=a"],
          ["/ws?reject=302&journal=a", "/ws?journal=a"],
        ] as const
      ) {
        await step(`the redirect of ${path} keeps the journal`, async () => {
          const { headers } = await ask(path);
          assertEquals(headers.get("location"), location);
        });
      }

      await step("challenge:basic lets the right client in", async () => {
        const path = "/do/challenge:basic:ada:s%3A1/text:in";
        const refused = await ask(path);
        assertEquals(refused.status, 401);
        assertEquals(
          refused.headers.get("www-authenticate"),
          'Basic realm="ws-echo-server", charset="UTF-8"',
        );
        const token = new TextEncoder().encode("ada:s:1").toBase64();
        using client = await RawClient.upgrade(at, path, {
          Authorization: `Basic ${token}`,
        });
        assertEquals(await client.text(), "in");
      });

      await step("challenge:digest lets the right client in", async () => {
        const path = "/do/challenge:digest/text:in";
        const { headers } = await ask(path);
        const nonce =
          /nonce="([^"]+)"/.exec(headers.get("www-authenticate")!)![1];
        using client = await RawClient.upgrade(at, path, {
          Authorization: digest(path, nonce!),
        });
        assertEquals(await client.text(), "in");
      });

      await step(
        "field adds fields to the 101, repeated ones too",
        async () => {
          const path = "/do/field:Set-Cookie:a=1/field:Set-Cookie:b=2/text:x";
          using client = await RawClient.connect(at, handshake(path));
          const { status, headers } = await client.response();
          assertEquals(status, 101);
          assertEquals(headers.getSetCookie(), ["a=1", "b=2"]);
          assertEquals(await client.text(), "x");
        },
      );

      await step("subprotocol answers as it says", async () => {
        for (
          const [how, expected] of [
            ["mqtt", "mqtt"],
            ["other", "other"],
            ["first", "chat"],
            ["case", "CHAT"],
            ["none", null],
          ] as const
        ) {
          const head = handshake(`/do/subprotocol:${how}/text:a`, PROTOCOLS);
          using client = await RawClient.connect(at, head);
          const { status, headers } = await client.response();
          assertEquals(status, 101);
          assertEquals(headers.get("sec-websocket-protocol"), expected);
        }
      });

      await step("first refuses the first connections of a key", async () => {
        const path = `/do/key:${name}/first:2:status:503/text:in`;
        assertEquals((await ask(path)).status, 503);
        assertEquals((await ask(path)).status, 503);
        using client = await RawClient.upgrade(at, path);
        assertEquals(await client.text(), "in");
      });

      await step(
        "down refuses after the first connection for a time",
        async () => {
          const path = `/do/key:${name}/down:3600000/text:in`;
          using client = await RawClient.upgrade(at, path);
          assertEquals(await client.text(), "in");
          assertEquals((await ask(path)).status, 503);
        },
      );

      await step(
        "an invalid plan is refused with 400, JSON by Accept",
        async () => {
          const { status, body } = await ask("/do/text:a/wait:x", {
            Accept: "application/json",
          });
          assertEquals(status, 400);
          assertEquals(
            JSON.parse(body).message,
            "wait:x: MS is not valid; allowed: 0 to 3600000 ms.",
          );
        },
      );
    },
  );
}

suite(
  "edge listener: plans for the frame listener",
  {},
  async (server, step) => {
    const at = server.address("edge");
    const Host = `${at.hostname}:${at.port}`;
    for (
      const plan of [
        "accept:wrong",
        "text:a/ping",
        "close:1000/text:late",
        "hang",
      ]
    ) {
      await step(
        `${plan} is refused with the frame listener's address`,
        async () => {
          const { status, body } = await exchange(
            at,
            handshake(`/do/${plan}`, { Host }),
          );
          assertEquals(status, 400);
          assertStringIncludes(
            body,
            `works on the frame listener only, at ${
              server.url("frame", `/do/${plan}`)
            }.`,
          );
        },
      );
    }

    await step("a named plan names the frame listener, too", async () => {
      const head = handshake("/fault/masked-frame", { Host });
      const { status, body } = await exchange(at, head);
      assertEquals(status, 400);
      assertStringIncludes(body, server.url("frame", "/fault/masked-frame"));
    });
  },
);

suite("MISBEHAVIOUR=off", { MISBEHAVIOUR: "off" }, async (server, step) => {
  for (const { name } of LISTENERS) {
    const at = server.address(name);
    await step(`${name} listener: there are no plans`, async () => {
      for (const path of ["/do/text:a", "/fault/masked-frame"]) {
        assertEquals((await exchange(at, handshake(path))).status, 404);
      }
    });
    await step(`${name} listener: /ws ignores its query`, async () => {
      await using client = await connect(server.url(name, "/ws?hello=a"));
      client.send("b");
      assertEquals(await client.next(), "b");
    });
  }
  await step("there is no catalogue", async () => {
    const url = server.url("edge", "/faults").replace("ws:", "http:");
    const response = await fetch(url);
    await response.body?.cancel();
    assertEquals(response.status, 404);
  });
});

function hex(text: string): string {
  return new TextEncoder().encode(text).toHex();
}

/** An `Authorization` for user and password (RFC 7616 §3.4). */
function digest(uri: string, nonce: string): string {
  const hash = (text: string) =>
    createHash("sha256").update(text).digest("hex");
  const secret = hash("user:ws-echo-server:password");
  const message = hash(`GET:${uri}`);
  const response = hash(`${secret}:${nonce}:00000001:abc:auth:${message}`);
  return `Digest username="user", realm="ws-echo-server", uri="${uri}", ` +
    `algorithm=SHA-256, nonce="${nonce}", nc=00000001, cnonce="abc", ` +
    `qop=auth, response="${response}"`;
}
