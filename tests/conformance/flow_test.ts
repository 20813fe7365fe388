import { assert, assertEquals } from "@std/assert";
import type { Connection, WebSocketHandler } from "../../lib/websocket.ts";
import { repeated } from "../integration/support/within.ts";
import { testWith } from "../permissions.ts";
import { assertSameBytes, TestClient } from "./client.ts";
import { recorder } from "./recorder.ts";
import { serve, type TestServer } from "./server.ts";
import {
  binary,
  type Bytes,
  close,
  concat,
  continuation,
  serverFrame,
  text,
} from "./wire.ts";

const NET = { net: true } as const;
const MIB = 2 ** 20;

/** Bytes of a message in a flood. */
const SIZE = 16 * 1024;

/** Bytes that the system's four buffers hold at most before a stall. */
const KERNEL = 40 * MIB;

/** Bytes that the listener may hold for a client. */
const HELD = MIB;

/** The payload of a flood's message. */
function numbered(index: number): Bytes {
  const payload = new Uint8Array(SIZE).fill(index);
  new DataView(payload.buffer).setUint32(0, index);
  return payload;
}

/** Sends messages, and counts the bytes that the operating system took. */
function flood(rawClient: TestClient, count: number) {
  const state = { accepted: 0, done: Promise.resolve() };
  state.done = (async () => {
    for (let i = 0; i < count; i++) {
      const bytes = binary(numbered(i));
      await rawClient.write(bytes);
      state.accepted += bytes.length;
    }
  })();
  return state;
}

/** Waits until a count does not change while another client is served. */
async function stalled(
  server: TestServer,
  count: () => number,
): Promise<void> {
  using other = await TestClient.open(server.address);
  for (let before = -1; before !== count();) {
    before = count();
    for (let i = 0; i < 300; i++) {
      await other.write(text(`${i}`));
      assertEquals(await other.text(), `${i}`);
    }
  }
  await other.close();
}

async function expectNumbered(
  rawClient: TestClient,
  count: number,
): Promise<void> {
  for (let i = 0; i < count; i++) {
    const { opcode, final, payload } = await rawClient.frame();
    assertEquals([opcode, final], [2, true]);
    assertSameBytes(payload, numbered(i));
  }
}

/** The oldest open connection of the service. */
function oldest(server: TestServer): Connection {
  return server.service.sessions.list().next().value!;
}

for (const path of ["/ws", "/frames"]) {
  testWith(
    NET,
    `${path}: the server reads no further from a client that sends 64 MB and does not read; later every byte arrives`,
    async () => {
      await using server = serve();
      using rawClient = await TestClient.open(server.address, path);
      const count = 64 * MIB / SIZE;
      const sending = flood(rawClient, count);
      await stalled(server, () => sending.accepted);
      assert(sending.accepted < KERNEL, `${sending.accepted} bytes were taken`);
      const { bufferedAmount, isOpen } = oldest(server);
      assert(isOpen);
      assert(bufferedAmount <= HELD, `${bufferedAmount} bytes are held`);
      await Promise.all([sending.done, expectNumbered(rawClient, count)]);
      await rawClient.close();
    },
  );
}

testWith(
  NET,
  "a client that does not read is not silent",
  repeated(async () => {
    await using server = serve({ limits: { idleTimeout: 600 } });
    using rawClient = await TestClient.open(server.address);
    const count = 48 * MIB / SIZE;
    const sending = flood(rawClient, count);
    await stalled(server, () => sending.accepted);
    for (let i = 0; i < 2; i++) {
      using silent = await TestClient.open(server.address);
      await silent.expect(serverFrame("ping"));
      await silent.expectEnd();
      await server.nextClosed();
    }
    await Promise.all([sending.done, expectNumbered(rawClient, count)]);
    await rawClient.close();
  }),
);

testWith(NET, "a stalled client that disconnects is removed", async () => {
  await using server = serve();
  {
    using rawClient = await TestClient.open(server.address);
    const sending = flood(rawClient, 64 * MIB / SIZE);
    sending.done.catch(() => {});
    await stalled(server, () => sending.accepted);
  }
  const events = [await server.nextClosed(), await server.nextClosed()];
  assertEquals(events.map(({ code }) => code).sort(), [1000, 1006]);
});

testWith(
  NET,
  "a stalled client gets the CLOSE after all echoes",
  async () => {
    await using server = serve();
    using rawClient = await TestClient.open(server.address);
    const count = 48 * MIB / SIZE;
    const sending = flood(rawClient, count);
    await stalled(server, () => sending.accepted);
    const closing = sending.done.then(() =>
      rawClient.write(close(1000, "read all"))
    );
    await Promise.all([closing, expectNumbered(rawClient, count)]);
    await rawClient.expectClose(1000, "read all");
  },
);

testWith(
  NET,
  "while a handler's promise is pending its client is not read from",
  async () => {
    const released = Promise.withResolvers<void>();
    const { handler, next } = recorder({}, async (connection, frame) => {
      await released.promise;
      connection.send(frame);
    });
    await using server = serve({ routes: { "/held": handler } });
    using rawClient = await TestClient.open(server.address, "/held");
    const count = 48 * MIB / SIZE;
    const sending = flood(rawClient, count);
    await next();
    await stalled(server, () => sending.accepted);
    assert(sending.accepted < KERNEL, `${sending.accepted} bytes were taken`);
    released.resolve();
    await Promise.all([sending.done, expectNumbered(rawClient, count)]);
    await rawClient.close();
  },
);

testWith(
  NET,
  '§5.2 receive "part": a frame of 64 MB passes in small pieces',
  async () => {
    const length = 64 * MIB;
    const block = Uint8Array.from({ length: MIB }, (_, i) => i % 251);
    let sum = 0;
    let largest = 0;
    let faults = 0;
    let ended = false;
    const handler: WebSocketHandler = {
      receive: "part",
      frame(_, piece) {
        const { payload, left, final } = piece;
        const first = payload[0] === block[sum % MIB];
        sum += payload.length;
        const last = payload.at(-1) === block[(sum - 1) % MIB];
        const whole = piece.length === length && left === length - sum;
        if (!first || !last || !whole || ended) faults++;
        largest = Math.max(largest, payload.length);
        ended = final;
      },
    };
    await using server = serve({ routes: { "/sink": handler } });
    using rawClient = await TestClient.open(server.address, "/sink");
    await rawClient.write(binary("", { mask: new Uint8Array(4), length }));
    for (let at = 0; at < length; at += MIB) await rawClient.write(block);
    await rawClient.close();
    assertEquals({ sum, faults, ended }, {
      sum: length,
      faults: 0,
      ended: true,
    });
    assert(largest <= MIB, `a piece of ${largest} bytes`);
  },
);

testWith(
  NET,
  "§5.4 fragments without end are counted, not piled up",
  async () => {
    await using server = serve({ limits: { maxPayload: MIB } });
    using rawClient = await TestClient.open(server.address);
    const fragment = new Uint8Array(64 * 1024);
    await rawClient.write(binary(fragment, { final: false }));
    const more = continuation(fragment, { final: false });
    for (let i = 0; i < 100; i++) await rawClient.write(more);
    await rawClient.expectFailure(1009);
  },
);

testWith(
  NET,
  "echoes, copies and queued sends arrive complete when they are mixed",
  async () => {
    const { handler } = recorder({}, (connection, frame) => {
      switch (frame.payload[0]! % 3) {
        case 0:
          return connection.send(frame);
        case 1:
          return connection.send(frame.payload.slice());
        default: {
          const copy = frame.payload.slice();
          connection.queueWork(() => connection.send(copy));
        }
      }
    });
    await using server = serve({ routes: { "/mix": handler } });
    using rawClient = await TestClient.open(server.address, "/mix");
    const messages = Array.from({ length: 3000 }, (_, i) => {
      const length = i % 100 === 0 ? 70_000 : 3 + (i * 7919) % 900;
      const payload = new Uint8Array(length).fill(i >> 4);
      payload.set([i, i >> 8, length]);
      return payload;
    });
    const bytes = concat(...messages.map((payload) => binary(payload)));
    const write = async () => {
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const end = at + 1 + (turn * 104_729) % 9000;
        await rawClient.write(bytes.subarray(at, end));
        at = end;
      }
    };
    const kinds: Uint8Array[][] = [[], [], []];
    const read = async () => {
      for (let i = 0; i < messages.length; i++) {
        const { payload } = await rawClient.frame();
        kinds[payload[0]! % 3]!.push(payload);
      }
    };
    await Promise.all([write(), read()]);
    for (const [kind, arrived] of kinds.entries()) {
      const sent = messages.filter((payload) => payload[0]! % 3 === kind);
      assertSameBytes(concat(...arrived), concat(...sent));
    }
    await rawClient.close();
  },
);

testWith(
  NET,
  "a client that the handler floods is closed with 1008",
  async () => {
    const { handler } = recorder({}, (connection) => {
      while (connection.isOpen) connection.send(new Uint8Array(64 * 1024));
    });
    await using server = serve({
      limits: { sendBufferLimit: MIB },
      routes: { "/flood": handler },
    });
    using rawClient = await TestClient.open(server.address, "/flood");
    await rawClient.write(text("go"));
    for (;;) {
      const { opcode, payload } = await rawClient.frame();
      if (opcode === 2) continue;
      assertEquals([opcode, ...payload.subarray(0, 2)], [8, 0x03, 0xf0]);
      break;
    }
    await rawClient.write(close(1008));
    await rawClient.expectEnd();
  },
);

testWith(
  NET,
  "a handler may send much for one message, several times",
  async () => {
    const handler: WebSocketHandler = {
      frame(connection) {
        for (let i = 0; i < 4; i++) connection.send(new Uint8Array(MIB));
      },
    };
    await using server = serve({ routes: { "/much": handler } });
    using rawClient = await TestClient.open(server.address, "/much");
    for (let round = 0; round < 3; round++) {
      await rawClient.write(text("go"));
      for (let i = 0; i < 4; i++) {
        await rawClient.expect(serverFrame("binary", new Uint8Array(MIB)));
      }
    }
    await rawClient.close();
  },
);
