import { assert, assertEquals } from "@std/assert";
import { SendMemory } from "../../../lib/limits/send_memory.ts";
import { type LimitName, NO_OBSERVER } from "../../../lib/observer.ts";
import { Sessions } from "../../../lib/sessions.ts";
import type { Connection, ListenerName } from "../../../lib/websocket.ts";
import { serve } from "../../conformance/server.ts";
import { FakeConnection } from "../../handlers/fakes.ts";
import { RawPeer } from "../../integration/raw.ts";
import { testWith } from "../../permissions.ts";

const KIB = 1024;

/** A peer for whom so much waits. */
class Waiting extends FakeConnection {
  override readonly id: string;
  override readonly bufferedAmount: number;
  aborted = false;

  constructor(id: string, listener: ListenerName, bytes: number) {
    super(listener);
    this.id = id;
    this.bufferedAmount = bytes;
  }

  override abort(): void {
    this.aborted = true;
  }
}

/** Looks once at peers for whom so many KiB wait; returns the ids of who is cut off. */
function cutOff(
  limit: number,
  peers: readonly (readonly [id: string, kib: number])[],
  listener: ListenerName = "frame",
) {
  const sessions = new Sessions(100);
  const limits: string[] = [];
  const connections = peers.map(([id, kib]) =>
    new Waiting(id, listener, kib * KIB)
  );
  for (const connection of connections) {
    sessions.reserve();
    sessions.add(connection);
  }
  const memory = new SendMemory(sessions, limit * KIB, {
    ...NO_OBSERVER,
    limited: (limit: LimitName, listener: ListenerName) =>
      void limits.push(`${limit} ${listener}`),
  });
  memory.check();
  const cut = connections.filter(({ isOpen }) => !isOpen);
  assertEquals(limits, cut.map(() => `SEND_MEMORY_LIMIT ${listener}`));
  return { cut: cut.map(({ id }) => id), connections, memory };
}

Deno.test("SendMemory.check() leaves everybody alone up to the limit", () => {
  assertEquals(cutOff(300, [["a", 100], ["b", 200]]).cut, []);
});

Deno.test("SendMemory.check() cuts off who has the most waiting, and no more than needed", () => {
  const peers = [["a", 200], ["b", 500], ["c", 300], ["d", 400]] as const;
  assertEquals(cutOff(600, peers).cut, ["b", "d"]);
});

Deno.test("SendMemory.check() does not count what is little", () => {
  const little = Array.from({ length: 50 }, (_, i) => [`${i}`, 63] as const);
  assertEquals(cutOff(100, [...little, ["a", 90]]).cut, []);
  assertEquals(cutOff(100, [...little, ["a", 110]]).cut, ["a"]);
});

Deno.test("SendMemory.check() closes with 1008, and gives memory back on the frame listener", () => {
  const { connections: [frame] } = cutOff(100, [["a", 200]], "frame");
  const { connections: [edge] } = cutOff(100, [["a", 200]], "edge");
  assert(frame!.sent[0]!.payload.startsWith("03f0"), "no 1008");
  assert(edge!.sent[0]!.payload.startsWith("03f0"), "no 1008");
  assertEquals([frame!.aborted, edge!.aborted], [true, false]);
});

Deno.test("SendMemory.check() goes on counting what the edge listener cannot give back", () => {
  const peers = [["a", 900], ["b", 100]] as const;
  const { connections: [, b], memory } = cutOff(600, peers, "edge");
  assertEquals(b!.isOpen, true);
  memory.check();
  assertEquals(b!.isOpen, false);
});

testWith(
  { net: true },
  "SendMemory.check() ends a peer of the frame listener that reads nothing, in time",
  async () => {
    await using server = serve({
      limits: { closeTimeout: 100, sendBufferLimit: 64 * 2 ** 20 },
      routes: {
        "/much": {
          frame() {},
          open(connection: Connection) {
            connection.send(new Uint8Array(32 * 2 ** 20));
          },
        },
      },
    });
    using greedy = await RawPeer.connect(server.address);
    await greedy.write(
      "GET /much HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
    );
    using modest = await RawPeer.upgrade(server.address, "/ws");
    const { sessions } = server.service;
    new SendMemory(sessions, 2 ** 20, NO_OBSERVER).check();
    assertEquals((await server.nextClosed()).code, 1006);
    assertEquals(sessions.size, 1);
    await modest.write(Uint8Array.of(0x81, 0x81, 0, 0, 0, 0, 0x61));
    assertEquals(await modest.text(), "a");
  },
);
