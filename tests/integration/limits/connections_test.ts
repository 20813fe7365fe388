import { assert, assertEquals, assertMatch } from "@std/assert";
import { connect, type TestClient } from "../support/client.ts";
import { exchange, RawClient } from "../support/raw.ts";
import type { Server } from "../support/server.ts";
import { LISTENERS, suite } from "../support/suite.ts";
import { handshake } from "../support/wire.ts";
import { eventually, within } from "../support/within.ts";

const LIMIT = 3;

for (const { name } of LISTENERS) {
  const env = { MAX_CONNECTIONS: String(LIMIT) };
  suite(`${name} listener: MAX_CONNECTIONS`, env, async (server, step) => {
    await step("the connection above the limit gets 503", async () => {
      await using clients = await connectAll(server, name);
      const { status, headers, body } = await exchange(
        server.address(name),
        handshake("/ws"),
      );
      assertEquals(status, 503);
      assertMatch(headers.get("retry-after"), /^[1-9]\d*$/);
      assertMatch(body, /\w+ \w+/);
      clients.first.send("echo");
      assertEquals(await clients.first.next(), "echo");
    });

    await step("a slot is free again after a close", async () => {
      await using clients = await connectAll(server, name);
      const since = server.lines.length;
      clients.first.close(1000);
      await clients.first.closed;
      await server.logged(/closed with 1000 /, since);
      await using client = await connect(server.url(name, "/ws"));
      client.send("echo");
      assertEquals(await client.next(), "echo");
    });

    await step("a slot is free again after a reset", async () => {
      await using clients = await connectAll(server, name);
      const since = server.lines.length;
      clients.first.socket.terminate();
      await server.logged(/Connection of sock \S+ closed/, since);
      await using _client = await connect(server.url(name, "/ws"));
    });

    await step(
      "a client that disconnects during its handshake holds no slot",
      async () => {
        for (let i = 0; i < 20; i++) {
          using _gone = await RawClient.connect(
            server.address(name),
            handshake("/ws"),
          );
        }
        await using _clients = await connectAll(server, name);
      },
    );

    await step("a client that resets after the 101 holds no slot", async () => {
      for (let i = 0; i < 20; i++) await reset(server, name);
      await using _clients = await connectAll(server, name);
    });

    await step("an incomplete handshake holds no slot", async () => {
      const head = handshake("/ws");
      const halves = await Promise.all(
        Array.from(
          { length: 2 * LIMIT },
          () => RawClient.connect(server.address(name), head.slice(0, -2)),
        ),
      );
      try {
        await using _clients = await connectAll(server, name);
      } finally {
        for (const half of halves) half[Symbol.dispose]();
      }
    });

    await step("a refused handshake holds no slot", async () => {
      const heads = [
        handshake("/auth"),
        handshake("/ws", { "Sec-WebSocket-Key": "bad" }),
        handshake("/ws", { "Sec-WebSocket-Version": "8" }),
      ];
      for (let i = 0; i < 20; i++) {
        const head = heads[i % heads.length]!;
        const { status } = await exchange(server.address(name), head);
        assert(status === 400 || status === 401 || status === 426, `${status}`);
      }
      await using _clients = await connectAll(server, name);
    });
  });
}

suite("MAX_CONNECTIONS counts all listeners", {
  MAX_CONNECTIONS: String(LISTENERS.length),
}, async (server, step) => {
  await step("one connection per listener reaches the limit", async () => {
    await using clients = new AsyncDisposableStack();
    for (const { name } of LISTENERS) {
      clients.use(await connect(server.url(name, "/ws")));
    }
    for (const { name } of LISTENERS) {
      const address = server.address(name);
      const { status } = await exchange(address, handshake("/ws"));
      assertEquals(status, 503, name);
    }
  });
});

/**
 * Opens as many connections as are allowed; tries again until the server has
 * released the slots of earlier ones.
 */
async function connectAll(server: Server, listener: string) {
  const url = server.url(listener, "/ws");
  const stack = new AsyncDisposableStack();
  const connectOne = () =>
    eventually(() => connect(url), "a free connection slot");
  const first = stack.use(await connectOne());
  const clients: TestClient[] = [first];
  while (clients.length < LIMIT) clients.push(stack.use(await connectOne()));
  return {
    first,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Closes a socket with unread bytes of the 101, so that the system sends a RST. */
async function reset(server: Server, listener: string): Promise<void> {
  await eventually(async () => {
    using client = await RawClient.connect(
      server.address(listener),
      handshake("/ws"),
    );
    const start = new Uint8Array("HTTP/1.1 101".length);
    await within(client.conn.read(start), "a response");
    return new TextDecoder().decode(start) === "HTTP/1.1 101" || undefined;
  }, "a handshake");
}
