import { assert, assertEquals } from "@std/assert";
import { testWith } from "../../permissions.ts";
import { residentMemory } from "../../process.ts";
import { connect } from "../support/client.ts";
import { RawClient } from "../support/raw.ts";
import { LISTENERS, NEEDS, showingLog, startAll } from "../support/suite.ts";
import { closeFrame, frame, OPCODE } from "../support/wire.ts";
import { eventually, repeated } from "../support/within.ts";

const MIB = 2 ** 20;
const MESSAGE = frame(OPCODE.binary, new Uint8Array(65536).fill(7));

/** The memory of another process is read from /proc. */
const NO_PROC = Deno.build.os === "linux" ? "" : " (ignored: needs /proc)";

for (const { name, capabilities } of LISTENERS) {
  const flood =
    `${name} listener: 600 MB from a client that never reads do not grow the process`;
  testWith({ ...NEEDS, read: true }, flood + NO_PROC, {
    ignore: NO_PROC !== "",
    fn: () => staysSmall(name, capabilities.flowControl),
  });

  testWith(
    NEEDS,
    capabilities.flowControl
      ? `${name} listener: a client that reads late gets every byte`
      : `${name} listener: a client that reads late has been disconnected`,
    // A client that the machine stops for longer than IDLE_TIMEOUT is silent.
    repeated(() => readsLate(name, capabilities.flowControl)),
  );

  if (!capabilities.flowControl) {
    testWith(
      NEEDS,
      `${name} listener: a client that never reads is disconnected`,
      () => losesItsSlot(name),
    );
  }
}

async function staysSmall(listener: string, flowControl: boolean) {
  await using server = await startAll({ LOG_LEVEL: "INFO" });
  await showingLog(server, async () => {
    const before = await residentMemory(server.pid);
    using rawClient = await RawClient.upgrade(server.address(listener), "/ws");
    const flood = new Flood(rawClient, 600e6);
    let most = before;
    while (await flood.goesOn()) {
      most = Math.max(most, await residentMemory(server.pid));
    }
    const grown = (most - before) / MIB;
    assert(grown < 64, `${grown} MiB for ${flood.sent} bytes`);
    if (flowControl) {
      assert(flood.sent < flood.total, "the service never stopped reading");
    }
    await flood.stop();
  });
}

async function readsLate(listener: string, flowControl: boolean) {
  // Silence that the server's flow control causes does not count as idle.
  await using server = await startAll({
    LOG_LEVEL: "INFO",
    IDLE_TIMEOUT: "0.5",
    SEND_BUFFER_LIMIT: "1MiB",
  });
  await showingLog(server, async () => {
    using rawClient = await RawClient.upgrade(server.address(listener), "/ws");
    const flood = new Flood(rawClient, 64 * MIB);
    while (await flood.goesOn());
    if (!flowControl) {
      // The reset that ends the connection may overtake the CLOSE with 1008.
      const bytes = await rawClient.end();
      assert(bytes.length < flood.total, "the client was not disconnected");
    } else {
      for (let echoed = 0; echoed < flood.total; echoed += MESSAGE.length) {
        const { opcode, payload } = await rawClient.frame();
        assertEquals([opcode, payload.length], [OPCODE.binary, 65536]);
      }
      await rawClient.write(closeFrame(1000));
      assertEquals(await rawClient.closeCode(), 1000);
    }
    await flood.stop();
  });
}

async function losesItsSlot(listener: string) {
  const env = {
    LOG_LEVEL: "INFO",
    MAX_CONNECTIONS: "1",
    IDLE_TIMEOUT: "1",
    SEND_BUFFER_LIMIT: "1MiB",
  };
  await using server = await startAll(env);
  await showingLog(server, async () => {
    using rawClient = await RawClient.upgrade(server.address(listener), "/ws");
    const flood = new Flood(rawClient, 600e6);
    try {
      await using next = await eventually(
        () => connect(server.url(listener, "/ws")),
        "a free connection slot",
      );
      next.send("echo");
      assertEquals(await next.next(), "echo");
      // The runtime cannot end the TCP connection of a client that reads nothing,
      // but it stops reading, so that the flood stops.
      while (await flood.goesOn());
      assert(flood.sent < flood.total, "the service has read everything");
    } finally {
      await flood.stop();
    }
  });
}

/** Writes messages as fast as the service reads them. */
class Flood {
  readonly total: number;
  sent = 0;
  /** Resolves when all messages are written or the connection has ended. */
  readonly done: Promise<void>;
  readonly #rawClient: RawClient;
  #over = false;

  constructor(rawClient: RawClient, total: number) {
    this.#rawClient = rawClient;
    this.total = Math.ceil(total / MESSAGE.length) * MESSAGE.length;
    this.done = this.#write();
  }

  /** Waits for progress; false when there was none for a second, or all is sent. */
  async goesOn(): Promise<boolean> {
    const { sent } = this;
    for (let wait = 0; wait < 40 && !this.#over; wait++) {
      await new Promise((resolve) => setTimeout(resolve, 25));
      if (this.sent > sent) return true;
    }
    return false;
  }

  /** Closes the socket, which ends a pending write. */
  async stop(): Promise<void> {
    this.#rawClient[Symbol.dispose]();
    await this.done;
  }

  async #write(): Promise<void> {
    try {
      while (this.sent < this.total) {
        await this.#rawClient.write(MESSAGE);
        this.sent += MESSAGE.length;
      }
    } catch {
      // The service may end the connection.
    } finally {
      this.#over = true;
    }
  }
}
