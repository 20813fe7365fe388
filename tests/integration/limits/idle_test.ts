import { assertEquals } from "@std/assert";
import { connect } from "../support/client.ts";
import { RawPeer } from "../support/raw.ts";
import type { Server } from "../support/server.ts";
import { LISTENERS, suite } from "../support/suite.ts";
import { frame, OPCODE } from "../support/wire.ts";

/** The behaviour of a client and its effect, by title. */
const CLIENTS: Readonly<
  Record<string, (server: Server, listener: string) => Promise<void>>
> = {
  async "a silent client gets a PING, then is disconnected"(server, listener) {
    using peer = await RawPeer.upgrade(server.address(listener), "/ws");
    await pingThenEnd(peer);
  },
  async "a client that becomes silent gets a PING, then is disconnected"(
    server,
    listener,
  ) {
    using peer = await RawPeer.upgrade(server.address(listener), "/ws");
    const begin = performance.now();
    while (performance.now() - begin < 1500) await echo(peer);
    await pingThenEnd(peer);
  },
  async "a client that answers each PING with a message stays connected"(
    server,
    listener,
  ) {
    using peer = await RawPeer.upgrade(server.address(listener), "/ws");
    for (let pings = 0; pings < 3; pings++) {
      assertEquals((await peer.frame()).opcode, OPCODE.ping);
      await echo(peer);
    }
  },
  async "a client that answers each PING with a PONG stays connected"(
    server,
    listener,
  ) {
    using peer = await RawPeer.upgrade(server.address(listener), "/ws");
    for (let pings = 0; pings < 3; pings++) {
      const { opcode, payload } = await peer.frame();
      assertEquals(opcode, OPCODE.ping);
      await peer.write(frame(OPCODE.pong, payload));
    }
    await echo(peer);
  },
  async "a client of the ws package stays connected"(server, listener) {
    await using peer = await connect(server.url(listener, "/ws"));
    for (let pings = 0; pings < 3; pings++) await peer.ping();
    peer.send("still here");
    assertEquals(await peer.next(), "still here");
  },
};

suite(
  "IDLE_TIMEOUT",
  { IDLE_TIMEOUT: "1" },
  async (server, _step, concurrentSteps) => {
    // The edge listener finds the runtime's keep-alive on its first connection.
    await concurrentSteps(Object.fromEntries(
      LISTENERS.map(({ name }) => [
        `${name} listener: the first silent client gets a PING, then is disconnected`,
        async () => {
          const since = server.lines.length;
          using peer = await RawPeer.upgrade(server.address(name), "/ws");
          await pingThenEnd(peer);
          await server.logged(/Connection of sock \S+ closed/, since);
        },
      ]),
    ));

    await concurrentSteps(Object.fromEntries(
      LISTENERS.flatMap(({ name }) =>
        Object.entries(CLIENTS).map(([title, fn]) => [
          `${name} listener: ${title}`,
          () => fn(server, name),
        ])
      ),
    ));
  },
);

suite("IDLE_TIMEOUT=off", { IDLE_TIMEOUT: "off" }, async (server, step) => {
  for (const { name } of LISTENERS) {
    await step(`${name} listener: messages are echoed`, async () => {
      await using peer = await connect(server.url(name, "/ws"));
      peer.send("echo");
      assertEquals(await peer.next(), "echo");
    });
  }
});

async function echo(peer: RawPeer): Promise<void> {
  await peer.write(frame(OPCODE.text, "here"));
  assertEquals(await peer.text(), "here");
}

async function pingThenEnd(peer: RawPeer): Promise<void> {
  assertEquals((await peer.frame()).opcode, OPCODE.ping);
  await peer.end();
}
