import { assert, assertEquals, assertMatch } from "@std/assert";
import { connect } from "../support/client.ts";
import { exchange, RawClient } from "../support/raw.ts";
import type { Server } from "../support/server.ts";
import { LISTENERS, suite } from "../support/suite.ts";
import { handshake, requestHead } from "../support/wire.ts";

/** A line of the log in JSON. */
type Line = Readonly<Record<string, string | number>>;

/** Waits for a line of the log. */
async function logged(
  server: Server,
  pattern: RegExp,
  since: number,
): Promise<Line> {
  return JSON.parse(await server.logged(pattern, since));
}

const OPENING = /Responding WS handshake/;

/** Waits for the line of the end of the first connection since then. */
async function ended(server: Server, since: number): Promise<Line> {
  const { "session.id": id } = await logged(server, OPENING, since);
  return logged(server, new RegExp(`Connection of sock ${id} closed`), since);
}
const REFUSAL = /Refused with/;

/** The fields of a line, without those that every line has and those that vary. */
function fieldsOf(line: Line): Line {
  const {
    time: _time,
    ms: _ms,
    level: _level,
    tag: _tag,
    message: _message,
    "session.id": _id,
    "client.port": _port,
    "websocket.connection.duration": _duration,
    ...fields
  } = line;
  return fields;
}

const NOTHING = {
  "websocket.received.messages": 0,
  "websocket.received.bytes": 0,
  "websocket.sent.messages": 0,
  "websocket.sent.bytes": 0,
};

const JSON_LOG = { LOG_FORMAT: "json", LOG_LEVEL: "INFO" };

for (const { name } of LISTENERS) {
  suite(`${name} listener: lines of a connection`, {
    ...JSON_LOG,
    IDLE_TIMEOUT: "3",
    CLOSE_TIMEOUT: "2",
    SEND_TIMEOUT: "off",
    HANDSHAKE_RATE: "off",
  }, async (server, step) => {
    const address = server.address(name);

    await step(
      "the opening has the request's parts, without its query",
      async () => {
        const since = server.lines.length;
        using _peer = await RawClient.upgrade(address, "/ws?delay=1", {
          "Sec-WebSocket-Protocol": "echo",
          "User-Agent": "test/1 (x)",
        });
        const line = await logged(server, OPENING, since);
        assertEquals([line.level, line.tag], ["INFO", "httpd_ws"]);
        assertEquals(fieldsOf(line), {
          listener: name,
          "client.address": "127.0.0.1",
          "url.path": "/ws",
          "user_agent.original": "test/1 (x)",
          "websocket.subprotocol": "echo",
        });
        assertEquals(
          line.message,
          `Responding WS handshake to sock ${line["session.id"]}`,
        );
        assert(Number.isInteger(line["client.port"]));
      },
    );

    await step("the client's CLOSE, with the traffic", async () => {
      const since = server.lines.length;
      await using client = await connect(server.url(name, "/ws"));
      client.send("12345");
      await client.next();
      client.close(4001, "enough");
      const opening = await logged(server, OPENING, since);
      const line = await ended(server, since);
      assertEquals(line["session.id"], opening["session.id"]);
      assertEquals(fieldsOf(line), {
        "websocket.close.code": 4001,
        "websocket.close.reason": "enough",
        "websocket.close.by": "client",
        "websocket.received.messages": 1,
        "websocket.received.bytes": 5,
        "websocket.sent.messages": 1,
        "websocket.sent.bytes": 5,
      });
      const seconds = line["websocket.connection.duration"];
      assert(typeof seconds === "number" && seconds >= 0 && seconds < 20);
    });

    await step("the client's end of TCP", async () => {
      const since = server.lines.length;
      (await RawClient.upgrade(address, "/ws"))[Symbol.dispose]();
      assertEquals(fieldsOf(await ended(server, since)), {
        "websocket.close.code": 1006,
        "websocket.close.by": "client",
        ...NOTHING,
      });
    });

    await step("the server's CLOSE and the client's answer", async () => {
      const since = server.lines.length;
      await using client = await connect(server.url(name, "/ws?close=4002"));
      await client.closed;
      const line = fieldsOf(await ended(server, since));
      assertEquals(line["websocket.close.by"], "server");
      assertEquals(line["websocket.close.code"], 4002);
      assertEquals(line["websocket.close.sent_code"], 4002);
    });

    await step("the server's CLOSE without an answer", async () => {
      const since = server.lines.length;
      using client = await RawClient.upgrade(address, "/ws?close=4003");
      await client.end();
      const line = fieldsOf(await ended(server, since));
      assertEquals(line["websocket.close.by"], "server");
      assertEquals(line["websocket.close.code"], 1006);
      assertEquals(line["websocket.close.sent_code"], 4003);
      assertEquals(line["websocket.close.timeout"], "CLOSE_TIMEOUT");
    });

    await step("a client that answers no PING", async () => {
      const since = server.lines.length;
      using client = await RawClient.upgrade(address, "/ws");
      await client.end();
      const line = fieldsOf(await ended(server, since));
      assertEquals(line["websocket.close.by"], "server");
      assertEquals(line["websocket.close.timeout"], "IDLE_TIMEOUT");
    });

    if (name === "frame") {
      await step("a violation of the protocol", async () => {
        const since = server.lines.length;
        using client = await RawClient.upgrade(address, "/ws");
        await client.write(new Uint8Array([0x81, 0])); // not masked
        await client.end();
        const line = fieldsOf(await ended(server, since));
        assertEquals(line["websocket.close.by"], "server");
        assertEquals(line["websocket.close.sent_code"], 1002);
        assert(line["websocket.close.sent_reason"], JSON.stringify(line));
      });
    }

    await step("a refusal has status, reason, address and path", async () => {
      const since = server.lines.length;
      await exchange(address, handshake("/nowhere?token=hush"));
      const line = await logged(server, REFUSAL, since);
      assertEquals([line.level, line.tag], ["INFO", "httpd"]);
      const { "refusal.reason": reason, ...fields } = fieldsOf(line);
      assertEquals(fields, {
        "http.response.status_code": 404,
        listener: name,
        "client.address": "127.0.0.1",
        "url.path": "/nowhere",
      });
      assertEquals(line.message, `Refused with 404: ${reason}`);
      assert(!JSON.stringify(line).includes("hush"));
    });

    await step("the refusal of a handler", async () => {
      const since = server.lines.length;
      await exchange(address, handshake("/auth"));
      const line = await logged(server, REFUSAL, since);
      assertEquals(line["http.response.status_code"], 401);
      assertEquals(line["url.path"], "/auth");
    });

    await step("ten refusals of a kind are written", async () => {
      const since = server.lines.length;
      for (let i = 0; i < 12; i++) {
        await exchange(address, handshake("/ws?reject=418"));
      }
      await exchange(address, handshake("/ws?reject=503"));
      await server.logged(/Refused with 503/, since);
      const written = server.lines.slice(since)
        .filter((line) => line.includes("Refused with 418"));
      assertEquals(written.length, 10);
    });
  });

  suite(`${name} listener: lines behind a proxy`, {
    ...JSON_LOG,
    TRUST_PROXY: "1",
  }, async (server, step) => {
    const fields = { "X-Forwarded-For": "10.0.0.1, 2001:db8::7" };

    await step("the opening has both addresses", async () => {
      using _peer = await RawClient.upgrade(
        server.address(name),
        "/ws",
        fields,
      );
      const line = await logged(server, OPENING, 0);
      assertEquals(line["client.address"], "2001:db8::7");
      assertEquals(line["client.port"], undefined);
      assertEquals(line["network.peer.address"], "127.0.0.1");
    });

    await step("a refusal has both addresses", async () => {
      await exchange(server.address(name), handshake("/none", fields));
      const line = await logged(server, REFUSAL, 0);
      assertEquals(line["client.address"], "2001:db8::7");
      assertEquals(line["network.peer.address"], "127.0.0.1");
    });
  });
}

suite("the log of the admin API", {
  ...JSON_LOG,
  ADMIN_TOKEN: "secret",
  TRUST_PROXY: "1",
}, async (server, step) => {
  const { hostname, port } = server.address("edge");
  const forwarded = { "X-Forwarded-For": "2001:db8::7" };
  const call = async (path: string, init: RequestInit = {}) => {
    const headers = {
      Authorization: "Bearer secret",
      "Content-Type": "text/plain",
      ...forwarded,
    };
    const url = `http://${hostname}:${port}${path}`;
    const response = await fetch(url, { headers, ...init });
    return await response.json();
  };

  await step("has a line of each call, with its effect", async () => {
    await using client = await connect(server.url("frame", "/ws"));
    const { sessions: [{ id }] } = await call("/sessions");
    await call(`/sessions/${id}/messages`, { method: "POST", body: "hello" });
    await call("/sessions/messages", { method: "POST", body: "all" });
    await call(`/sessions/${id}?code=4000&reason=bye`, { method: "DELETE" });
    await client.closed;
    const end = await ended(server, 0);
    assertEquals(end["websocket.close.sent_code"], 4000);
    assertEquals(end["websocket.close.sent_reason"], "bye");
    const lines = server.lines.map((line) => JSON.parse(line))
      .filter(({ message }) => message.startsWith("Admin: "));
    assertEquals(lines.map(({ message }) => message), [
      "Admin: list of 1 sessions",
      `Admin: message to sock ${id}: sent`,
      "Admin: message to 1 sessions, 0 missed it",
      `Admin: close of sock ${id} with 4000: closing`,
    ]);
    for (const line of lines) {
      assertEquals(line["client.address"], "2001:db8::7");
      assertEquals(line["network.peer.address"], "127.0.0.1");
    }
    assertEquals(lines[1]["websocket.frame.length"], 5);
  });

  await step("has a line of a call without the token", async () => {
    const since = server.lines.length;
    await exchange(
      server.address("edge"),
      requestHead("/sessions", { Host: "a", ...forwarded }),
    );
    const line = await logged(server, REFUSAL, since);
    assertEquals(line["http.response.status_code"], 401);
    assertEquals(line["url.path"], "/sessions");
    assertEquals(line["client.address"], "2001:db8::7");
  });

  await step("has a line of a call that is refused", async () => {
    const since = server.lines.length;
    const Authorization = "Bearer secret";
    await exchange(
      server.address("edge"),
      requestHead("/sessions?all=1", {
        Host: "a",
        Authorization,
        ...forwarded,
      }),
    );
    const line = await logged(server, REFUSAL, since);
    assertEquals(line["http.response.status_code"], 400);
    assertMatch(String(line["refusal.reason"]), /"all"/);
    assertEquals(line["client.address"], "2001:db8::7");
  });
});

for (const { name } of LISTENERS) {
  suite(
    `${name} listener: the log of handlers' refusals`,
    JSON_LOG,
    async (server, step) => {
      await step("has the reason", async () => {
        await exchange(server.address(name), handshake("/ws?delay=x"));
        const line = await logged(server, REFUSAL, 0);
        assertEquals(line["http.response.status_code"], 400);
        assertMatch(String(line["refusal.reason"]), /delay/);
      });
    },
  );
}

suite("the log of HTTP handlers", JSON_LOG, async (server, step) => {
  for (
    const [target, status] of [
      ["/http?delay=x", 400],
      ["/sse?tick=-1", 400],
      ["/stash/none", 404],
      ["/journal/none", 404],
      ["/console/none", 404],
      ["/conformance/none", 404],
    ] as const
  ) {
    await step(`has a line when ${target} is refused`, async () => {
      const since = server.lines.length;
      await exchange(server.address("edge"), requestHead(target));
      const line = await logged(server, REFUSAL, since);
      assertEquals(line["http.response.status_code"], status);
      assertEquals(line["client.address"], "127.0.0.1");
    });
  }

  await step(
    "masks the secrets of a path, with and without a route",
    async () => {
      for (
        const [target, shown] of [
          ["/stash/secret", "/stash/***"],
          ["/journal/secret/more", "/journal/***/more"],
          [
            "/do/challenge:basic:a:secret/nonsense",
            "/do/challenge:***/nonsense",
          ],
        ] as const
      ) {
        const since = server.lines.length;
        await exchange(server.address("edge"), requestHead(target));
        const line = await logged(server, REFUSAL, since);
        assertEquals(line["url.path"], shown);
      }
    },
  );

  await step("has no line when a client asks for a status", async () => {
    const since = server.lines.length;
    await exchange(server.address("edge"), requestHead("/http?status=404"));
    await exchange(server.address("edge"), requestHead("/none"));
    await logged(server, REFUSAL, since);
    assertEquals(server.lines.length, since + 1);
  });
});

suite("the log of refusals", {
  ...JSON_LOG,
  HANDSHAKE_RATE: "off",
}, async (server, step) => {
  await step("folds those whose reason has the client's Host", async () => {
    const letters = [..."abcdefghijklmnopqrst"];
    for (const letter of letters) {
      await exchange(
        server.address("frame"),
        `GET /ws HTTP/1.1\r\nHost: ${letter}.test\r\n\r\n`,
      );
    }
    // Lines are in order, and one of another kind is written.
    await exchange(server.address("frame"), handshake("/the-end"));
    await server.logged(/the-end/, 0);
    const lines = server.lines.filter((line) => line.includes("with 426"));
    assertEquals(lines.length, 10);
  });
});
