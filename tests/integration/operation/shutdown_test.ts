import { assertEquals } from "@std/assert";
import { testWith } from "../../permissions.ts";
import { connect } from "../support/client.ts";
import { exchange, RawClient } from "../support/raw.ts";
import type { Server } from "../support/server.ts";
import {
  LISTENERS,
  NEEDS,
  showingLog,
  signalTest,
  startAll,
} from "../support/suite.ts";
import {
  closeFrame,
  frame,
  handshake,
  OPCODE,
  requestHead,
} from "../support/wire.ts";
import { repeated, within } from "../support/within.ts";

const SIGNALS = ["SIGINT", "SIGTERM"] as const;

/** Longer than the time limit of a test, so that a test that waits for them fails. */
const LONG = { SHUTDOWN_TIMEOUT: "60", CLOSE_TIMEOUT: "60" };

for (const { name } of LISTENERS) {
  for (const signal of SIGNALS) {
    const prefix = `${name} listener: ${signal}`;

    signalTest(
      `${prefix} ends an idle service with exit code 0`,
      LONG,
      async (server) => {
        // The signal handlers are installed once a connection is answered.
        await (await connect(server.url(name, "/ws")))[Symbol.asyncDispose]();
        server.signal(signal);
        assertEquals(await exitCode(server), 0);
        await server.logged(signal);
      },
    );

    signalTest(
      `${prefix} closes every connection with 1001`,
      LONG,
      async (server) => {
        const clients = await Promise.all(
          Array.from({ length: 10 }, () => connect(server.url(name, "/ws"))),
        );
        server.signal(signal);
        for (const client of clients) {
          assertEquals((await client.closed).code, 1001);
        }
        assertEquals(await exitCode(server), 0);
      },
    );

    signalTest(
      `${prefix} answers every message that was received before`,
      LONG,
      async (server) => {
        using client = await RawClient.upgrade(server.address(name), "/ws");
        await client.write(
          Uint8Array.of(
            ...frame(OPCODE.text, "first"),
            ...frame(OPCODE.text, "Trigger async"),
            ...frame(OPCODE.text, "second"),
          ),
        );
        server.signal(signal);
        const texts = [
          await client.text(),
          await client.text(),
          await client.text(),
        ];
        assertEquals(texts.sort(), ["Async data", "first", "second"]);
        assertEquals(await client.closeCode(), 1001);
        await leave(client);
        assertEquals(await exitCode(server), 0);
      },
    );
  }

  signalTest(
    `${name} listener: a shutdown drains a full work queue`,
    { ...LONG, LOG_LEVEL: "INFO" },
    async (server) => {
      const count = 5000;
      using client = await RawClient.upgrade(server.address(name), "/ws");
      const trigger = frame(OPCODE.text, "Trigger async");
      const all = new Uint8Array(count * trigger.length);
      for (let i = 0; i < count; i++) all.set(trigger, i * trigger.length);
      await client.write(all);
      server.signal("SIGINT");
      for (let i = 0; i < count; i++) {
        assertEquals(await client.text(), "Async data");
      }
      assertEquals(await client.closeCode(), 1001);
      await leave(client);
      assertEquals(await exitCode(server), 0);
    },
  );

  signalTest(
    `${name} listener: a shutdown answers new handshakes and /healthz with 503`,
    LONG,
    async (server) => {
      using client = await RawClient.upgrade(server.address(name), "/ws");
      server.signal("SIGINT");
      assertEquals(await client.closeCode(), 1001);
      for (const listener of LISTENERS) {
        for (const head of [handshake("/ws"), requestHead("/healthz")]) {
          const address = server.address(listener.name);
          const { status } = await exchange(address, head);
          assertEquals(status, 503, listener.name);
        }
      }
      await leave(client);
      assertEquals(await exitCode(server), 0);
    },
  );

  signalTest(
    `${name} listener: a shutdown ends after SHUTDOWN_TIMEOUT`,
    { SHUTDOWN_TIMEOUT: "0.3", CLOSE_TIMEOUT: "60" },
    async (server) => {
      using client = await RawClient.upgrade(server.address(name), "/ws");
      server.signal("SIGINT");
      assertEquals(await client.closeCode(), 1001);
      assertEquals(await exitCode(server), 0);
      await server.logged(/^W .*1 connections? did not close in time/);
      await client.end();
    },
  );

  signalTest(
    `${name} listener: a shutdown does not wait for an incomplete handshake`,
    { ...LONG, HANDSHAKE_TIMEOUT: "60" },
    async (server) => {
      using half = await RawClient.connect(
        server.address(name),
        "GET /ws HTTP/1.1\r\nHost: x\r\n",
      );
      await using client = await connect(server.url(name, "/ws"));
      server.signal("SIGINT");
      assertEquals((await client.closed).code, 1001);
      assertEquals(await exitCode(server), 0);
      await half.end();
    },
  );

  testWith(
    { ...NEEDS, signals: true },
    `${name} listener: a signal that arrives twice within a second counts once`,
    // A busy machine delivers the second one late.
    repeated(async () => {
      await using server = await startAll(LONG);
      using client = await RawClient.upgrade(server.address(name), "/ws");
      server.signal("SIGINT");
      await server.logged("SIGINT: shutting down");
      server.signal("SIGINT");
      server.signal("SIGTERM");
      assertEquals(await client.closeCode(), 1001);
      await leave(client);
      assertEquals(await exitCode(server), 0);
    }),
  );

  signalTest(
    `${name} listener: a second signal, more than a second later, ends the process at once`,
    LONG,
    async (server) => {
      using client = await RawClient.upgrade(server.address(name), "/ws");
      server.signal("SIGINT");
      assertEquals(await client.closeCode(), 1001);
      // A signal within a second of the first is ignored.
      const again = setInterval(() => {
        try {
          server.signal("SIGINT");
        } catch {
          // The process has ended; its exit code is about to arrive.
        }
      }, 100);
      assertEquals(
        await exitCode(server).finally(() => clearInterval(again)),
        1,
      );
    },
  );
}

if (Deno.build.os !== "windows") {
  for (const workers of Deno.build.os === "linux" ? [1, 2] : [1]) {
    for (const signal of SIGNALS) {
      testWith(
        NEEDS,
        `deno task start, ${workers} threads: ${signal} to its process group closes every connection with 1001`,
        async () => {
          await using server = await startAll(
            { ...LONG, WORKERS: String(workers) },
            { args: ["task", "start"], isGroup: true },
          );
          await showingLog(server, async () => {
            const clients = await Promise.all(
              LISTENERS.flatMap(({ name }) =>
                Array.from(
                  { length: 5 },
                  () => connect(server.url(name, "/ws")),
                )
              ),
            );
            server.signal(signal);
            for (const client of clients) {
              assertEquals((await client.closed).code, 1001);
            }
            assertEquals(await exitCode(server), 0);
          });
        },
      );
    }
  }
}

/** Completes the closing handshake and closes the TCP connection. */
async function leave(client: RawClient): Promise<void> {
  await client.write(closeFrame(1001));
  assertEquals((await client.end()).length, 0);
  client[Symbol.dispose]();
}

async function exitCode(server: Server): Promise<number> {
  return (await within(server.status, "the process to end")).code;
}
