import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { connect } from "../integration/support/client.ts";
import { exchange, RawClient } from "../integration/support/raw.ts";
import {
  LISTENERS,
  serverTest,
  signalTest,
  suite,
} from "../integration/support/suite.ts";
import {
  closeFrame,
  frame,
  handshake,
  OPCODE,
} from "../integration/support/wire.ts";

for (const { name } of LISTENERS) {
  suite(`${name} listener: behaviour on the wire`, {}, async (server, step) => {
    const at = server.address(name);

    for (const status of [200, 204, 301, 401, 403, 404, 429, 500, 503]) {
      await step(`reject=${status} refuses with ${status}`, async () => {
        const head = handshake(`/ws?reject=${status}`);
        const answer = await exchange(at, head);
        assertEquals(answer.status, status);
      });
    }

    await step(
      "reject=302 redirects to a connection with the other parameters",
      async () => {
        const head = handshake("/ws?reject=302&hello=moved");
        const location = (await exchange(at, head)).headers.get("location");
        using client = await RawClient.upgrade(at, location!);
        assertEquals(await client.text(), "moved");
      },
    );

    await step("subprotocol is answered when none is offered", async () => {
      using client = await RawClient.connect(
        at,
        handshake("/ws?subprotocol=mqtt"),
      );
      const { headers } = await client.response();
      assertEquals(headers.get("sec-websocket-protocol"), "mqtt");
    });

    await step(
      "subprotocol is answered when others are offered",
      async () => {
        const fields = { "Sec-WebSocket-Protocol": "echo" };
        using client = await RawClient.connect(
          at,
          handshake("/ws?subprotocol=mqtt", fields),
        );
        const { headers } = await client.response();
        assertEquals(headers.get("sec-websocket-protocol"), "mqtt");
      },
    );

    await step(
      "a refusal is JSON by Accept and escapes the value",
      async () => {
        const fields = { Accept: "application/json" };
        const path = "/ws?delay=%1b%22x";
        const { status, body } = await exchange(at, handshake(path, fields));
        assertEquals(status, 400);
        assertEquals(JSON.parse(body), {
          status: 400,
          error: "Bad Request",
          message: 'delay=\\u001b"x is not valid; allowed: 0 to 3600000 ms.',
        });
      },
    );

    await step(
      "delay does not delay the answers to PING and CLOSE",
      async () => {
        using client = await RawClient.upgrade(at, "/ws?delay=3600000");
        await client.write(frame(OPCODE.text, "late"));
        await client.write(frame(OPCODE.ping, "now"));
        assertEquals(await client.text(OPCODE.pong), "now");
        await client.write(closeFrame(1000));
        assertEquals(await client.closeCode(), 1000);
      },
    );

    await step("delay closes with 1008 above SEND_BUFFER_LIMIT", async () => {
      await using client = await connect(server.url(name, "/ws?delay=3600000"));
      // The edge's runtime drops a connection whose message crosses the CLOSE.
      for (let i = 0; i < 16; i++) client.send(new Uint8Array(2 ** 20));
      assertEquals((await client.closed).code, 1008);
    });

    await step("jitter keeps the order of 1000 messages", async () => {
      await using client = await connect(server.url(name, "/ws?jitter=100"));
      const texts = Array.from({ length: 1000 }, (_, i) => `${i}`);
      for (const text of texts) client.send(text);
      for (const text of texts) assertEquals(await client.next(), text);
    });

    await step(
      "delay keeps content and opcode",
      async () => {
        await using client = await connect(server.url(name, "/ws?delay=20"));
        client.send(Uint8Array.of(1, 2, 3));
        client.send("\ufeffä😀");
        assertEquals(await client.next(), Uint8Array.of(1, 2, 3));
        assertEquals(await client.next(), "\ufeffä😀");
      },
    );
  });
}

suite(
  "frame listener: behaviour on the wire, frames only",
  {},
  async (server, step) => {
    const at = server.address("frame");

    await step(
      "fragment splits a text inside its characters",
      async () => {
        using client = await RawClient.upgrade(at, "/ws?fragment=2");
        await client.write(frame(OPCODE.text, "aä€"));
        const frames = [
          await client.frame(),
          await client.frame(),
          await client.frame(),
        ];
        assertEquals(
          frames.map((
            { opcode, final, payload },
          ) => [opcode, final, payload.toHex()]),
          [
            [OPCODE.text, false, "61c3"],
            [OPCODE.continuation, false, "a4e2"],
            [OPCODE.continuation, true, "82ac"],
          ],
        );
      },
    );

    await step(
      "fragment sends compressed messages",
      async () => {
        const options = { options: { perMessageDeflate: true } };
        const url = server.url("frame", "/ws?fragment=100");
        await using client = await connect(url, options);
        assert(client.socket.extensions.startsWith("permessage-deflate"));
        const text = "a text that is worth its compression ".repeat(100);
        client.send(text);
        assertEquals(await client.next(), text);
      },
    );

    await step("abort ends TCP after the echo, without a CLOSE", async () => {
      using client = await RawClient.upgrade(at, "/ws?abort=1&after=1");
      await client.write(frame(OPCODE.text, "last"));
      assertEquals(await client.text(), "last");
      assertEquals(await client.end(), new Uint8Array(0));
    });

    await step("abort at once ends TCP after the 101 and hello", async () => {
      using client = await RawClient.upgrade(
        at,
        "/ws?abort=1&hello=hi&after=0",
      );
      assertEquals(await client.text(), "hi");
      assertEquals(await client.end(), new Uint8Array(0));
    });

    await step("ping numbers its payloads", async () => {
      using client = await RawClient.upgrade(at, "/ws?ping=10");
      for (const payload of ["1", "2", "3"]) {
        assertEquals(await client.text(OPCODE.ping), payload);
      }
    });

    await step("stall answers no PING and sends ticks", async () => {
      using client = await RawClient.upgrade(at, "/ws?stall=1&tick=10");
      await client.write(frame(OPCODE.ping, "?"));
      for (let tick = 1; tick <= 5; tick++) {
        assertEquals(JSON.parse(await client.text()).tick, tick);
      }
    });
  },
);

serverTest(
  "frame listener: stall goes on after IDLE_TIMEOUT, and ends when the client leaves",
  { IDLE_TIMEOUT: "0.1" },
  async (server) => {
    const client = await RawClient.upgrade(
      server.address("frame"),
      "/ws?stall=1&tick=100",
    );
    await client.write(frame(OPCODE.text, "not read"));
    for (let tick = 1; tick <= 5; tick++) {
      assertEquals(JSON.parse(await client.text()).tick, tick);
    }
    client[Symbol.dispose]();
    await server.logged("closed with 1006");
  },
);

signalTest(
  "a shutdown closes connections with running timers with 1001",
  {},
  async (server) => {
    const queries = [
      "edge delay=3600000&tick=3600000",
      "frame delay=3600000&tick=3600000&ping=3600000",
      "frame stall=1",
    ];
    const clients = await Promise.all(queries.map((query) => {
      const [name, search] = query.split(" ");
      return connect(server.url(name!, `/ws?${search}`));
    }));
    for (const client of clients) client.send("waits");
    server.signal("SIGTERM");
    for (const client of clients) {
      assertEquals((await client.closed).code, 1001);
    }
    assertEquals((await server.status).code, 0);
  },
);

serverTest(
  "edge listener: the refusal of a frame-only parameter names the frame listener",
  {},
  async (server) => {
    const { hostname, port } = server.address("edge");
    const fields = { Host: `${hostname}:${port}` };
    const head = handshake("/ws?ping=1000", fields);
    const { body } = await exchange(server.address("edge"), head);
    assertStringIncludes(body, server.url("frame", "/ws"));
  },
);
