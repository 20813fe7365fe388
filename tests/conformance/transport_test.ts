import { assert, assertEquals } from "@std/assert";
import type {
  Connection,
  Frame,
  WebSocketHandler,
} from "../../lib/websocket.ts";
import { repeated } from "../integration/support/within.ts";
import { testWith } from "../permissions.ts";
import { TestClient } from "./client.ts";
import { recorder } from "./recorder.ts";
import { serve, type ServerOptions, type TestServer } from "./server.ts";
import { binary, close, ping, serverFrame, text } from "./wire.ts";

const NET = { net: true } as const;
const CUT = { code: 1006, reason: "", wasClean: false } as const;

/** A server with a route `/on`. */
function on(
  handler: WebSocketHandler,
  options: ServerOptions = {},
): TestServer {
  return serve({ ...options, routes: { "/on": handler } });
}

/** Echoes every message, and pauses before each. */
function pausing(): {
  handler: WebSocketHandler;
  connection: () => Connection;
} {
  let last: Connection | undefined;
  return {
    connection: () => last!,
    handler: {
      frame(connection, frame) {
        last = connection;
        connection.send(frame);
        connection.pauseReading();
      },
    },
  };
}

// abort()

testWith(NET, "abort() in open() ends after the 101", async () => {
  await using server = on({ open: (client) => client.abort(), frame() {} });
  using client = await TestClient.open(server.address, "/on");
  await client.expectEnd();
  assertEquals(await server.nextClosed(), CUT);
});

testWith(NET, "abort() in open() ends after the output", async () => {
  await using server = on({
    open(connection) {
      connection.send("hello");
      connection.abort();
      assert(!connection.isOpen);
      connection.send("never");
    },
    frame() {},
  });
  using client = await TestClient.open(server.address, "/on");
  await client.expect(serverFrame("text", "hello"));
  await client.expectEnd();
  assertEquals(await server.nextClosed(), CUT);
});

for (const way of ["in the handler", "from the work queue"] as const) {
  testWith(
    NET,
    `abort() ${way} ends after the echo, without a CLOSE`,
    async () => {
      await using server = on({
        frame(connection, frame) {
          connection.send(frame);
          if (way === "in the handler") connection.abort();
          else connection.queueWork(() => connection.abort());
        },
      });
      using client = await TestClient.open(server.address, "/on");
      await client.write(text("one"));
      await client.expect(serverFrame("text", "one"));
      await client.expectEnd();
      assertEquals(await server.ended(), [CUT]);
    },
  );
}

testWith(NET, "abort() drops input that arrived with the frame", async () => {
  const { handler, seen } = recorder({}, (connection) => connection.abort());
  await using server = on(handler);
  using client = await TestClient.open(server.address, "/on");
  await client.write(text("one"), text("two"), ping("?"), close(1000));
  await client.expectEnd();
  assertEquals(await server.ended(), [CUT]);
  assertEquals(seen.length, 1);
});

testWith(
  NET,
  "abort() after close() does not wait for the answer",
  async () => {
    await using server = on({
      frame(connection) {
        connection.close(1001, "bye");
        connection.abort();
      },
    }, { limits: { closeTimeout: 3_600_000 } });
    using client = await TestClient.open(server.address, "/on");
    await client.write(text("go"));
    await client.expectClose(1001, "bye");
    assertEquals(await server.nextClosed(), CUT);
  },
);

testWith(NET, "abort() does nothing after the end", async () => {
  let last: Connection | undefined;
  await using server = on({
    frame(connection) {
      last = connection;
      connection.abort();
      connection.abort();
    },
  });
  using client = await TestClient.open(server.address, "/on");
  await client.write(text("go"));
  await client.expectEnd();
  assertEquals(await server.ended(), [CUT]);
  last!.abort();
  last!.pauseReading();
  last!.resumeReading();
  assertEquals(server.closed.length, 1);
});

testWith(
  NET,
  "abort() disconnects a client that reads nothing after CLOSE_TIMEOUT",
  async () => {
    await using server = on({
      frame(connection) {
        connection.send(new Uint8Array(64 * 2 ** 20));
        connection.abort();
      },
    }, { limits: { closeTimeout: 100 } });
    using client = await TestClient.open(server.address, "/on");
    await client.write(text("go"));
    assertEquals(await server.nextClosed(), CUT);
  },
);

// pauseReading() and resumeReading()

testWith(
  NET,
  "pauseReading() delivers no frame after the current one",
  async () => {
    const { handler, connection } = pausing();
    await using server = on(handler);
    using client = await TestClient.open(server.address, "/on");
    await client.write(text("one"), text("two"), text("three"));
    for (const echo of ["one", "two", "three"]) {
      await client.expect(serverFrame("text", echo));
      connection().resumeReading();
    }
    await client.close();
  },
);

testWith(NET, "pauseReading() delays PING and CLOSE too", async () => {
  const { handler, connection } = pausing();
  await using server = on(handler);
  using client = await TestClient.open(server.address, "/on");
  await client.write(text("one"), ping("?"), close(1000, "done"));
  await client.expect(serverFrame("text", "one"));
  assertEquals(server.closed, []);
  connection().send("still paused");
  await client.expect(serverFrame("text", "still paused"));
  connection().resumeReading();
  await client.expect(serverFrame("pong", "?"));
  await client.expectClose(1000, "done");
});

testWith(NET, "pauseReading() in open() stops reading", async () => {
  const { handler, seen } = recorder({
    open(connection) {
      connection.pauseReading();
      connection.send("hello");
    },
  });
  await using server = on(handler, { limits: { sendBufferLimit: 2 ** 16 } });
  using client = await TestClient.open(server.address, "/on", {
    afterHead: text("early"),
  });
  await client.expect(serverFrame("text", "hello"));
  const [connection] = server.service.sessions.list();
  connection!.send("still paused");
  await client.expect(serverFrame("text", "still paused"));
  assertEquals(seen.length, 0);
  connection!.resumeReading();
  await client.close();
  assertEquals(seen.length, 1);
});

testWith(
  NET,
  "pauseReading() and resumeReading() in one call change nothing",
  async () => {
    await using server = on({
      open(connection) {
        connection.pauseReading();
        connection.resumeReading();
      },
      frame(connection, frame) {
        connection.pauseReading();
        connection.send(frame);
        connection.resumeReading();
      },
    });
    using client = await TestClient.open(server.address, "/on");
    await client.write(text("one"), text("two"));
    await client.expect(serverFrame("text", "one"), serverFrame("text", "two"));
    await client.close();
  },
);

testWith(
  NET,
  "resumeReading() on another connection does not change the current frame",
  async () => {
    let paused: Connection | undefined;
    await using server = serve({
      routes: {
        "/paused": {
          frame(connection: Connection, frame: Frame) {
            connection.send(frame);
            connection.pauseReading();
            paused = connection;
          },
        },
        "/on": {
          frame(connection: Connection, frame: Frame) {
            paused!.resumeReading();
            connection.send(frame);
          },
        },
      },
    });
    using first = await TestClient.open(server.address, "/paused");
    await first.write(text("one"), text("two"));
    await first.expect(serverFrame("text", "one"));
    using second = await TestClient.open(server.address, "/on");
    await second.write(binary("mine"));
    await second.expect(serverFrame("binary", "mine"));
    await first.expect(serverFrame("text", "two"));
    await second.close();
    paused!.resumeReading();
    await first.close();
  },
);

testWith(NET, "pauseReading() in a promise lasts longer", async () => {
  let last: Connection | undefined;
  await using server = on({
    async frame(connection, frame) {
      last = connection;
      await Promise.resolve();
      connection.send(frame);
      connection.pauseReading();
    },
  });
  using client = await TestClient.open(server.address, "/on");
  await client.write(text("one"), text("two"));
  await client.expect(serverFrame("text", "one"));
  last!.send("still paused");
  await client.expect(serverFrame("text", "still paused"));
  last!.resumeReading();
  await client.expect(serverFrame("text", "two"));
  last!.resumeReading();
  await client.close();
});

testWith(
  NET,
  "close() ends a pause: the client's CLOSE is read after frames that are dropped",
  async () => {
    const { handler, connection } = pausing();
    await using server = on(handler, { limits: { closeTimeout: 3_600_000 } });
    using client = await TestClient.open(server.address, "/on");
    await client.write(text("one"), text("dropped"));
    await client.expect(serverFrame("text", "one"));
    connection().close(1001, "bye");
    await client.write(close(1001));
    await client.expectClose(1001, "bye");
    assertEquals(await server.nextClosed(), {
      code: 1001,
      reason: "",
      wasClean: true,
    });
  },
);

testWith(
  NET,
  "a client that is not read from counts as silent, even if it sends",
  repeated(async () => {
    const { handler } = pausing();
    await using server = on(handler, { limits: { idleTimeout: 200 } });
    using client = await TestClient.open(server.address, "/on");
    await client.write(text("one"), text("two"));
    await client.expect(serverFrame("text", "one"), serverFrame("ping"));
    assertEquals(await server.nextClosed(), CUT);
  }),
);

testWith(
  NET,
  "a paused client that floods is not read from",
  async () => {
    const { handler, connection } = pausing();
    await using server = on(handler);
    using client = await TestClient.open(server.address, "/on");
    await client.write(text("one"));
    await client.expect(serverFrame("text", "one"));
    let written = 0;
    const flood = (async () => {
      for (; written < 64; written++) {
        await client.write(binary(new Uint8Array(2 ** 20)));
      }
    })().catch(() => {});
    using other = await TestClient.open(server.address);
    for (let before = -1; before !== written;) {
      before = written;
      for (let i = 0; i < 200; i++) {
        await other.write(text(`${i}`));
        assertEquals(await other.text(), `${i}`);
      }
    }
    assert(written < 64, "all of it was read");
    connection().abort();
    await flood;
    assertEquals(await server.nextClosed(), CUT);
    await other.close();
  },
);
