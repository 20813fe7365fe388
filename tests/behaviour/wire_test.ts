import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { connect } from "../integration/support/client.ts";
import { exchange, RawPeer } from "../integration/support/raw.ts";
import { LISTENERS, serverTest, suite } from "../integration/support/suite.ts";
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

    await step("reject=302 leads to a connection that behaves", async () => {
      const head = handshake("/ws?reject=302&hello=moved");
      const location = (await exchange(at, head)).headers.get("location");
      using peer = await RawPeer.upgrade(at, location!);
      assertEquals(await peer.text(), "moved");
    });

    await step("subprotocol is answered where none was offered", async () => {
      using peer = await RawPeer.connect(at, handshake("/ws?subprotocol=mqtt"));
      const { headers } = await peer.response();
      assertEquals(headers.get("sec-websocket-protocol"), "mqtt");
    });

    await step(
      "subprotocol is answered where others were offered",
      async () => {
        const fields = { "Sec-WebSocket-Protocol": "echo" };
        using peer = await RawPeer.connect(
          at,
          handshake("/ws?subprotocol=mqtt", fields),
        );
        const { headers } = await peer.response();
        assertEquals(headers.get("sec-websocket-protocol"), "mqtt");
      },
    );

    await step("a refusal speaks JSON, and escapes what it shows", async () => {
      const fields = { Accept: "application/json" };
      const path = "/ws?delay=%1b%22x";
      const { status, body } = await exchange(at, handshake(path, fields));
      assertEquals(status, 400);
      assertEquals(JSON.parse(body), {
        status: 400,
        error: "Bad Request",
        message: 'delay=\\u001b"x: allowed is 0 to 3600000 ms.',
      });
    });

    await step("delay answers PING and CLOSE at once", async () => {
      using peer = await RawPeer.upgrade(at, "/ws?delay=3600000");
      await peer.write(frame(OPCODE.text, "late"));
      await peer.write(frame(OPCODE.ping, "now"));
      assertEquals(await peer.text(OPCODE.pong), "now");
      await peer.write(closeFrame(1000));
      assertEquals(await peer.closeCode(), 1000);
    });

    await step("delay closes with 1008 above SEND_BUFFER_LIMIT", async () => {
      await using peer = await connect(server.url(name, "/ws?delay=3600000"));
      // Not one more: what crosses the CLOSE has the edge's runtime drop it.
      for (let i = 0; i < 16; i++) peer.send(new Uint8Array(2 ** 20));
      assertEquals((await peer.closed).code, 1008);
    });

    await step("jitter keeps the order of a thousand", async () => {
      await using peer = await connect(server.url(name, "/ws?jitter=100"));
      const texts = Array.from({ length: 1000 }, (_, i) => `${i}`);
      for (const text of texts) peer.send(text);
      for (const text of texts) assertEquals(await peer.next(), text);
    });

    await step(
      "delay keeps bytes as they were, and apart from texts",
      async () => {
        await using peer = await connect(server.url(name, "/ws?delay=20"));
        peer.send(Uint8Array.of(1, 2, 3));
        peer.send("\ufeffä😀");
        assertEquals(await peer.next(), Uint8Array.of(1, 2, 3));
        assertEquals(await peer.next(), "\ufeffä😀");
      },
    );
  });
}

suite(
  "frame listener: behaviour on the wire, of frames",
  {},
  async (server, step) => {
    const at = server.address("frame");

    await step(
      "fragment cuts at bytes, between which PONGs may stand",
      async () => {
        using peer = await RawPeer.upgrade(at, "/ws?fragment=2");
        await peer.write(frame(OPCODE.text, "aä€"));
        const frames = [
          await peer.frame(),
          await peer.frame(),
          await peer.frame(),
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
      "fragment and compression: it inflates to the same",
      async () => {
        const options = { options: { perMessageDeflate: true } };
        const url = server.url("frame", "/ws?fragment=100");
        await using peer = await connect(url, options);
        assert(peer.socket.extensions.startsWith("permessage-deflate"));
        const text = "a text that is worth its compression ".repeat(100);
        peer.send(text);
        assertEquals(await peer.next(), text);
      },
    );

    await step("abort ends behind the echo, without a CLOSE", async () => {
      using peer = await RawPeer.upgrade(at, "/ws?abort=1&after=1");
      await peer.write(frame(OPCODE.text, "last"));
      assertEquals(await peer.text(), "last");
      assertEquals(await peer.end(), new Uint8Array(0));
    });

    await step("abort at once ends behind 101 and hello", async () => {
      using peer = await RawPeer.upgrade(at, "/ws?abort=1&hello=hi&after=0");
      assertEquals(await peer.text(), "hi");
      assertEquals(await peer.end(), new Uint8Array(0));
    });

    await step("ping counts in its payloads", async () => {
      using peer = await RawPeer.upgrade(at, "/ws?ping=10");
      for (const payload of ["1", "2", "3"]) {
        assertEquals(await peer.text(OPCODE.ping), payload);
      }
    });

    await step("stall answers no PING, and sends its ticks", async () => {
      using peer = await RawPeer.upgrade(at, "/ws?stall=1&tick=10");
      await peer.write(frame(OPCODE.ping, "?"));
      for (let tick = 1; tick <= 5; tick++) {
        assertEquals(JSON.parse(await peer.text()).tick, tick);
      }
    });
  },
);

serverTest(
  "frame listener: stall ends with IDLE_TIMEOUT",
  { IDLE_TIMEOUT: "1" },
  async (server) => {
    using peer = await RawPeer.upgrade(server.address("frame"), "/ws?stall=1");
    await peer.write(frame(OPCODE.text, "never read"));
    await server.logged("closed with 1006");
  },
);

serverTest(
  "a shutdown closes connections whose timers run with 1001, and ends",
  {},
  async (server) => {
    const queries = [
      "edge delay=3600000&tick=3600000",
      "frame delay=3600000&tick=3600000&ping=3600000",
      "frame stall=1",
    ];
    const peers = await Promise.all(queries.map((query) => {
      const [name, search] = query.split(" ");
      return connect(server.url(name!, `/ws?${search}`));
    }));
    for (const peer of peers) peer.send("waits");
    server.signal("SIGTERM");
    for (const peer of peers) assertEquals((await peer.closed).code, 1001);
    assertEquals((await server.status).code, 0);
  },
);

serverTest(
  "edge listener: who wants the frame listener is told where it is",
  {},
  async (server) => {
    const { hostname, port } = server.address("edge");
    const fields = { Host: `${hostname}:${port}` };
    const head = handshake("/ws?ping=1000", fields);
    const { body } = await exchange(server.address("edge"), head);
    assertStringIncludes(body, server.url("frame", "/ws"));
  },
);
