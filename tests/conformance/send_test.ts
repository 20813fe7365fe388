import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  FragmentOrderError,
  InvalidPayloadError,
} from "../../lib/protocol/errors.ts";
import type { Connection } from "../../lib/websocket.ts";
import { testWith } from "../permissions.ts";
import { TestClient } from "./client.ts";
import { recorder } from "./recorder.ts";
import { serve } from "./server.ts";
import {
  close,
  closePayload,
  hex,
  serverFrame,
  text,
  type WireFrame,
} from "./wire.ts";

const NET = { net: true } as const;
const OPEN = { final: false } as const;

/**
 * Registers a test of a handler's output: once in the handler, once from the work
 * queue.
 */
function sendTest(
  name: string,
  act: (connection: Connection) => void,
  ...expected: readonly WireFrame[]
): void {
  for (const way of ["in the handler", "from the work queue"]) {
    testWith(NET, `${name}, ${way}`, async () => {
      let failure: unknown;
      const run = (connection: Connection) => {
        try {
          act(connection);
        } catch (error) {
          failure = error;
        }
        connection.send("end");
      };
      const { handler } = recorder({}, (connection) => {
        if (way === "in the handler") run(connection);
        else connection.queueWork(() => run(connection));
      });
      await using server = serve({ routes: { "/send": handler } });
      using client = await TestClient.open(server.address, "/send");
      await client.write(text("go"));
      await client.expect(...expected, serverFrame("text", "end"));
      await client.close();
      if (failure !== undefined) throw failure;
    });
  }
}

// Valid frames.

for (const length of [0, 1, 125, 126, 127, 65535, 65536]) {
  sendTest(
    `§5.2 send() writes ${length} bytes with the shortest length`,
    (connection) => {
      connection.send("x".repeat(length));
      connection.send(new Uint8Array(length));
    },
    serverFrame("text", "x".repeat(length)),
    serverFrame("binary", new Uint8Array(length)),
  );
}

sendTest(
  "§5.4 send() with final: false and continuation makes fragments",
  (connection) => {
    connection.send("a", OPEN);
    connection.send("", { opcode: "continuation", final: false });
    connection.send(hex("ff00"), { opcode: "pong" });
    connection.ping(hex("01"));
    connection.send(hex("62"), { opcode: "continuation" });
    connection.send(hex("63"), OPEN);
    connection.send("d", { opcode: "continuation" });
  },
  serverFrame("text", "a", false),
  serverFrame("continuation", "", false),
  serverFrame("pong", hex("ff00")),
  serverFrame("ping", hex("01")),
  serverFrame("continuation", "b"),
  serverFrame("binary", "c", false),
  serverFrame("continuation", "d"),
);

sendTest(
  "§5.6 text fragments may cut a code point",
  (connection) => {
    connection.send(hex("f09f"), { opcode: "text", final: false });
    connection.send(hex("98"), { opcode: "continuation", final: false });
    connection.send(hex("80"), { opcode: "continuation" });
  },
  serverFrame("text", hex("f09f"), false),
  serverFrame("continuation", hex("98"), false),
  serverFrame("continuation", hex("80")),
);

sendTest(
  "§5.5 PING and PONG are sent with 125 bytes",
  (connection) => {
    connection.ping(new Uint8Array(125));
    connection.send(new Uint8Array(125), { opcode: "pong" });
    connection.ping();
    connection.send("text", { opcode: "ping" });
  },
  serverFrame("ping", new Uint8Array(125)),
  serverFrame("pong", new Uint8Array(125)),
  serverFrame("ping"),
  serverFrame("ping", "text"),
);

sendTest(
  "§5.6 a string leaves as UTF-8, a lone surrogate as U+FFFD",
  (connection) => {
    connection.send("aß€😀");
    connection.send("\ud800");
    connection.send("bin", { opcode: "binary" });
    connection.send(hex("c3a4"), { opcode: "text" });
  },
  serverFrame("text", "aß€😀"),
  serverFrame("text", "\ufffd"),
  serverFrame("binary", "bin"),
  serverFrame("text", "ä"),
);

sendTest(
  "send() copies: the bytes may be reused at once",
  (connection) => {
    const bytes = new Uint8Array(100).fill(1);
    connection.send(bytes);
    bytes.fill(2);
    connection.send(bytes);
  },
  serverFrame("binary", new Uint8Array(100).fill(1)),
  serverFrame("binary", new Uint8Array(100).fill(2)),
);

// Misuse: it throws, and sends nothing.

type ErrorClass = typeof FragmentOrderError | typeof InvalidPayloadError;

const MISUSE: readonly [
  name: string,
  error: ErrorClass,
  act: (connection: Connection) => void,
][] = [
  [
    "§5.4 a continuation outside a message",
    FragmentOrderError,
    (connection) => connection.send("x", { opcode: "continuation" }),
  ],
  [
    "§5.4 a continuation outside a message, without FIN",
    FragmentOrderError,
    (connection) =>
      connection.send("x", { opcode: "continuation", final: false }),
  ],
  [
    "§5.5 ping() of 126 bytes",
    InvalidPayloadError,
    (connection) => connection.ping(new Uint8Array(126)),
  ],
  [
    "§5.5 PONG of 126 bytes",
    InvalidPayloadError,
    (connection) => connection.send(new Uint8Array(126), { opcode: "pong" }),
  ],
  [
    "§5.5 PING of 42 three-byte characters",
    InvalidPayloadError,
    (connection) => connection.send("€".repeat(42), { opcode: "ping" }),
  ],
  [
    "§5.5 a fragmented PING",
    InvalidPayloadError,
    (connection) => connection.send("x", { opcode: "ping", final: false }),
  ],
  [
    "§5.5 a fragmented CLOSE",
    InvalidPayloadError,
    (connection) =>
      connection.send(hex("03e8"), { opcode: "close", final: false }),
  ],
  [
    "§5.6 bytes that are no UTF-8 as text",
    InvalidPayloadError,
    (connection) => connection.send(hex("61ff"), { opcode: "text" }),
  ],
  [
    "§5.6 a text that ends inside a code point",
    InvalidPayloadError,
    (connection) => connection.send(hex("f09f98"), { opcode: "text" }),
  ],
  [
    "§5.6 a first fragment that is not UTF-8",
    InvalidPayloadError,
    (connection) =>
      connection.send(hex("ff"), { opcode: "text", final: false }),
  ],
  [
    "§5.6 a surrogate as text",
    InvalidPayloadError,
    (connection) => connection.send(hex("eda080"), { opcode: "text" }),
  ],
  [
    "§5.5.1 CLOSE of one byte",
    InvalidPayloadError,
    (connection) => connection.send(hex("03"), { opcode: "close" }),
  ],
  [
    "§5.5.1 a CLOSE frame of 126 bytes",
    InvalidPayloadError,
    (connection) =>
      connection.send(closePayload(1000, "x".repeat(124)), { opcode: "close" }),
  ],
  [
    "§5.5.1 a CLOSE frame whose reason is no UTF-8",
    InvalidPayloadError,
    (connection) => connection.send(hex("03e8ff"), { opcode: "close" }),
  ],
  [
    "§5.5.1 close() with a reason of 124 bytes",
    InvalidPayloadError,
    (connection) => connection.close(1000, "x".repeat(124)),
  ],
  [
    "§5.5.1 close() with a reason of 42 three-byte characters",
    InvalidPayloadError,
    (connection) => connection.close(1000, "€".repeat(42)),
  ],
  [
    "§5.5.1 close() with a reason and no code",
    InvalidPayloadError,
    (connection) => connection.close(undefined, "x"),
  ],
  ...[
    0,
    999,
    1004,
    1005,
    1006,
    1015,
    1016,
    2999,
    5000,
    65535,
    66536,
    1000.5,
    NaN,
  ].map(
    (code): typeof MISUSE[number] => [
      `§7.4 close(${code})`,
      InvalidPayloadError,
      (connection) => connection.close(code),
    ],
  ),
  ...[0, 999, 1004, 1005, 1006, 1015, 65535].map(
    (code): typeof MISUSE[number] => [
      `§7.4 a CLOSE frame with ${code}`,
      InvalidPayloadError,
      (connection) => connection.send(closePayload(code), { opcode: "close" }),
    ],
  ),
];

for (const [name, error, act] of MISUSE) {
  sendTest(`${name} throws, and nothing is sent`, (connection) => {
    assertThrows(() => act(connection), error);
    assert(connection.isOpen);
  });
}

sendTest(
  "§5.4 send() throws for a new message inside a fragmented one, which continues",
  (connection) => {
    connection.send("a", OPEN);
    assertThrows(() => connection.send("b"), FragmentOrderError);
    assertThrows(() => connection.send("b", OPEN), FragmentOrderError);
    assertThrows(() => connection.send(hex("62")), FragmentOrderError);
    connection.send("c", { opcode: "continuation" });
  },
  serverFrame("text", "a", false),
  serverFrame("continuation", "c"),
);

sendTest(
  "§5.6 send() throws for an invalid fragment, and the message continues without it",
  (connection) => {
    const options = { opcode: "continuation", final: false } as const;
    connection.send(hex("c3"), { opcode: "text", final: false });
    assertThrows(
      () => connection.send(hex("41"), options),
      InvalidPayloadError,
    );
    assertThrows(
      () => connection.send("", { opcode: "continuation" }),
      InvalidPayloadError,
    );
    connection.send(hex("a4"), options);
    assertThrows(
      () => connection.send(hex("a4"), options),
      InvalidPayloadError,
    );
    connection.send("", { opcode: "continuation" });
  },
  serverFrame("text", hex("c3"), false),
  serverFrame("continuation", hex("a4"), false),
  serverFrame("continuation", ""),
);

sendTest(
  "§5.6 binary fragments need not be UTF-8",
  (connection) => {
    connection.send(hex("ff"), OPEN);
    connection.send(hex("c3"), { opcode: "continuation" });
  },
  serverFrame("binary", hex("ff"), false),
  serverFrame("continuation", hex("c3")),
);

// After the CLOSE.

testWith(NET, "§5.5.1 every send after close() is a no-op", async () => {
  const { handler } = recorder({}, (connection) => {
    connection.send("last");
    connection.close(1000, "first");
    connection.close(1001, "second");
    connection.send("x");
    connection.send("x", OPEN);
    connection.ping();
    connection.send(closePayload(1000), { opcode: "close" });
    assert(!connection.isOpen);
  });
  await using server = serve({ routes: { "/send": handler } });
  {
    using client = await TestClient.open(server.address, "/send");
    await client.write(text("go"));
    await client.expect(
      serverFrame("text", "last"),
      serverFrame("close", closePayload(1000, "first")),
    );
    await client.write(close(1000));
    await client.expectEnd();
  }
  assertEquals(await server.ended(), [
    { code: 1000, reason: "", wasClean: true },
  ]);
});

testWith(
  NET,
  "§5.5.1 a CLOSE may be sent inside a fragmented message",
  async () => {
    const { handler } = recorder({}, (connection) => {
      connection.send("a", OPEN);
      connection.send(closePayload(1001, "bye"), { opcode: "close" });
    });
    await using server = serve({ routes: { "/send": handler } });
    using client = await TestClient.open(server.address, "/send");
    await client.write(text("go"));
    await client.expect(
      serverFrame("text", "a", false),
      serverFrame("close", closePayload(1001, "bye")),
    );
    await client.write(close(1001));
    await client.expectEnd();
  },
);

testWith(NET, "sends to a disconnected client do nothing", async () => {
  let kept: Connection | undefined;
  const { handler, next } = recorder({}, (connection) => {
    kept = connection;
  });
  await using server = serve({ routes: { "/send": handler } });
  {
    using client = await TestClient.open(server.address, "/send");
    await client.write(text("go"));
    await next();
  }
  await server.nextClosed();
  kept!.send("x");
  kept!.ping();
  kept!.close(1000);
  assertEquals(kept!.isOpen, false);
  assertEquals(await server.ended(), [
    { code: 1006, reason: "", wasClean: false },
  ]);
});

testWith(
  NET,
  "sends leave in the order of the calls, echoes among them",
  async () => {
    const { handler } = recorder({}, (connection, frame) => {
      connection.send("before");
      connection.send(frame);
      connection.send("after");
      connection.queueWork(() => connection.send("queued"));
      connection.send(frame);
    });
    await using server = serve({ routes: { "/send": handler } });
    using client = await TestClient.open(server.address, "/send");
    await client.write(text("1"), text("2"));
    for (const word of ["1", "2"]) {
      for (const expected of ["before", word, "after", word]) {
        assertEquals(await client.text(), expected);
      }
    }
    await client.expect(
      serverFrame("text", "queued"),
      serverFrame("text", "queued"),
    );
    await client.close();
  },
);

testWith(
  NET,
  "a frame may be sent to another connection, and more than once",
  async () => {
    const clients: Connection[] = [];
    const { handler } = recorder({
      open: (connection: Connection) => void clients.push(connection),
    }, (_, frame) => {
      for (const connection of clients) {
        connection.send(frame);
        connection.send(frame, { opcode: "binary" });
      }
    });
    await using server = serve({ routes: { "/all": handler } });
    using first = await TestClient.open(server.address, "/all");
    using second = await TestClient.open(server.address, "/all");
    await first.write(text("a"), text("b"));
    for (const client of [first, second]) {
      await client.expect(
        serverFrame("text", "a"),
        serverFrame("binary", "a"),
        serverFrame("text", "b"),
        serverFrame("binary", "b"),
      );
    }
    for (const client of [first, second]) await client.close();
  },
);
