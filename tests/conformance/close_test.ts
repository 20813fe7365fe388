import { assertEquals } from "@std/assert";
import type { Connection, Frame } from "../../lib/websocket.ts";
import { testWith } from "../permissions.ts";
import { TestClient } from "./client.ts";
import { exchangeTest } from "./exchange.ts";
import { serve } from "./server.ts";
import {
  binary,
  type Bytes,
  close,
  closePayload,
  concat,
  continuation,
  frame,
  hex,
  ping,
  pong,
  serverFrame,
  text,
  toBytes,
  type WireFrame,
} from "./wire.ts";

const NET = { net: true } as const;
const OPEN = { final: false } as const;

/**
 * Registers a case in which the client closes first: its CLOSE is echoed,
 * whatever else it sends is ignored.
 */
function closeTest(
  name: string,
  { send, before = [], code, reason = "" }: {
    send: readonly Bytes[];
    before?: readonly WireFrame[];
    code?: number;
    reason?: string;
  },
): void {
  for (const size of [Infinity, 1]) {
    const way = size === 1 ? "byte by byte" : "in one write";
    testWith(NET, `${name}, ${way}`, async () => {
      await using server = serve();
      {
        using client = await TestClient.open(server.address);
        const all = concat(...send);
        await client.writeChopped(Math.min(size, all.length), all);
        await client.expect(...before);
        await client.expectClose(code, reason);
      }
      assertEquals(await server.ended(), [
        { code: code ?? 1005, reason, wasClean: true },
      ]);
    });
  }
}

// Autobahn 7.1.

closeTest("§7.1.1 a message and the CLOSE after it are answered [7.1.1]", {
  send: [text("Hello World!"), close(1000)],
  before: [serverFrame("text", "Hello World!")],
  code: 1000,
});

closeTest("§5.5.1 a second CLOSE is not answered [7.1.2]", {
  send: [close(1000), close(1000)],
  code: 1000,
});

closeTest("§5.5.1 a PING after CLOSE is not answered [7.1.3]", {
  send: [close(1000), ping("x")],
  code: 1000,
});

closeTest("§5.5.1 a message after CLOSE is not answered [7.1.4]", {
  send: [close(1000), text("x"), binary("y")],
  code: 1000,
});

closeTest("§5.5.1 a fragment after CLOSE is not answered [7.1.5]", {
  send: [text("a", OPEN), close(1000), continuation("b")],
  code: 1000,
});

closeTest("§5.5.1 PONG after CLOSE is ignored", {
  send: [close(1000), pong("x")],
  code: 1000,
});

closeTest("§5.5.1 an illegal frame after CLOSE is ignored", {
  send: [close(1000), hex("ffffffff")],
  code: 1000,
});

testWith(
  NET,
  "§7.1.1 a message of 256 KiB and a CLOSE are answered, a PING after it is not [7.1.6]",
  async () => {
    await using server = serve();
    using client = await TestClient.open(server.address);
    const message = "BAsd7&jh23".repeat(26_214);
    const reads = async () => {
      await client.expect(serverFrame("text", message));
      await client.expectClose(1000);
    };
    await Promise.all([
      client.write(text(message), close(1000), ping("x")),
      reads(),
    ]);
  },
);

testWith(
  NET,
  "§7.1.1 frames after the answered CLOSE are ignored",
  async () => {
    await using server = serve();
    {
      using client = await TestClient.open(server.address);
      await client.close(1000);
      await client.write(text("x"), ping("y"), new Uint8Array(100_000));
    }
    assertEquals(await server.ended(), [
      { code: 1000, reason: "", wasClean: true },
    ]);
  },
);

// Autobahn 7.3.

closeTest("§5.5.1 an empty CLOSE is answered with an empty CLOSE [7.3.1]", {
  send: [close()],
});

exchangeTest("§5.5.1 CLOSE of one byte fails with 1002 [7.3.2]", {
  send: [frame(8, "a")],
  fails: 1002,
});

closeTest("§5.5.1 CLOSE with a code is echoed [7.3.3]", {
  send: [close(1000)],
  code: 1000,
});

closeTest("§5.5.1 CLOSE with code and reason is echoed [7.3.4]", {
  send: [close(1000, "Hello World!")],
  code: 1000,
  reason: "Hello World!",
});

for (const reason of ["*".repeat(123), "€".repeat(41), "ä€😀"]) {
  const { length } = toBytes(reason);
  closeTest(`§5.5.1 a reason of ${length} bytes is echoed [7.3.5]`, {
    send: [close(1000, reason)],
    code: 1000,
    reason,
  });
}

exchangeTest("§5.5.1 a reason of 124 bytes fails with 1002 [7.3.6]", {
  send: [close(1000, "*".repeat(124))],
  fails: 1002,
});

// Autobahn 7.5.

for (
  const bad of [
    "cebae1bdb9cf83cebcceb5eda080656469746564",
    "ff",
    "c3",
    "61f09f98",
  ]
) {
  exchangeTest(
    `§5.5.1 a reason of ${bad} is not UTF-8 and fails with 1007 [7.5.1]`,
    {
      send: [close(1000, hex(bad))],
      fails: 1007,
    },
  );
}

// Autobahn 7.7, 7.9, 7.13.

for (
  const code of [
    ...[1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011],
    ...[1012, 1013, 1014],
    ...[3000, 3999, 4000, 4999],
  ]
) {
  closeTest(`§7.4 close code ${code} is echoed [7.7]`, {
    send: [close(code)],
    code,
  });
}

for (
  const code of [
    ...[0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999],
    ...[5000, 32768, 65535],
  ]
) {
  exchangeTest(`§7.4 close code ${code} fails with 1002 [7.9, 7.13]`, {
    send: [close(code)],
    fails: 1002,
  });
  exchangeTest(`§7.4 close code ${code} with a reason fails with 1002`, {
    send: [close(code, "reason")],
    fails: 1002,
  });
}

// Frames after a fault.

exchangeTest("§7.1.7 frames after a fault are not answered", {
  send: [text("x", { rsv: 1 }), text("y"), ping(), close(1000)],
  fails: 1002,
});

testWith(NET, "§7.1.7 megabytes after a fault are dropped", async () => {
  await using server = serve();
  {
    using client = await TestClient.open(server.address);
    await client.write(text("x", { rsv: 1 }));
    for (let i = 0; i < 64; i++) await client.write(new Uint8Array(65536));
    await client.expectFailure(1002);
  }
  assertEquals((await server.ended()).map(({ code }) => code), [1002]);
});

// The server closes first.

/** A service that closes a client with the code and reason of its text. */
function closing(limits = {}) {
  return serve({
    limits,
    routes: {
      "/close": {
        frame(connection: Connection, frame: Frame) {
          if (frame.opcode !== "text") return connection.send(frame);
          const { code, reason } = JSON.parse(frame.text());
          connection.close(code, reason);
        },
      },
    },
  });
}

const ORDERS: readonly { code?: number; reason?: string }[] = [
  {},
  { code: 1000 },
  { code: 1001, reason: "going" },
  { code: 4999, reason: "€".repeat(41) },
];

for (const order of ORDERS) {
  const what = JSON.stringify(order);
  testWith(NET, `§7.1.2 the server closes with ${what}`, async () => {
    await using server = closing();
    {
      using client = await TestClient.open(server.address, "/close");
      await client.write(text(what));
      await client.expect(
        serverFrame("close", closePayload(order.code, order.reason)),
      );
      await client.write(close(order.code, order.reason));
      await client.expectEnd();
    }
    assertEquals(await server.ended(), [{
      code: order.code ?? 1005,
      reason: order.reason ?? "",
      wasClean: true,
    }]);
  });
}

testWith(NET, "§7.1.5 the close event has the client's own code", async () => {
  await using server = closing();
  {
    using client = await TestClient.open(server.address, "/close");
    await client.write(text('{"code":1001}'));
    await client.expect(serverFrame("close", closePayload(1001)));
    await client.write(close(4000, "mine"));
    await client.expectEnd();
  }
  assertEquals(await server.ended(), [
    { code: 4000, reason: "mine", wasClean: true },
  ]);
});

testWith(NET, "§5.5.1 the server answers nothing after its CLOSE", async () => {
  await using server = closing();
  {
    using client = await TestClient.open(server.address, "/close");
    await client.write(text('{"code":1000}'), binary("in flight"), ping("x"));
    await client.expect(serverFrame("close", closePayload(1000)));
    await client.write(binary("late"), ping("y"), text("z", OPEN), close(1000));
    await client.expectEnd();
  }
  assertEquals(await server.ended(), [
    { code: 1000, reason: "", wasClean: true },
  ]);
});

testWith(
  NET,
  "§7.1.2 the close is clean when both sides send CLOSE at the same time",
  async () => {
    await using server = closing();
    {
      using client = await TestClient.open(server.address, "/close");
      await client.write(text('{"code":1001}'), close(1000, "same time"));
      await client.expectClose(1001);
    }
    assertEquals(await server.ended(), [
      { code: 1000, reason: "same time", wasClean: true },
    ]);
  },
);

testWith(
  NET,
  "§7.1.7 the server ends TCP when an illegal frame arrives instead of CLOSE",
  async () => {
    await using server = closing();
    {
      using client = await TestClient.open(server.address, "/close");
      await client.write(text('{"code":1000}'));
      await client.expect(serverFrame("close", closePayload(1000)));
      await client.write(text("x", { rsv: 7 }));
      await client.expectEnd();
    }
    const [event, ...more] = await server.ended();
    assertEquals([event!.wasClean, more], [false, []]);
  },
);

testWith(
  NET,
  "§7.1.1 a client that does not answer is disconnected after CLOSE_TIMEOUT",
  async () => {
    await using server = closing({ closeTimeout: 200 });
    {
      using client = await TestClient.open(server.address, "/close");
      await client.write(text('{"code":1000}'));
      await client.expectClose(1000);
      assertEquals(await server.nextClosed(), {
        code: 1006,
        reason: "",
        wasClean: false,
      });
      // The client has not ended, and the server does not wait for it.
      await server.ended();
    }
    assertEquals(server.closed.length, 1);
  },
);

testWith(
  NET,
  "§7.1.1 a client that does not end TCP is left after CLOSE_TIMEOUT",
  async () => {
    await using server = closing({ closeTimeout: 200 });
    using client = await TestClient.open(server.address);
    await client.close(1000, "done");
    assertEquals(await server.ended(), [
      { code: 1000, reason: "done", wasClean: true },
    ]);
  },
);

testWith(
  NET,
  "§7.1.7 the server closes the TCP connection of a faulty client that does not",
  async () => {
    await using server = closing({ closeTimeout: 200 });
    using client = await TestClient.open(server.address);
    await client.write(text("x", { rsv: 1 }));
    const reason = await client.expectFailure(1002);
    assertEquals(await server.ended(), [
      { code: 1002, reason, wasClean: false },
    ]);
  },
);

testWith(NET, "§7.1.5 a client that ends without CLOSE is 1006", async () => {
  await using server = serve();
  {
    using client = await TestClient.open(server.address);
    await client.write(text("hello"));
    assertEquals(await client.text(), "hello");
  }
  assertEquals(await server.ended(), [
    { code: 1006, reason: "", wasClean: false },
  ]);
});

testWith(
  NET,
  "§7.1.5 a client that disconnects inside a frame is reported as 1006",
  async () => {
    await using server = serve();
    {
      using client = await TestClient.open(server.address);
      await client.write(text("x".repeat(1000)).subarray(0, 500));
      await client.endWrites();
      await client.expectEnd();
    }
    assertEquals(await server.ended(), [
      { code: 1006, reason: "", wasClean: false },
    ]);
  },
);

testWith(
  NET,
  "§7.1.5 a client that resets the connection is 1006",
  async () => {
    await using server = serve();
    {
      using client = await TestClient.open(server.address);
      // The client closes with an unread echo, so the system resets the connection.
      await client.write(
        binary(new Uint8Array(1000)),
        binary(new Uint8Array(1000)),
      );
      await client.take(1);
    }
    assertEquals(await server.ended(), [
      { code: 1006, reason: "", wasClean: false },
    ]);
  },
);

testWith(
  NET,
  "§7.1.5 a client that disconnects after the server's CLOSE is reported as 1006",
  async () => {
    await using server = closing();
    {
      using client = await TestClient.open(server.address, "/close");
      await client.write(text('{"code":1000}'));
      await client.expect(serverFrame("close", closePayload(1000)));
    }
    assertEquals(await server.ended(), [
      { code: 1006, reason: "", wasClean: false },
    ]);
  },
);

testWith(NET, "§7.1.1 a half-closed client gets its echoes", async () => {
  await using server = serve();
  {
    using client = await TestClient.open(server.address);
    await client.write(text("a"), binary(new Uint8Array(300_000)), ping("p"));
    await client.endWrites();
    await client.expect(
      serverFrame("text", "a"),
      serverFrame("binary", new Uint8Array(300_000)),
      serverFrame("pong", "p"),
    );
    await client.expectEnd();
  }
  assertEquals(await server.ended(), [
    { code: 1006, reason: "", wasClean: false },
  ]);
});

testWith(
  NET,
  "§7.1.1 a half-closed client gets the answer to its CLOSE",
  async () => {
    await using server = serve();
    {
      using client = await TestClient.open(server.address);
      await client.write(text("a"), close(1000, "bye"));
      await client.endWrites();
      await client.expect(serverFrame("text", "a"));
      await client.expectClose(1000, "bye");
    }
    assertEquals(await server.ended(), [
      { code: 1000, reason: "bye", wasClean: true },
    ]);
  },
);

testWith(
  NET,
  "§7.1.1 a half-closed client gets messages of the work queue",
  async () => {
    await using server = serve();
    using client = await TestClient.open(server.address);
    await client.write(text("Trigger async"));
    await client.endWrites();
    await client.expect(serverFrame("text", "Async data"));
    await client.expectEnd();
  },
);

testWith(NET, "§7.1.1 Sessions.closeAll() closes all connections", async () => {
  await using server = serve();
  using first = await TestClient.open(server.address);
  using second = await TestClient.open(server.address, "/frames");
  server.service.sessions.closeAll(1001, "bye");
  for (const client of [first, second]) {
    await client.expect(serverFrame("close", closePayload(1001, "bye")));
    await client.write(close(1001));
    await client.expectEnd();
    client[Symbol.dispose]();
  }
  assertEquals(
    await server.ended(),
    Array(2).fill({ code: 1001, reason: "", wasClean: true }),
  );
});

testWith(
  NET,
  "§7.2.2 a connection slot is free again after each end",
  async () => {
    await using server = serve();
    for (const bytes of [close(), text("x", { rsv: 1 }), new Uint8Array(0)]) {
      {
        using client = await TestClient.open(server.address, "/ws", {
          afterHead: bytes,
        });
        if (bytes.length > 0) await client.frame();
      }
      await server.nextClosed();
      await server.service.sessions.emptied();
    }
    assertEquals(server.closed.length, 3);
  },
);

testWith(
  NET,
  "§7.1.1 a client that reads late gets all frames before the CLOSE",
  async () => {
    await using server = closing({ closeTimeout: 200 });
    using client = await TestClient.open(server.address);
    // More than the system's buffers hold, so that the echo waits for its reader.
    const message = new Uint8Array(15 * 2 ** 20);
    const sending = client.write(binary(message), close(1000, "late"));
    // CLOSE_TIMEOUT passes meanwhile: another client does not answer.
    using other = await TestClient.open(server.address, "/close");
    await other.write(text("{}"));
    assertEquals((await server.nextClosed()).code, 1006);
    await client.expect(serverFrame("binary", message));
    await client.expectClose(1000, "late");
    await sending;
    const event = { code: 1000, reason: "late", wasClean: true };
    assertEquals(await server.nextClosed(), event);
  },
);
