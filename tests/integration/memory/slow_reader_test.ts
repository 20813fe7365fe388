import { assert, assertEquals } from "@std/assert";
import { testWith } from "../../permissions.ts";
import { connect } from "../support/client.ts";
import { RawPeer } from "../support/raw.ts";
import type { Server } from "../support/server.ts";
import { LISTENERS, NEEDS, showingLog, startAll } from "../support/suite.ts";
import { closeFrame, frame, OPCODE } from "../support/wire.ts";
import { eventually } from "../support/within.ts";

const MIB = 2 ** 20;
const MESSAGE = frame(OPCODE.binary, new Uint8Array(65536).fill(7));

/** Where there is no /proc, what the server costs cannot be looked up. */
const NO_PROC = Deno.build.os === "linux" ? "" : " (ignored: needs /proc)";

for (const { name, capabilities } of LISTENERS) {
  const flood = `${name} listener: 600 MB of a peer that never reads`;
  testWith({ ...NEEDS, read: true }, flood + NO_PROC, {
    ignore: NO_PROC !== "",
    fn: () => staysSmall(name, capabilities.flowControl),
  });

  testWith(
    NEEDS,
    capabilities.flowControl
      ? `${name} listener: a peer that reads late gets every byte`
      : `${name} listener: a peer that reads late has been cut off`,
    () => readsLate(name, capabilities.flowControl),
  );

  if (!capabilities.flowControl) {
    testWith(
      NEEDS,
      `${name} listener: a peer that never reads is cut off`,
      () => isCutOff(name),
    );
  }
}

async function staysSmall(listener: string, flowControl: boolean) {
  await using server = await startAll({ LOG_LEVEL: "INFO" });
  await showingLog(server, async () => {
    const before = await residentBytes(server);
    using peer = await RawPeer.upgrade(server.address(listener), "/ws");
    const flood = new Flood(peer, 600e6);
    let most = before;
    while (await flood.goesOn()) {
      most = Math.max(most, await residentBytes(server));
    }
    const grown = (most - before) / MIB;
    assert(grown < 64, `${grown} MiB for ${flood.sent} bytes`);
    if (flowControl) {
      assert(flood.sent < flood.total, "it was read from all the time");
    }
    await flood.stop();
  });
}

async function readsLate(listener: string, flowControl: boolean) {
  // Silence that the server's own flow control causes is no reason to be dropped.
  await using server = await startAll({
    LOG_LEVEL: "INFO",
    IDLE_TIMEOUT: "0.5",
    SEND_BUFFER_LIMIT: "1MiB",
  });
  await showingLog(server, async () => {
    using peer = await RawPeer.upgrade(server.address(listener), "/ws");
    const flood = new Flood(peer, 64 * MIB);
    while (await flood.goesOn());
    if (!flowControl) {
      // The reset that ends the connection may overtake the CLOSE with 1008.
      const bytes = await peer.end();
      assert(bytes.length < flood.total, "it was not cut off");
    } else {
      for (let echoed = 0; echoed < flood.total; echoed += MESSAGE.length) {
        const { opcode, payload } = await peer.frame();
        assertEquals([opcode, payload.length], [OPCODE.binary, 65536]);
      }
      await peer.write(closeFrame(1000));
      assertEquals(await peer.closeCode(), 1000);
    }
    await flood.stop();
  });
}

async function isCutOff(listener: string) {
  const env = { LOG_LEVEL: "INFO", MAX_CONNECTIONS: "1", IDLE_TIMEOUT: "1" };
  await using server = await startAll(env);
  await showingLog(server, async () => {
    using peer = await RawPeer.upgrade(server.address(listener), "/ws");
    const flood = new Flood(peer, 600e6);
    try {
      await using next = await eventually(
        () => flood.goesOn().then(() => connect(server.url(listener, "/ws"))),
        "a free place",
      );
      next.send("echo");
      assertEquals(await next.next(), "echo");
      // The runtime has no way to end the TCP connection itself while the peer
      // takes nothing: it stops reading, and the flood stands still.
      while (await flood.goesOn());
      assert(flood.sent < flood.total, "everything was read");
    } finally {
      await flood.stop();
    }
  });
}

/** Writes messages as fast as they are taken. */
class Flood {
  readonly total: number;
  sent = 0;
  /** Resolves when all is written or the connection has ended. */
  readonly done: Promise<void>;
  readonly #peer: RawPeer;
  #over = false;

  constructor(peer: RawPeer, total: number) {
    this.#peer = peer;
    this.total = Math.ceil(total / MESSAGE.length) * MESSAGE.length;
    this.done = this.#write();
  }

  /** False as soon as all is sent or nothing more is taken. */
  async goesOn(): Promise<boolean> {
    const { sent } = this;
    for (let wait = 0; wait < 40 && !this.#over; wait++) {
      await new Promise((resolve) => setTimeout(resolve, 25));
      if (this.sent > sent) return true;
    }
    return false;
  }

  /** Closes the socket under the write that waits. */
  async stop(): Promise<void> {
    this.#peer[Symbol.dispose]();
    await this.done;
  }

  async #write(): Promise<void> {
    try {
      while (this.sent < this.total) {
        await this.#peer.write(MESSAGE);
        this.sent += MESSAGE.length;
      }
    } catch {
      // The connection has ended, which may be what is tested.
    } finally {
      this.#over = true;
    }
  }
}

/** What the server's process has in memory. */
async function residentBytes(server: Server): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${server.pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) * 1024;
}
