import { assert, assertEquals, assertMatch } from "@std/assert";
import { connect } from "../support/client.ts";
import { exchange, RawPeer } from "../support/raw.ts";
import type { Server } from "../support/server.ts";
import { LISTENERS, suite } from "../support/suite.ts";
import { handshake } from "../support/wire.ts";
import { eventually } from "../support/within.ts";

const LIMIT = 3;

/** A handshake that a proxy passes on. */
function forwarded(forwardedFor: string): string {
  return handshake("/ws", { "X-Forwarded-For": forwardedFor });
}

for (const { name } of LISTENERS) {
  const knock = (server: Server, head = handshake("/ws")) =>
    exchange(server.address(name), head);

  /** Opens as many connections as an address may have. */
  const fill = async (server: Server, fields = {}) => {
    const stack = new DisposableStack();
    const connectOne = () =>
      RawPeer.upgrade(server.address(name), "/ws", fields);
    for (let i = 0; i < LIMIT; i++) {
      stack.use(await eventually(connectOne, "a free place"));
    }
    return stack;
  };

  const perAddress = { MAX_CONNECTIONS_PER_IP: String(LIMIT) };
  suite(
    `${name} listener: MAX_CONNECTIONS_PER_IP`,
    perAddress,
    async (server, step) => {
      await step("so many connect, one more gets 429", async () => {
        using _peers = await fill(server);
        const { status, headers, body } = await knock(server);
        assertEquals(status, 429);
        assertMatch(headers.get("retry-after"), /^[1-9]\d*$/);
        assertMatch(body, /\w+ \w+/);
      });

      await step("a place is free again when a peer has left", async () => {
        for (let i = 0; i < 3 * LIMIT; i++) {
          await using peer = await eventually(
            () => connect(server.url(name, "/ws")),
            "a free place",
          );
          peer.send("echo");
          assertEquals(await peer.next(), "echo");
        }
      });

      await step("a refused handshake takes no place for good", async () => {
        for (let i = 0; i < 3 * LIMIT; i++) {
          await eventually(
            async () =>
              (await knock(server, handshake("/auth"))).status === 401 ||
              undefined,
            "a 401",
          );
        }
        using _peers = await fill(server);
      });

      await step("X-Forwarded-For counts for nothing", async () => {
        using _peers = await fill(server);
        assertEquals(
          (await knock(server, forwarded("203.0.113.7"))).status,
          429,
        );
      });
    },
  );

  const proxied = { ...perAddress, TRUST_PROXY: "1" };
  suite(`${name} listener: TRUST_PROXY`, proxied, async (server, step) => {
    await step("clients count by the last X-Forwarded-For", async () => {
      using _peers = await fill(server, { "X-Forwarded-For": "203.0.113.7" });
      const refused = await knock(
        server,
        forwarded("198.51.100.1, 203.0.113.7"),
      );
      assertEquals(refused.status, 429);
      const other = await knock(server, forwarded("203.0.113.7, 198.51.100.1"));
      assertEquals(other.status, 101);
    });

    await step("hosts of one /64 count as one", async () => {
      using _peers = await fill(server, { "X-Forwarded-For": "2001:db8::1" });
      const status = async (address: string) =>
        (await knock(server, forwarded(address))).status;
      assertEquals(await status("[2001:db8::ffff:1]:4711"), 429);
      assertEquals(await status("2001:db8:0:1::1"), 101);
    });
  });

  const rate = { HANDSHAKE_RATE: "5" };
  suite(`${name} listener: HANDSHAKE_RATE`, rate, async (server, step) => {
    await step(
      "a second's worth at once, then 429 with Retry-After",
      async () => {
        const answers = [];
        for (let i = 0; i < 20; i++) answers.push(await knock(server));
        const refused = answers.filter(({ status }) => status === 429);
        assert(refused.length > 0, "nobody was refused");
        assertEquals(
          answers.slice(0, 5).map(({ status }) => status),
          [101, 101, 101, 101, 101],
        );
        for (const { headers } of refused) {
          assertEquals(headers.get("retry-after"), "1");
        }
      },
    );

    await step("after Retry-After it is let in", async () => {
      const admitted = async () =>
        (await knock(server)).status === 101 || undefined;
      await eventually(admitted, "a token");
    });
  });
}

suite("MAX_CONNECTIONS_PER_IP counts all listeners", {
  MAX_CONNECTIONS_PER_IP: String(LISTENERS.length),
}, async (server, step) => {
  await step("one a listener is all", async () => {
    using peers = new DisposableStack();
    for (const { name } of LISTENERS) {
      peers.use(await RawPeer.upgrade(server.address(name), "/ws"));
    }
    for (const { name } of LISTENERS) {
      const head = handshake("/ws");
      assertEquals((await exchange(server.address(name), head)).status, 429);
    }
  });
});

suite("frame listener: half-open handshakes count", {
  MAX_CONNECTIONS_PER_IP: String(LIMIT),
}, async (server, step) => {
  await step(
    "one more than the limit gets 429 before it says a word",
    async () => {
      const address = server.address("frame");
      using halves = new DisposableStack();
      for (let i = 0; i < LIMIT; i++) {
        halves.use(await RawPeer.connect(address, "GET /ws HT"));
      }
      using peer = await RawPeer.connect(address);
      assertEquals((await peer.response()).status, 429);
    },
  );
});
