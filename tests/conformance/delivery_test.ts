import { assert, assertEquals } from "@std/assert";
import type {
  Connection,
  Frame,
  WebSocketHandler,
} from "../../lib/websocket.ts";
import { testWith } from "../permissions.ts";
import { TestClient } from "./client.ts";
import { note, recorder, type Seen, whole } from "./recorder.ts";
import { serve, type TestServer } from "./server.ts";
import {
  binary,
  type Bytes,
  close,
  closePayload,
  concat,
  continuation,
  hex,
  ping,
  pong,
  serverFrame,
  text,
} from "./wire.ts";

const NET = { net: true } as const;
const OPEN = { final: false } as const;

/** Every kind of frame that a client may send, except CLOSE. */
const STREAM = concat(
  text("one"),
  ping("p1"),
  text("tw", OPEN),
  pong("p2"),
  continuation("", OPEN),
  continuation("o"),
  binary(hex("00ff")),
  binary(""),
);

/** The frames of the stream and a CLOSE, as a handler of control frames receives them. */
const OBSERVED = [
  whole("text", "one"),
  whole("ping", "p1"),
  whole("text", "tw", false),
  whole("pong", "p2"),
  whole("continuation", "", false),
  whole("continuation", "o"),
  whole("binary", hex("00ff")),
  whole("binary", ""),
  whole("close", closePayload(1000, "bye")),
];

for (const size of [1, 3, 1000]) {
  const chopped = `sent in chunks of ${size}`;

  testWith(
    NET,
    `§5.4 receive "message": whole messages, ${chopped}`,
    async () => {
      const { handler, seen } = recorder({ receive: "message" });
      await using server = serve({ routes: { "/record": handler } });
      {
        using client = await TestClient.open(server.address, "/record");
        await client.writeChopped(size, STREAM);
        await client.expect(serverFrame("pong", "p1"));
        await client.close();
      }
      assertEquals(seen, [
        whole("text", "one"),
        whole("text", "two"),
        whole("binary", hex("00ff")),
        whole("binary", ""),
      ]);
    },
  );

  testWith(
    NET,
    `§5.2 receive "frame": opcode and FIN of each, ${chopped}`,
    async () => {
      const { handler, seen } = recorder({ receive: "frame" });
      await using server = serve({ routes: { "/record": handler } });
      {
        using client = await TestClient.open(server.address, "/record");
        await client.writeChopped(size, STREAM);
        await client.expect(serverFrame("pong", "p1"));
        await client.close();
      }
      assertEquals(seen, [
        whole("text", "one"),
        whole("text", "tw", false),
        whole("continuation", "", false),
        whole("continuation", "o"),
        whole("binary", hex("00ff")),
        whole("binary", ""),
      ]);
    },
  );

  testWith(
    NET,
    `§5.5 controlFrames: PING, PONG and CLOSE in their place, ${chopped}`,
    async () => {
      const { handler, seen } = recorder(
        { receive: "frame", controlFrames: true },
        (connection, frame) => {
          if (frame.opcode === "close") connection.send(frame);
        },
      );
      await using server = serve({ routes: { "/record": handler } });
      {
        using client = await TestClient.open(server.address, "/record");
        await client.writeChopped(size, STREAM, close(1000, "bye"));
        // Only the handler's own answer: no PONG.
        await client.expectClose(1000, "bye");
      }
      assertEquals(seen, OBSERVED);
      assertEquals(await server.ended(), [
        { code: 1000, reason: "bye", wasClean: true },
      ]);
    },
  );

  testWith(
    NET,
    `§5.5 controlFrames "observe": the server answers PING and CLOSE, ${chopped}`,
    async () => {
      const { handler, seen } = recorder(
        { receive: "frame", controlFrames: "observe" },
        (connection, { opcode }) => {
          if (opcode === "ping") connection.send("observed");
          if (opcode === "close") assertEquals(connection.isOpen, false);
        },
      );
      await using server = serve({ routes: { "/record": handler } });
      {
        using client = await TestClient.open(server.address, "/record");
        await client.writeChopped(size, STREAM, close(1000, "bye"));
        await client.expect(
          serverFrame("pong", "p1"),
          serverFrame("text", "observed"),
        );
        await client.expectClose(1000, "bye");
      }
      assertEquals(seen, OBSERVED);
      assertEquals(await server.ended(), [
        { code: 1000, reason: "bye", wasClean: true },
      ]);
    },
  );

  testWith(
    NET,
    `§5.5 receive "part": control frames in their place, ${chopped}`,
    async () => {
      const { handler, seen } = recorder(
        { receive: "part", controlFrames: true },
        (connection, frame) => {
          if (frame.opcode === "close") connection.send(frame);
        },
      );
      await using server = serve({ routes: { "/record": handler } });
      {
        using client = await TestClient.open(server.address, "/record");
        await client.writeChopped(size, STREAM, close());
        await client.expectClose();
      }
      assertEquals(
        seen.filter(({ left }) => left === 0).map(({ opcode }) => opcode),
        [
          ...["text", "ping", "text", "pong", "continuation", "continuation"],
          ...["binary", "binary", "close"],
        ],
      );
      assertParts(
        seen.slice(0, seen.findIndex(({ opcode }) => opcode === "ping")),
        hex("6f6e65"),
        true,
      );
    },
  );
}

/** Checks the parts of one frame: length, left, final, and the payload. */
function assertParts(pieces: readonly Seen[], payload: Bytes, final: boolean) {
  let at = 0;
  for (const piece of pieces) {
    const bytes = hex(piece.payload);
    assertEquals(piece.length, payload.length);
    assertEquals(piece.opcode, pieces[0]!.opcode);
    assertEquals(bytes, payload.subarray(at, at + bytes.length));
    assertEquals(piece.offset, at);
    at += bytes.length;
    assertEquals(piece.left, payload.length - at);
    assertEquals(piece.final, final && piece.left === 0);
  }
  assertEquals(at, payload.length);
  assertEquals(pieces.at(-1)!.left, 0);
}

for (const length of [0, 1, 125, 126, 65535, 65536, 300_000]) {
  for (const final of [true, false]) {
    const fin = final ? "with" : "without";
    testWith(
      NET,
      `§5.2 receive "part": ${length} bytes ${fin} FIN, piece by piece`,
      async () => {
        const { handler, seen } = recorder({ receive: "part" });
        await using server = serve({ routes: { "/record": handler } });
        const payload = crypto.getRandomValues(
          new Uint8Array(Math.min(length, 65536)),
        );
        const bytes = concat(payload, new Uint8Array(length - payload.length));
        {
          using client = await TestClient.open(server.address, "/record");
          await client.write(binary(bytes, { final }));
          await client.close();
        }
        assertParts(seen, bytes, final);
      },
    );
  }
}

testWith(
  NET,
  '§5.2 receive "part": a piece comes before the frame is complete',
  async () => {
    const record = recorder({ receive: "part" });
    await using server = serve({ routes: { "/record": record.handler } });
    using client = await TestClient.open(server.address, "/record");
    const bytes = text("abcdef");
    await client.write(bytes.subarray(0, 8));
    assertEquals(await record.next(), {
      opcode: "text",
      final: false,
      payload: "6162",
      length: 6,
      offset: 0,
      left: 4,
    });
    await client.write(bytes.subarray(8, 9));
    assertEquals((await record.next()).left, 3);
    await client.write(bytes.subarray(9));
    assertEquals(await record.next(), {
      opcode: "text",
      final: true,
      payload: "646566",
      length: 6,
      offset: 3,
      left: 0,
    });
    await client.close();
  },
);

testWith(
  NET,
  '§5.2 receive "part": whole frames of one piece are echoed',
  async () => {
    const { handler } = recorder(
      { receive: "part" },
      (connection, frame) => connection.send(frame),
    );
    await using server = serve({ routes: { "/record": handler } });
    using client = await TestClient.open(server.address, "/record");
    await client.write(text("a"), text("b", OPEN), continuation("c"), text(""));
    await client.expect(
      serverFrame("text", "a"),
      serverFrame("text", "b", false),
      serverFrame("continuation", "c"),
      serverFrame("text", ""),
    );
    await client.close();
  },
);

for (const path of ["/ws", "/frames"]) {
  testWith(
    NET,
    `§5.2 ${path}: a payload that begins a segment is echoed`,
    async () => {
      await using server = serve();
      using client = await TestClient.open(server.address, path);
      for (const length of [1, 100, 126, 400]) {
        const bytes = binary(new Uint8Array(length).fill(length));
        await client.write(bytes.subarray(0, -length));
        using other = await TestClient.open(server.address, "/ws", {
          afterHead: ping(),
        });
        await other.expect(serverFrame("pong"));
        await client.write(bytes.subarray(-length));
        await client.expect(
          serverFrame("binary", new Uint8Array(length).fill(length)),
        );
      }
      await client.close();
    },
  );
}

// /control.

function report(number: number, opcode: string, payload: string): string {
  const { length } = payload;
  const digits = new TextEncoder().encode(payload).toHex();
  return JSON.stringify({
    opcode,
    number,
    final: true,
    length,
    payload: digits,
  });
}

testWith(
  NET,
  "§5.5 /control reports PING, PONG and CLOSE, then answers",
  async () => {
    await using server = serve();
    {
      using client = await TestClient.open(server.address, "/control");
      await client.write(ping("in"), pong("out"), text("data"), close());
      await client.expect(
        serverFrame("text", report(9, "ping", "in")),
        serverFrame("pong", "in"),
        serverFrame("text", report(10, "pong", "out")),
        serverFrame("text", "data"),
        serverFrame("text", report(8, "close", "")),
      );
      await client.expectClose();
    }
    assertEquals(await server.ended(), [
      { code: 1005, reason: "", wasClean: true },
    ]);
  },
);

testWith(
  NET,
  "§5.5 /control reports control frames between fragments",
  async () => {
    await using server = serve();
    using client = await TestClient.open(server.address, "/control");
    await client.write(text("a", OPEN), ping(), continuation("b"));
    await client.expect(
      serverFrame("text", report(9, "ping", "")),
      serverFrame("pong"),
      serverFrame("text", "ab"),
    );
    await client.write(close(1000));
    assertEquals(JSON.parse(await client.text()).payload, "03e8");
    await client.expectClose(1000);
  },
);

testWith(
  NET,
  "§5.5.1 a handler may send between the client's CLOSE and its own",
  async () => {
    const { handler } = recorder(
      { controlFrames: true },
      (connection, frame) => {
        if (frame.opcode !== "close") return;
        assert(connection.isOpen);
        connection.send("last");
        connection.ping();
        connection.close(4000, "mine");
        assert(!connection.isOpen);
        connection.send("too late");
      },
    );
    await using server = serve({ routes: { "/record": handler } });
    {
      using client = await TestClient.open(server.address, "/record");
      await client.write(close(1000, "theirs"));
      await client.expect(serverFrame("text", "last"), serverFrame("ping"));
      await client.expectClose(4000, "mine");
    }
    assertEquals(await server.ended(), [
      { code: 1000, reason: "theirs", wasClean: true },
    ]);
  },
);

testWith(NET, "§5.5.1 a handler may answer a CLOSE later", async () => {
  const { handler } = recorder({ controlFrames: true }, (connection, frame) => {
    if (frame.opcode === "close") {
      connection.queueWork(() => connection.close(1000));
    }
  });
  await using server = serve({ routes: { "/record": handler } });
  {
    using client = await TestClient.open(server.address, "/record");
    await client.write(close(1001));
    await client.expectClose(1000);
  }
  assertEquals(await server.ended(), [
    { code: 1001, reason: "", wasClean: true },
  ]);
});

testWith(
  NET,
  "§5.5.1 a handler that never answers a CLOSE is cut off",
  async () => {
    const { handler } = recorder({ controlFrames: true });
    await using server = serve({
      limits: { closeTimeout: 200 },
      routes: { "/record": handler },
    });
    using client = await TestClient.open(server.address, "/record");
    await client.write(close(1000, "bye"));
    await client.expectEnd();
    assertEquals(await server.nextClosed(), {
      code: 1000,
      reason: "bye",
      wasClean: false,
    });
  },
);

testWith(
  NET,
  "§5.5.1 controlFrames: the answer to the server's CLOSE is delivered",
  async () => {
    const record = recorder({ controlFrames: true }, (connection, frame) => {
      if (frame.opcode === "text") connection.close(1000);
    });
    await using server = serve({ routes: { "/record": record.handler } });
    {
      using client = await TestClient.open(server.address, "/record");
      await client.write(text("close"));
      await client.expect(serverFrame("close", closePayload(1000)));
      await client.write(close(4001, "ok"));
      await client.expectEnd();
    }
    assertEquals(record.seen.map(({ opcode }) => opcode), ["text", "close"]);
    assertEquals(await server.ended(), [
      { code: 4001, reason: "ok", wasClean: true },
    ]);
  },
);

testWith(
  NET,
  '§5.5.1 controlFrames "observe": the answer to the server\'s CLOSE is delivered before the end',
  async () => {
    const order: string[] = [];
    const handler: WebSocketHandler = {
      controlFrames: "observe",
      frame(connection, { opcode }) {
        order.push(opcode);
        if (opcode === "text") connection.close(1000);
      },
      close: () => void order.push("end"),
    };
    await using server = serve({ routes: { "/record": handler } });
    {
      using client = await TestClient.open(server.address, "/record");
      await client.write(text("close"));
      await client.expect(serverFrame("close", closePayload(1000)));
      await client.write(close(4001, "ok"));
      await client.expectEnd();
    }
    assertEquals(await server.ended(), [
      { code: 4001, reason: "ok", wasClean: true },
    ]);
    assertEquals(order, ["text", "close", "end"]);
  },
);

testWith(
  NET,
  '§5.5.2 controlFrames "observe": an error at a PING follows the PONG',
  async () => {
    const { handler } = recorder({ controlFrames: "observe" }, () => {
      throw new Error("a fault of the test");
    });
    await using server = serve({ routes: { "/record": handler } });
    using client = await TestClient.open(server.address, "/record");
    await client.write(ping("p"));
    await client.expect(serverFrame("pong", "p"));
    await client.expectClose(1011, "the handler failed");
  },
);

testWith(
  NET,
  '§5.5.1 controlFrames "observe": a promise at a CLOSE delays neither the answer nor the end',
  async () => {
    const never = Promise.withResolvers<void>();
    const { handler } = recorder(
      { controlFrames: "observe" },
      () => never.promise,
    );
    await using server = serve({
      limits: { closeTimeout: 200 },
      routes: { "/record": handler },
    });
    using client = await TestClient.open(server.address, "/record");
    await client.write(close(1000, "bye"));
    await client.expect(serverFrame("close", closePayload(1000, "bye")));
    assertEquals(await server.nextClosed(), {
      code: 1000,
      reason: "bye",
      wasClean: true,
    });
    await client.expectEnd();
    never.resolve();
  },
);

// Asynchronous handlers.

/** A handler whose promise a test settles. */
function held(options = {}) {
  const gates: PromiseWithResolvers<void>[] = [];
  const later: Seen[] = [];
  const record = recorder(options, async (connection, frame) => {
    const released = Promise.withResolvers<void>();
    gates.push(released);
    await released.promise;
    later.push(note(frame));
    if (frame.opcode !== "close") connection.send(frame);
  });
  return { ...record, gates, later };
}

testWith(
  NET,
  "an async handler: the next frame waits, no frame is lost or reordered",
  async () => {
    const { handler, seen, next, gates, later } = held();
    await using server = serve({ routes: { "/held": handler } });
    using client = await TestClient.open(server.address, "/held");
    const count = 20;
    for (let i = 0; i < count / 2; i++) await client.write(text(`${i}`));
    await client.write(...Array.from(
      { length: count / 2 },
      (_, i) => text(`${i + count / 2}`),
    ));
    for (let i = 0; i < count; i++) {
      await next();
      assertEquals(seen.length, i + 1);
      gates[i]!.resolve();
      assertEquals(await client.text(), `${i}`);
    }
    assertEquals(later, seen);
    await client.close();
  },
);

testWith(
  NET,
  "an async handler: the frame is valid until the promise settles",
  async () => {
    const { handler, next, gates, later } = held();
    await using server = serve({ routes: { "/held": handler } });
    using client = await TestClient.open(server.address, "/held");
    const payload = crypto.getRandomValues(new Uint8Array(200));
    await client.write(binary(payload), binary(new Uint8Array(200)));
    await next();
    await churn(server);
    gates[0]!.resolve();
    await client.expect(serverFrame("binary", payload));
    assertEquals(later, [whole("binary", payload)]);
    await next();
    gates[1]!.resolve();
    await client.expect(serverFrame("binary", new Uint8Array(200)));
    await client.close();
  },
);

/** Other clients connect, fill their buffers, and disconnect. */
async function churn(server: TestServer): Promise<void> {
  for (let i = 0; i < 8; i++) {
    using other = await TestClient.open(server.address);
    await other.write(binary(new Uint8Array(450).fill(0xee)));
    await other.expect(serverFrame("binary", new Uint8Array(450).fill(0xee)));
    await other.close();
  }
}

testWith(
  NET,
  "an async handler: the frame stays valid after a connection that was cut off",
  async () => {
    const { handler, next, gates, later } = held();
    await using server = serve({
      limits: { closeTimeout: 50 },
      routes: { "/held": handler },
    });
    const payload = crypto.getRandomValues(new Uint8Array(200));
    using client = await TestClient.open(server.address, "/held");
    await client.write(binary(payload));
    await next();
    server.service.sessions.closeAll(1001, "");
    await server.nextClosed();
    await churn(server);
    gates[0]!.resolve();
    await settled();
    assertEquals(later, [whole("binary", payload)]);
  },
);

testWith(
  NET,
  "an async handler: a CLOSE stays valid while the client continues to send",
  async () => {
    const released = Promise.withResolvers<void>();
    const late = Promise.withResolvers<Seen>();
    const { handler } = recorder(
      { controlFrames: true },
      async (connection, frame) => {
        connection.close(1000);
        await released.promise;
        late.resolve(note(frame));
      },
    );
    await using server = serve({ routes: { "/late": handler } });
    using client = await TestClient.open(server.address, "/late");
    await client.write(close(1000, "a reason that stays"));
    await client.expectClose(1000);
    await client.write(new Uint8Array(400).fill(0xee));
    await churn(server);
    released.resolve();
    assertEquals(
      await late.promise,
      whole("close", closePayload(1000, "a reason that stays")),
    );
  },
);

/** Lets every microtask and one round of events run. */
function settled(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

testWith(
  NET,
  "an async handler: messages that arrived in fragments wait, too",
  async () => {
    const { handler, next, gates } = held();
    await using server = serve({ routes: { "/held": handler } });
    using client = await TestClient.open(server.address, "/held");
    await client.write(
      text("a", OPEN),
      continuation("b"),
      ping("waits"),
      text("c", OPEN),
      continuation("d"),
    );
    await next();
    gates[0]!.resolve();
    await client.expect(
      serverFrame("text", "ab"),
      serverFrame("pong", "waits"),
    );
    await next();
    gates[1]!.resolve();
    await client.expect(serverFrame("text", "cd"));
    await client.close();
  },
);

testWith(NET, "an async handler: parts wait and all arrive", async () => {
  const { handler, seen } = recorder({ receive: "part" }, async () => {
    await settled();
  });
  await using server = serve({ routes: { "/held": handler } });
  const bytes = crypto.getRandomValues(new Uint8Array(60_000));
  {
    using client = await TestClient.open(server.address, "/held");
    await client.writeChopped(7000, binary(bytes));
    await client.close();
  }
  assertParts(seen, bytes, true);
});

testWith(
  NET,
  "an async handler: its client may disconnect before the promise settles",
  async () => {
    const { handler, next, gates } = held();
    await using server = serve({ routes: { "/held": handler } });
    {
      using client = await TestClient.open(server.address, "/held");
      await client.write(text("x"));
      await next();
    }
    gates[0]!.resolve();
    assertEquals(await server.nextClosed(), {
      code: 1006,
      reason: "",
      wasClean: false,
    });
  },
);

testWith(NET, "an async handler: a fault after its frame waits", async () => {
  const { handler, next, gates } = held();
  await using server = serve({ routes: { "/held": handler } });
  using client = await TestClient.open(server.address, "/held");
  await client.write(text("x"), text("y", { rsv: 1 }));
  await next();
  gates[0]!.resolve();
  assertEquals(await client.text(), "x");
  await client.expectFailure(1002);
});

testWith(
  NET,
  "an async handler: a half-closed client gets its echoes",
  async () => {
    const { handler, next, gates } = held();
    await using server = serve({ routes: { "/held": handler } });
    using client = await TestClient.open(server.address, "/held");
    await client.write(text("a"), text("b"));
    await client.endWrites();
    for (const [i, word] of ["a", "b"].entries()) {
      await next();
      gates[i]!.resolve();
      assertEquals(await client.text(), word);
    }
    await client.expectEnd();
  },
);

testWith(NET, "an async handler: the server may close meanwhile", async () => {
  const { handler, next, gates } = held();
  await using server = serve({ routes: { "/held": handler } });
  {
    using client = await TestClient.open(server.address, "/held");
    await client.write(text("x"), text("unanswered"));
    await next();
    server.service.sessions.closeAll(1001, "bye");
    await client.expect(serverFrame("close", closePayload(1001, "bye")));
    await client.write(close(1001));
    gates[0]!.resolve();
    await client.expectEnd();
  }
  assertEquals(await server.ended(), [
    { code: 1001, reason: "", wasClean: true },
  ]);
});

// Handlers that fail.

type Fail = (connection: Connection, frame: Frame) => void | Promise<void>;

const FAILURES: readonly [what: string, fail: Fail][] = [
  ["throws", () => {
    throw new Error("on purpose");
  }],
  ["rejects", () => Promise.reject(new Error("on purpose"))],
  ["rejects later", async () => {
    await settled();
    throw new Error("on purpose");
  }],
  ["throws no Error", () => {
    throw undefined;
  }],
  ["sends what may not be sent", (connection) => connection.close(1005)],
];

for (const [what, fail] of FAILURES) {
  for (const receive of ["message", "frame", "part"] as const) {
    testWith(
      NET,
      `§7.4.1 a handler that ${what} (receive "${receive}"): 1011, other connections stay open`,
      async () => {
        const { handler } = recorder(
          { receive },
          (connection, frame) =>
            frame.startsWith("fail")
              ? fail(connection, frame)
              : connection.send(frame),
        );
        await using server = serve({ routes: { "/fail": handler } });
        using other = await TestClient.open(server.address, "/fail");
        {
          using client = await TestClient.open(server.address, "/fail");
          await client.write(text("good"), text("fail"), text("unanswered"));
          await client.expect(serverFrame("text", "good"));
          const { opcode, payload } = await client.frame();
          assertEquals(opcode, 8);
          assertEquals(payload.subarray(0, 2), hex("03f3"));
          assert(!new TextDecoder().decode(payload).includes("on purpose"));
          await client.write(close(1011));
          await client.expectEnd();
        }
        assertEquals(await server.nextClosed(), {
          code: 1011,
          reason: "",
          wasClean: true,
        });
        await other.write(text("still here"));
        assertEquals(await other.text(), "still here");
        await other.close();
      },
    );
  }
}

testWith(NET, "§7.4.1 a handler whose open throws: 1011", async () => {
  const { handler } = recorder({
    open() {
      throw new Error("on purpose");
    },
  });
  await using server = serve({ routes: { "/fail": handler } });
  {
    using client = await TestClient.open(server.address, "/fail");
    assertEquals((await client.frame()).payload.subarray(0, 2), hex("03f3"));
    await client.write(close(1011));
    await client.expectEnd();
  }
  assertEquals(await server.ended(), [
    { code: 1011, reason: "", wasClean: true },
  ]);
});

for (const later of [false, true]) {
  testWith(
    NET,
    `§7.4.1 a handler that ${
      later ? "rejects" : "throws"
    } at the client's CLOSE: 1011`,
    async () => {
      const { handler } = recorder({ controlFrames: true }, () => {
        if (later) return Promise.reject(new Error("on purpose"));
        throw new Error("on purpose");
      });
      await using server = serve({ routes: { "/fail": handler } });
      {
        using client = await TestClient.open(server.address, "/fail");
        await client.write(close(1000));
        await client.expectFailure(1011);
      }
      assertEquals(await server.ended(), [
        { code: 1000, reason: "", wasClean: true },
      ]);
    },
  );
}

testWith(NET, "an error in a handler's close is logged only", async () => {
  const { handler } = recorder({
    close() {
      throw new Error("on purpose");
    },
  }, (connection, frame) => connection.send(frame));
  await using server = serve({ routes: { "/fail": handler } });
  using other = await TestClient.open(server.address, "/fail");
  {
    using client = await TestClient.open(server.address, "/fail");
    await client.close();
  }
  await server.nextClosed();
  await other.write(text("still here"));
  assertEquals(await other.text(), "still here");
  await other.close();
});

testWith(NET, "work that throws ends no connection", async () => {
  const { handler } = recorder({}, (connection, frame) => {
    connection.queueWork(() => {
      throw new Error("on purpose");
    });
    connection.send(frame);
  });
  await using server = serve({ routes: { "/fail": handler } });
  using client = await TestClient.open(server.address, "/fail");
  await client.write(text("a"), text("b"));
  await client.expect(serverFrame("text", "a"), serverFrame("text", "b"));
  await client.close();
});

testWith(NET, "open() may send a message right after the 101", async () => {
  await using server = serve();
  using client = await TestClient.open(server.address, "/auth?token=valid", {
    afterHead: text("first"),
  });
  assertEquals(
    await client.text(),
    "Welcome to the WebSocket Echo Server (post-handshake)!",
  );
  assertEquals(await client.text(), "first");
  await client.close();
});
