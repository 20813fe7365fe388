import { assert, assertEquals, assertMatch } from "@std/assert";
import { connect } from "../support/client.ts";
import { exchange, RawClient } from "../support/raw.ts";
import type { Server } from "../support/server.ts";
import { LISTENERS, suite } from "../support/suite.ts";
import { handshake } from "../support/wire.ts";
import { eventually } from "../support/within.ts";

const LIMIT = 3;

/** A handshake that a proxy forwards. */
function forwarded(forwardedFor: string): string {
  return handshake("/ws", { "X-Forwarded-For": forwardedFor });
}

for (const { name } of LISTENERS) {
  const ask = (server: Server, head = handshake("/ws")) =>
    exchange(server.address(name), head);

  /** Opens as many connections as one address may have. */
  const fill = async (server: Server, fields = {}) => {
    const stack = new DisposableStack();
    const connectOne = () =>
      RawClient.upgrade(server.address(name), "/ws", fields);
    for (let i = 0; i < LIMIT; i++) {
      stack.use(await eventually(connectOne, "a free connection slot"));
    }
    return stack;
  };

  const perAddress = { MAX_CONNECTIONS_PER_IP: String(LIMIT) };
  suite(
    `${name} listener: MAX_CONNECTIONS_PER_IP`,
    perAddress,
    async (server, step) => {
      await step("the connection above the limit gets 429", async () => {
        using _clients = await fill(server);
        const { status, headers, body } = await ask(server);
        assertEquals(status, 429);
        assertMatch(headers.get("retry-after"), /^[1-9]\d*$/);
        assertMatch(body, /\w+ \w+/);
      });

      await step(
        "a slot is free again when a client has disconnected",
        async () => {
          for (let i = 0; i < 3 * LIMIT; i++) {
            await using client = await eventually(
              () => connect(server.url(name, "/ws")),
              "a free connection slot",
            );
            client.send("echo");
            assertEquals(await client.next(), "echo");
          }
        },
      );

      await step("a refused handshake releases its slot", async () => {
        for (let i = 0; i < 3 * LIMIT; i++) {
          await eventually(
            async () => (await ask(server, handshake("/auth"))).status === 401,
            "a 401",
          );
        }
        using _clients = await fill(server);
      });

      await step("X-Forwarded-For is ignored", async () => {
        using _clients = await fill(server);
        assertEquals(
          (await ask(server, forwarded("203.0.113.7"))).status,
          429,
        );
      });
    },
  );

  const proxied = { ...perAddress, TRUST_PROXY: "1" };
  suite(`${name} listener: TRUST_PROXY`, proxied, async (server, step) => {
    await step(
      "connections count by the last address of X-Forwarded-For",
      async () => {
        using _clients = await fill(server, {
          "X-Forwarded-For": "203.0.113.7",
        });
        const refused = await ask(
          server,
          forwarded("198.51.100.1, 203.0.113.7"),
        );
        assertEquals(refused.status, 429);
        const other = await ask(server, forwarded("203.0.113.7, 198.51.100.1"));
        assertEquals(other.status, 101);
      },
    );

    await step("hosts of one /64 count as one address", async () => {
      using _clients = await fill(server, { "X-Forwarded-For": "2001:db8::1" });
      const status = async (address: string) =>
        (await ask(server, forwarded(address))).status;
      assertEquals(await status("[2001:db8::ffff:1]:4711"), 429);
      assertEquals(await status("2001:db8:0:1::1"), 101);
    });
  });

  const rate = { HANDSHAKE_RATE: "5" };
  suite(`${name} listener: HANDSHAKE_RATE`, rate, async (server, step) => {
    await step(
      "the handshakes of one second are accepted at once, more get 429 with Retry-After",
      async () => {
        const answers = [];
        for (let i = 0; i < 5; i++) answers.push(await ask(server));
        answers.push(
          ...await Promise.all(Array.from({ length: 40 }, () => ask(server))),
        );
        const refused = answers.filter(({ status }) => status === 429);
        assert(refused.length > 0, "no handshake was refused");
        assertEquals(
          answers.slice(0, 5).map(({ status }) => status),
          [101, 101, 101, 101, 101],
        );
        for (const { headers } of refused) {
          assertEquals(headers.get("retry-after"), "1");
        }
      },
    );

    await step("a handshake after Retry-After is accepted", async () => {
      const admitted = async () => (await ask(server)).status === 101;
      await eventually(admitted, "a token");
    });
  });
}

suite("MAX_CONNECTIONS_PER_IP counts all listeners", {
  MAX_CONNECTIONS_PER_IP: String(LISTENERS.length),
}, async (server, step) => {
  await step("one connection per listener reaches the limit", async () => {
    using clients = new DisposableStack();
    for (const { name } of LISTENERS) {
      clients.use(await RawClient.upgrade(server.address(name), "/ws"));
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
    "the connection above the limit gets 429 before it sends anything",
    async () => {
      const address = server.address("frame");
      using halves = new DisposableStack();
      for (let i = 0; i < LIMIT; i++) {
        halves.use(await RawClient.connect(address, "GET /ws HT"));
      }
      using client = await RawClient.connect(address);
      assertEquals((await client.response()).status, 429);
    },
  );
});
