import { assertEquals } from "@std/assert";
import { connect } from "../support/client.ts";
import { RawClient } from "../support/raw.ts";
import type { Server } from "../support/server.ts";
import { LISTENERS, suite } from "../support/suite.ts";
import { repeated } from "../support/within.ts";
import { frame, OPCODE } from "../support/wire.ts";

/** The behaviour of a client and its effect, by title. */
const CLIENTS: Readonly<
  Record<string, (server: Server, listener: string) => Promise<void>>
> = {
  async "a silent client gets a PING, then is disconnected"(server, listener) {
    using rawClient = await RawClient.upgrade(server.address(listener), "/ws");
    await pingThenEnd(rawClient);
  },
  async "a client that becomes silent gets a PING, then is disconnected"(
    server,
    listener,
  ) {
    using rawClient = await RawClient.upgrade(server.address(listener), "/ws");
    const begin = performance.now();
    while (performance.now() - begin < 1500) await echo(rawClient);
    await pingThenEnd(rawClient);
  },
  async "a client that answers each PING with a message stays connected"(
    server,
    listener,
  ) {
    using rawClient = await RawClient.upgrade(server.address(listener), "/ws");
    for (let pings = 0; pings < 3; pings++) {
      assertEquals((await rawClient.frame()).opcode, OPCODE.ping);
      await echo(rawClient);
    }
  },
  async "a client that answers each PING with a PONG stays connected"(
    server,
    listener,
  ) {
    using rawClient = await RawClient.upgrade(server.address(listener), "/ws");
    for (let pings = 0; pings < 3; pings++) {
      const { opcode, payload } = await rawClient.frame();
      assertEquals(opcode, OPCODE.ping);
      await rawClient.write(frame(OPCODE.pong, payload));
    }
    await echo(rawClient);
  },
  async "a client of the ws package stays connected"(server, listener) {
    await using rawClient = await connect(server.url(listener, "/ws"));
    for (let pings = 0; pings < 3; pings++) await rawClient.ping();
    rawClient.send("still here");
    assertEquals(await rawClient.next(), "still here");
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
          using rawClient = await RawClient.upgrade(
            server.address(name),
            "/ws",
          );
          await pingThenEnd(rawClient);
          await server.logged(/Connection of sock \S+ closed/, since);
        },
      ]),
    ));

    await concurrentSteps(Object.fromEntries(
      LISTENERS.flatMap(({ name }) =>
        Object.entries(CLIENTS).map(([title, fn]) => [
          `${name} listener: ${title}`,
          // A client that the machine stops for a second is silent, too.
          repeated(() => fn(server, name)),
        ])
      ),
    ));
  },
);

suite("IDLE_TIMEOUT=off", { IDLE_TIMEOUT: "off" }, async (server, step) => {
  for (const { name } of LISTENERS) {
    await step(`${name} listener: messages are echoed`, async () => {
      await using rawClient = await connect(server.url(name, "/ws"));
      rawClient.send("echo");
      assertEquals(await rawClient.next(), "echo");
    });
  }
});

async function echo(rawClient: RawClient): Promise<void> {
  await rawClient.write(frame(OPCODE.text, "here"));
  assertEquals(await rawClient.text(), "here");
}

async function pingThenEnd(rawClient: RawClient): Promise<void> {
  assertEquals((await rawClient.frame()).opcode, OPCODE.ping);
  await rawClient.end();
}
