import { assert, assertEquals } from "@std/assert";
import { connect, type WsClient } from "../integration/support/client.ts";
import type { Server } from "../integration/support/server.ts";
import {
  LISTENERS,
  NEEDS,
  showingLog,
  signalTest,
  startAll,
} from "../integration/support/suite.ts";
import { eventually, within } from "../integration/support/within.ts";
import { testWith } from "../permissions.ts";
import { holdings } from "../process.ts";

/** Files that the process may open in addition. */
const FEW_FILES = 12;

const UNLIMITED = {
  LOG_LEVEL: "INFO",
  HANDSHAKE_RATE: "off",
  MAX_CONNECTIONS_PER_IP: "off",
};

/** A client that keeps messages in flight and checks that each comes back in order. */
class Busy {
  sent = 0;
  received = 0;
  fault: string | undefined;
  readonly rawClient: WsClient;

  private constructor(rawClient: WsClient, depth: number) {
    this.rawClient = rawClient;
    rawClient.socket.on("message", (data) => {
      if (String(data) !== String(this.received)) {
        this.fault ??= `${data} instead of ${this.received}`;
      }
      this.received++;
      this.#send();
    });
    for (let i = 0; i < depth; i++) this.#send();
  }

  static async start(url: string, depth: number): Promise<Busy> {
    return new Busy(await connect(url), depth);
  }

  #send(): void {
    const { socket } = this.rawClient;
    if (socket.readyState === socket.OPEN) socket.send(String(this.sent++));
  }
}

for (const { name: listener, capabilities } of LISTENERS) {
  signalTest(
    `${listener} listener: SIGTERM under load answers every message that was sent before`,
    { ...UNLIMITED, SHUTDOWN_TIMEOUT: "30", CLOSE_TIMEOUT: "30" },
    async (server) => {
      // The runtime resets a connection on which a message arrives after its CLOSE.
      const depth = capabilities.flowControl ? 16 : 4;
      const clients = await Promise.all(
        Array.from(
          { length: capabilities.flowControl ? 40 : 10 },
          () => Busy.start(server.url(listener, "/ws"), depth),
        ),
      );
      await eventually(
        () => clients.every((c) => c.received > 100),
        "a hundred messages of each client",
      );
      const accepted = clients.map(({ sent }) => sent);
      server.signal("SIGTERM");
      for (const [i, { rawClient, ...client }] of clients.entries()) {
        assertEquals((await rawClient.closed).code, 1001);
        assertEquals(client.fault, undefined);
        const { received } = clients[i]!;
        assert(received >= accepted[i]!, `${received} of ${accepted[i]}`);
      }
      assertEquals((await within(server.status, "the end")).code, 0);
    },
  );

  signalTest(
    `${listener} listener: connections survive a SIGSTOP longer than IDLE_TIMEOUT`,
    { ...UNLIMITED, IDLE_TIMEOUT: "3" },
    async (server) => {
      const client = await Busy.start(server.url(listener, "/ws"), 4);
      await using rawClient = client.rawClient;
      server.signal("SIGSTOP");
      await new Promise((resolve) => setTimeout(resolve, 7000));
      server.signal("SIGCONT");
      const { received } = client;
      await eventually(
        () => client.received > received + 100,
        "messages after SIGCONT",
      );
      assertEquals(client.fault, undefined);
      assertEquals(rawClient.socket.readyState, rawClient.socket.OPEN);
    },
  );

  testWith(
    { ...NEEDS, read: true },
    `${listener} listener: without file descriptors, connections stay and new clients are served later`,
    {
      ignore: Deno.build.os !== "linux" || !hasPrlimit(),
      async fn() {
        await using server = await startAll(UNLIMITED);
        await showingLog(server, () => runsOut(server, listener));
      },
    },
  );
}

async function runsOut(server: Server, listener: string): Promise<void> {
  const url = server.url(listener, "/ws");
  const first = await Busy.start(url, 4);
  const { files } = await holdings(server.pid);
  await limitFiles(server.pid, files + FEW_FILES);
  const address = server.address(listener);
  const waiting: Deno.TcpConn[] = [];
  for (let i = 0; i < FEW_FILES + 20; i++) {
    const conn = await Deno.connect(address).catch(() => undefined);
    if (conn !== undefined) waiting.push(conn);
  }
  try {
    const { received } = first;
    await eventually(
      () => first.received > received + 100,
      "messages of the connected client",
    );
  } finally {
    for (const conn of waiting) conn.close();
  }
  await using late = await eventually(() => connect(url), "a new connection");
  late.send("late");
  assertEquals(await late.next(), "late");
  assertEquals(first.fault, undefined);
  await first.rawClient[Symbol.asyncDispose]();
}

/** Whether this machine has util-linux. */
function hasPrlimit(): boolean {
  try {
    return Deno.statSync("/usr/bin/prlimit").isFile;
  } catch {
    return false;
  }
}

async function limitFiles(pid: number, files: number): Promise<void> {
  const { success } = await new Deno.Command("prlimit", {
    args: ["--pid", String(pid), `--nofile=${files}:${files}`],
  }).output();
  assert(success, "prlimit failed");
}
