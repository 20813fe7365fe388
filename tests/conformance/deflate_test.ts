import { constants, createInflateRaw, deflateRawSync } from "node:zlib";
import { assert, assertEquals, assertFalse } from "@std/assert";
import type { Connection } from "../../lib/websocket.ts";
import { repeated } from "../integration/support/within.ts";
import { testWith } from "../permissions.ts";
import { assertSameBytes, handshakeHead, TestClient } from "./client.ts";
import {
  compressed,
  DeflateClient,
  type Message,
  RSV1,
  TAIL,
  Window,
} from "./deflate_client.ts";
import { recorder, whole } from "./recorder.ts";
import { serve, type ServerOptions } from "./server.ts";
import {
  binary,
  type Bytes,
  chops,
  close,
  concat,
  continuation,
  frame,
  hex,
  OPCODE,
  ping,
  serverFrame,
  text,
  toBytes,
} from "./wire.ts";

const NET = { net: true } as const;
const OPEN = { final: false } as const;
const LONG = JSON.stringify(
  Array.from({ length: 400 }, (_, i) => ({ id: i, name: `näme ${i}` })),
);

/** Bytes that do not compress. */
function noise(length: number): Bytes {
  const unit = crypto.getRandomValues(new Uint8Array(65536));
  return Uint8Array.from({ length }, (_, i) => unit[i % 65536]! ^ (i >> 16));
}

/** Registers a test with one compressing client. */
function deflateTest(
  name: string,
  fn: (
    client: DeflateClient,
    server: ReturnType<typeof serve>,
  ) => Promise<void>,
  options: { path?: string; offer?: string; server?: ServerOptions } = {},
): void {
  testWith(NET, name, async () => {
    await using server = serve(options.server);
    const { path, offer } = options;
    using client = await DeflateClient.open(server.address, path, offer);
    await fn(client, server);
  });
}

/** Registers a test that the server ends with a fault. */
function faultTest(
  name: string,
  code: number,
  sent: () => Bytes[],
  options: { path?: string; server?: ServerOptions } = {},
): void {
  for (const by of ["in one write", "byte by byte"]) {
    deflateTest(`${name}, ${by}`, async ({ rawClient }, server) => {
      if (by === "in one write") await rawClient.write(...sent());
      else await rawClient.writeChopped(1, ...sent());
      const reason = await rawClient.expectFailure(code);
      rawClient[Symbol.dispose]();
      assertEquals(await server.ended(), [{ code, reason, wasClean: false }]);
    }, options);
  }
}

// §5, §7.1: the handshake.

async function answerTo(
  offer: string,
  server: ServerOptions = {},
  path = "/ws",
): Promise<string | null> {
  await using running = serve(server);
  using rawClient = await TestClient.connect(running.address);
  const fields = { "Sec-WebSocket-Extensions": offer };
  await rawClient.write(toBytes(handshakeHead(path, fields)));
  const { status, headers } = await rawClient.response();
  assertEquals(status, 101);
  await rawClient.close();
  return headers.get("sec-websocket-extensions");
}

for (
  const [offer, answer] of [
    ["permessage-deflate", "permessage-deflate"],
    ["permessage-deflate; client_max_window_bits", "permessage-deflate"],
    [
      'x-a, permessage-deflate; nonsense, permessage-deflate; server_max_window_bits="10"',
      "permessage-deflate; server_max_window_bits=10",
    ],
    [
      "x-a\r\nSec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover",
      "permessage-deflate; client_no_context_takeover",
    ],
    ["permessage-deflate; server_max_window_bits=7", null],
    ["permessage-deflate; server_max_window_bits", null],
    ["x-webkit-deflate-frame", null],
  ] as const
) {
  testWith(NET, `§5.1 "${offer}" is answered by ${answer}`, async () => {
    assertEquals(await answerTo(offer), answer);
  });
}

testWith(NET, "§5 compression: false turns it off for a route", async () => {
  const { handler } = recorder({ compression: false });
  const server = { routes: { "/plain": handler } };
  assertEquals(await answerTo("permessage-deflate", server, "/plain"), null);
});

testWith(NET, "§5 COMPRESSION=off turns it off for the service", async () => {
  const server = { compression: false };
  assertEquals(await answerTo("permessage-deflate", server), null);
});

testWith(
  NET,
  "RFC 6455 §9.1 a malformed list fails the handshake",
  async () => {
    await using server = serve();
    for (const field of ["permessage-deflate;", 'a; b="', "=", "a b"]) {
      using rawClient = await TestClient.connect(server.address);
      const fields = { "Sec-WebSocket-Extensions": field };
      await rawClient.write(toBytes(handshakeHead("/ws", fields)));
      assertEquals((await rawClient.response()).status, 400, field);
    }
  },
);

for (const agreed of [true, false]) {
  testWith(NET, `capabilities.compression is ${agreed}`, async () => {
    const seen: boolean[] = [];
    const { handler } = recorder({
      open: ({ capabilities }) => void seen.push(capabilities.compression),
    });
    await using server = serve({ routes: { "/see": handler } });
    const offer = agreed ? "permessage-deflate" : "x-other";
    using _client = await DeflateClient.open(server.address, "/see", offer);
    assertEquals(seen, [agreed]);
  });
}

// §6: RSV1.

for (const rsv of [1, 2, 3, 5, 6, 7]) {
  faultTest(`§6 RSV ${rsv} on a first frame fails with 1002`, 1002, () => [
    text("x", { rsv }),
  ]);
}

for (const opcode of ["ping", "pong", "close"] as const) {
  faultTest(`§6.1 RSV1 on a ${opcode} fails with 1002`, 1002, () => [
    frame(OPCODE[opcode], "", { rsv: RSV1 }),
  ]);
}

faultTest("§6.1 RSV1 on a continuation fails with 1002", 1002, () => [
  compressed("text", new Window().deflate("abc"), false),
  compressed("continuation", Uint8Array.of(0)),
]);

faultTest(
  "§6.1 RSV1 on the rest of a plain message fails with 1002",
  1002,
  () => [
    text("abc", OPEN),
    compressed("continuation", Uint8Array.of(0)),
  ],
);

faultTest(
  "§6.1 a compressed message inside another fails with 1002",
  1002,
  () => [
    text("abc", OPEN),
    compressed("text", new Window().deflate("abc")),
  ],
);

testWith(NET, "§6 RSV1 without an agreement fails with 1002", async () => {
  await using server = serve();
  using rawClient = await TestClient.open(server.address);
  await rawClient.write(compressed("text", new Window().deflate("abc")));
  await rawClient.expectFailure(1002);
});

// §7.2: data.

deflateTest(
  "§7.2.3.1 the RFC's samples of one block and of two frames are inflated",
  async (client) => {
    const { rawClient } = client;
    await rawClient.write(
      compressed("text", hex("f248cdc9c90700")),
      compressed("text", hex("f248cd"), false),
      continuation(hex("c9c90700")),
    );
    assertEquals(await client.text(), "Hello");
    assertEquals(await client.text(), "Hello");
  },
);

deflateTest(
  "§7.2.3.2 the sample of a shared window is inflated",
  async (client) => {
    await client.rawClient.write(
      compressed("text", hex("f248cdc9c90700")),
      compressed("text", hex("f200110000")),
    );
    assertEquals(await client.text(), "Hello");
    assertEquals(await client.text(), "Hello");
  },
);

deflateTest(
  "§7.2.3.3 to §7.2.3.5 a block without compression, BFINAL and two blocks are inflated",
  async (client) => {
    await client.rawClient.write(
      compressed("text", hex("000500faff48656c6c6f00")),
      compressed("text", hex("f348cdc9c9070000")),
      compressed("text", hex("f248050000 00ffffcac9c90700")),
      compressed("text", hex("f348cdc9c9070000")),
      compressed("text", hex("f248cdc9c90700")),
    );
    for (let i = 0; i < 5; i++) assertEquals(await client.text(), "Hello");
  },
);

deflateTest(
  "§7.2.3.5 blocks with BFINAL are inflated, last and in the middle",
  async (client) => {
    await client.rawClient.write(
      compressed("text", hex("f348cdc9c90700")),
      compressed("text", hex("f348cdc9c90700f348cdc9c90700"), false),
      continuation(hex("f248cdc9c90700")),
    );
    assertEquals(await client.text(), "Hello");
    assertEquals(await client.text(), "HelloHelloHello");
  },
);

deflateTest(
  "§7.2.3.6 empty messages are inflated, with a block and without",
  async (client) => {
    await client.rawClient.write(
      compressed("text", hex("00")),
      compressed("binary", hex("")),
      compressed("text", hex(""), false),
      continuation("", OPEN),
      continuation(hex("00")),
      compressed("text", hex("f248cdc9c90700")),
    );
    for (const opcode of [1, 2, 1]) {
      const { payload, ...message } = await client.message();
      assertEquals([message.opcode, payload.length], [opcode, 0]);
    }
    assertEquals(await client.text(), "Hello");
  },
);

deflateTest("§7.2.1 a message with its tail is inflated", async (client) => {
  await client.rawClient.write(
    compressed("text", hex("f248cdc9c90700 0000ffff"), false),
    continuation(""),
    compressed("text", hex("f248cdc9c90700")),
  );
  assertEquals(await client.text(), "Hello");
  assertEquals(await client.text(), "Hello");
});

for (const size of [1, 2, 7, 100, 5000]) {
  deflateTest(
    `§7.2.2 a compressed message in fragments of ${size} bytes is inflated, with PINGs between`,
    async (client) => {
      const pieces = chops(client.sent.deflate(LONG), size);
      const { rawClient } = client;
      await rawClient.write(
        compressed("text", pieces[0]!, pieces.length === 1),
      );
      for (const [i, piece] of pieces.entries()) {
        if (i === 0) continue;
        await rawClient.write(
          ping(`p${i}`),
          continuation(piece, { final: i === pieces.length - 1 }),
        );
        const { payload, opcode, rsv } = await client.frame();
        assertEquals([opcode, rsv], [OPCODE.pong, 0]);
        assertEquals(payload, toBytes(`p${i}`));
      }
      assertEquals(await client.text(), LONG);
    },
  );
}

deflateTest(
  "§7.2.2 a compressed message is inflated, byte by byte",
  async (client) => {
    const sent = compressed("text", client.sent.deflate(LONG));
    await client.rawClient.writeChopped(1, sent);
    assertEquals(await client.text(), LONG);
  },
);

deflateTest(
  "§7.2.1 a message below the threshold is not compressed",
  async (client) => {
    await client.send("text", "x".repeat(1023));
    await client.send("text", "x".repeat(1024));
    await client.rawClient.write(
      text("y".repeat(1023)),
      text("y".repeat(1024)),
    );
    const all: Message[] = [];
    for (let i = 0; i < 4; i++) all.push(await client.message());
    assertEquals(all.map(({ compressed }) => compressed), [
      false,
      true,
      false,
      true,
    ]);
    assertEquals(all.map(({ payload }) => payload.length), [
      1023,
      1024,
      1023,
      1024,
    ]);
  },
);

{
  const { handler } = recorder(
    { compressionThreshold: 0 },
    (connection, frame) => connection.send(frame),
  );
  deflateTest(
    "§7.2.3.6 empty messages are sent as one empty block",
    async (client) => {
      for (let i = 0; i < 3; i++) {
        await client.send("text", "");
        const { payload, compressed, fragments } = await client.message();
        assertEquals([payload.length, compressed], [0, true]);
        assert(fragments[0]! <= 2);
      }
      await client.send("text", "x");
      assertEquals(await client.text(), "x");
    },
    { path: "/all", server: { routes: { "/all": handler } } },
  );
}

{
  const part = "abcdefgh".repeat(200);
  const { handler } = recorder({}, (connection) => {
    connection.send(part, { final: false });
    connection.ping();
    connection.send("", { opcode: "continuation", final: false });
    connection.send(toBytes(part), { opcode: "continuation", final: false });
    connection.send("", { opcode: "continuation" });
    connection.send("short", { final: false });
    connection.send(part, { opcode: "continuation" });
    connection.send(part);
  });
  deflateTest(
    "§7.2.1 fragments that a handler sends have RSV1 in the first only",
    async (client) => {
      await client.send("text", "go");
      const first = await client.frame();
      assertEquals([first.opcode, first.final, first.rsv], [1, false, RSV1]);
      assertEquals((await client.frame()).opcode, OPCODE.ping);
      const rest: Bytes[] = [];
      for (const final of [false, false, true]) {
        const next = await client.frame();
        assertEquals([next.opcode, next.final, next.rsv], [0, final, 0]);
        rest.push(next.payload);
      }
      const inflated = client.received.inflate(concat(first.payload, ...rest));
      assertSameBytes(inflated, toBytes(part + part));
      assert(rest[1]!.length < 40, "the second half is in the window");
      const plain = await client.message();
      assertFalse(plain.compressed);
      assertSameBytes(plain.payload, toBytes(`short${part}`));
      assertEquals(await client.text(), part);
    },
    { path: "/go", server: { routes: { "/go": handler } } },
  );
}

// §7.1.1, §7.1.2: windows.

/** Sizes on the wire of a message that is sent twice. */
async function sizes(client: DeflateClient): Promise<number[]> {
  const random = crypto.getRandomValues(new Uint8Array(3000));
  const found: number[] = [];
  for (let i = 0; i < 2; i++) {
    await client.send("binary", random);
    const { payload, fragments } = await client.message();
    assertSameBytes(payload, random);
    found.push(fragments[0]!);
  }
  return found;
}

for (const client of ["", "; client_no_context_takeover"]) {
  deflateTest(
    `§7.1.1.1 the server keeps its window${client}`,
    async (rawClient) => {
      const [first, second] = await sizes(rawClient);
      assert(second! * 10 < first!, `${second} against ${first}`);
    },
    { offer: `permessage-deflate${client}` },
  );

  deflateTest(
    `§7.1.1.1 the server keeps no window with server_no_context_takeover${client}`,
    async (rawClient) => {
      const [first, second] = await sizes(rawClient);
      assertEquals(second, first);
    },
    { offer: `permessage-deflate; server_no_context_takeover${client}` },
  );
}

testWith(
  NET,
  "§7.1.1.2 connections without takeover do not share a window",
  async () => {
    const offer =
      "permessage-deflate; client_no_context_takeover; server_no_context_takeover";
    await using server = serve();
    using one = await DeflateClient.open(server.address, "/ws", offer);
    using two = await DeflateClient.open(server.address, "/ws", offer);
    const pieces = chops(one.sent.deflate(LONG), 500);
    await one.rawClient.write(compressed("text", pieces[0]!, false));
    await two.send("text", LONG.toUpperCase());
    assertEquals(await two.text(), LONG.toUpperCase());
    for (const [i, piece] of pieces.slice(1).entries()) {
      const final = i === pieces.length - 2;
      await one.rawClient.write(continuation(piece, { final }));
    }
    assertEquals(await one.text(), LONG);
  },
);

deflateTest(
  "§7.1.1.2 a reference to a window that was given up fails with 1007",
  async (client) => {
    await client.rawClient.write(
      compressed("text", hex("f248cdc9c90700")),
      compressed("text", hex("f200110000")),
    );
    assertEquals(await client.text(), "Hello");
    await client.rawClient.expectFailure(1007);
  },
  { offer: "permessage-deflate; client_no_context_takeover" },
);

/** Inflates byte by byte, so that nothing but the window can be referred to. */
function inflateStrictly(payload: Bytes, windowBits: number): Promise<Bytes> {
  const inflater = createInflateRaw({ windowBits, chunkSize: 64 });
  const { promise, resolve, reject } = Promise.withResolvers<Bytes>();
  const chunks: Uint8Array[] = [];
  inflater.on("data", (chunk: Uint8Array) => chunks.push(chunk));
  inflater.on("error", reject);
  inflater.write(concat(payload, TAIL));
  inflater.flush(constants.Z_SYNC_FLUSH, () => {
    inflater.close();
    resolve(concat(...chunks));
  });
  return promise;
}

for (let bits = 8; bits <= 15; bits++) {
  deflateTest(
    `§7.1.2.1 server_max_window_bits=${bits}: a window of ${bits} bits can read it`,
    async (client) => {
      assert(client.extensions.endsWith(`server_max_window_bits=${bits}`));
      const unit = crypto.getRandomValues(new Uint8Array(2 ** bits - 20));
      const near = crypto.getRandomValues(new Uint8Array(200));
      const sent = concat(unit, near, near, unit, near, unit);
      await client.send("binary", sent);
      const { rsv, payload } = await client.frame();
      assertEquals(rsv, RSV1);
      assertSameBytes(await inflateStrictly(payload, bits), sent);
    },
    { offer: `permessage-deflate; server_max_window_bits=${bits}` },
  );

  deflateTest(
    `§7.1.2.2 client_max_window_bits=${bits}: a message that uses the whole window is read`,
    async (client) => {
      const payload = toBytes(LONG);
      const deflated = Uint8Array.from(deflateRawSync(payload, {
        windowBits: bits,
        finishFlush: constants.Z_SYNC_FLUSH,
      })).subarray(0, -4);
      await client.rawClient.write(compressed("text", deflated));
      assertEquals(await client.text(), LONG);
    },
    { offer: `permessage-deflate; client_max_window_bits=${bits}` },
  );
}

// §7.2.2, RFC 6455 §7.4.1: faults.

for (
  const [what, payload] of [
    ["a reserved block type", "ffffff"],
    ["a block whose length is contradicted", "0005000000"],
    ["a distance before the start", "f2001100"],
    ["a block that is cut off", "000500faff4865"],
    ["a code that is cut off", "f248cd"],
  ] as const
) {
  faultTest(`§7.2.2 ${what} fails with 1007`, 1007, () => [
    compressed("text", hex(payload)),
  ]);
  faultTest(
    `§7.2.2 ${what}, in the last fragment, fails with 1007`,
    1007,
    () => [
      compressed("binary", hex(""), false),
      continuation(hex(payload)),
    ],
  );
}

deflateTest(
  "§7.2.2 corrupt data after valid data: the valid data is answered",
  async (client) => {
    await client.rawClient.write(
      compressed("text", client.sent.deflate("good")),
      compressed("text", hex("ffff")),
      text("never"),
    );
    assertEquals(await client.text(), "good");
    await client.rawClient.expectFailure(1007);
  },
);

// RFC 6455 §8.1: UTF-8 of inflated text.

faultTest(
  "RFC 6455 §8.1 inflated bytes that are not UTF-8 fail with 1007",
  1007,
  () => [
    compressed("text", new Window().deflate(hex("61ff"))),
  ],
);

faultTest(
  "RFC 6455 §8.1 a character that is cut off fails with 1007",
  1007,
  () => [
    compressed("text", new Window().deflate(hex("61f09f"))),
  ],
);

for (const size of [1, 3]) {
  deflateTest(
    `RFC 6455 §8.1 characters that pieces of ${size} bytes cut are valid`,
    async (client) => {
      const sample = "aß€😀".repeat(40);
      const pieces = chops(client.sent.deflate(sample), size);
      for (const [i, piece] of pieces.entries()) {
        const final = i === pieces.length - 1;
        await client.rawClient.write(
          i === 0
            ? compressed("text", piece, final)
            : continuation(piece, { final }),
        );
      }
      assertEquals(await client.text(), sample);
    },
  );
}

for (const route of ["/ws", "/frames", "/ws_partial"]) {
  deflateTest(
    `RFC 6455 §8.1 ${route}: an invalid byte fails before its frame is complete`,
    async ({ rawClient }) => {
      const bad = concat(toBytes("good"), hex("ff"));
      const block = concat(hex("000500faff"), bad, hex("000a00f5ff"));
      const sent = compressed("text", concat(block, new Uint8Array(500)));
      await rawClient.write(sent.subarray(0, 8 + block.length));
      await rawClient.expectFailure(1007);
    },
    { path: route },
  );
}

deflateTest(
  "RFC 6455 §8.1 a binary message need not be UTF-8",
  async (client) => {
    await client.send("binary", hex("ff80c0"));
    assertEquals((await client.message()).payload, hex("ff80c0"));
    await client.send("text", "ä");
    assertEquals(await client.text(), "ä");
  },
);

// Limits.

for (const max of [1, 1000, 65536, 262144, 300_000]) {
  const server = { limits: { maxPayload: max } };
  deflateTest(
    `§8 a message that inflates to MAX_PAYLOAD=${max} bytes is echoed`,
    async (client) => {
      await client.send("text", "*".repeat(max));
      assertEquals((await client.text()).length, max);
      const random = noise(max);
      await client.send("binary", random);
      assertSameBytes((await client.message()).payload, random);
    },
    { server },
  );

  deflateTest(
    `§8 a message that inflates to a byte more fails with 1009 (${max})`,
    async (client) => {
      await client.send("text", "*".repeat(max + 1));
      await client.rawClient.expectFailure(1009);
    },
    { server },
  );

  deflateTest(
    `§8 fragments that inflate to a byte more fail with 1009 (${max})`,
    async (client) => {
      const deflated = client.sent.deflate("*".repeat(max + 1));
      await client.rawClient.write(
        compressed("text", deflated.subarray(0, 2), false),
        continuation(deflated.subarray(2), OPEN),
      );
      if (deflated.length > 2) await client.rawClient.expectFailure(1009);
    },
    { server },
  );
}

deflateTest(
  "§8 a compressed message of MAX_FRAGMENTS frames is echoed, one of more fails with 1008",
  async (client) => {
    for (const message of ["one", "two"]) {
      await client.rawClient.write(
        compressed("text", client.sent.deflate(message), false),
        continuation("", OPEN),
        continuation(""),
      );
      assertEquals(await client.text(), message);
    }
    await client.rawClient.write(
      compressed("text", client.sent.deflate("three"), false),
      continuation("", OPEN),
      continuation("", OPEN),
    );
    await client.rawClient.expectFailure(1008);
  },
  { server: { limits: { maxFragments: 3 } } },
);

/** 1 GiB of zeros, deflated: about 1 MiB. */
function bomb(): Bytes {
  const zeros = new Uint8Array(2 ** 20);
  const block = Uint8Array.from(
    deflateRawSync(zeros, { finishFlush: constants.Z_FULL_FLUSH }),
  );
  return concat(...Array.from({ length: 1024 }, () => block));
}

for (const path of ["/ws", "/frames"]) {
  // The memory is that of the process, which other tests use as well.
  testWith(
    NET,
    `§8 ${path}: a bomb fails with 1009 and costs its limit`,
    repeated(async () => {
      await using server = serve({ limits: { maxPayload: 4 * 2 ** 20 } });
      using client = await DeflateClient.open(server.address, path);
      const { rawClient } = client;
      const sent = compressed("binary", bomb());
      assert(sent.length < 2 * 2 ** 20);
      const before = Deno.memoryUsage().rss;
      const sending = rawClient.write(sent).catch(() => {});
      await rawClient.expectFailure(1009).catch((error) => {
        // Input that the server did not read can cause a reset.
        if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
      });
      await sending;
      const grown = Deno.memoryUsage().rss - before;
      assert(grown < 64 * 2 ** 20, `${grown} bytes more`);
    }),
  );
}

// Delivery.

testWith(
  NET,
  'receive: "frame" gives frames inflated, one by one',
  async () => {
    const { handler, next } = recorder({ receive: "frame" });
    await using server = serve({ routes: { "/see": handler } });
    using client = await DeflateClient.open(server.address, "/see");
    const flushed = (part: string) =>
      deflateRawSync(part, { finishFlush: constants.Z_SYNC_FLUSH });
    await client.rawClient.write(
      compressed("text", flushed("one"), false),
      continuation("", OPEN),
      continuation(flushed("two"), OPEN),
      continuation(hex("00")),
      text("plain", OPEN),
      continuation("end"),
    );
    assertEquals(await next(), whole("text", "one", false));
    assertEquals(await next(), whole("continuation", "", false));
    assertEquals(await next(), whole("continuation", "two", false));
    assertEquals(await next(), whole("continuation", ""));
    assertEquals(await next(), whole("text", "plain", false));
    assertEquals(await next(), whole("continuation", "end"));
  },
);

for (const size of [Infinity, 1, 700]) {
  testWith(
    NET,
    `receive: "part" gives pieces inflated, ${size} bytes a write`,
    async () => {
      const { handler, next } = recorder({ receive: "part", maxPayload: 1 });
      await using server = serve({ routes: { "/see": handler } });
      using client = await DeflateClient.open(server.address, "/see");
      const sample = crypto.getRandomValues(new Uint8Array(8000)).toHex();
      const sent = compressed("text", client.sent.deflate(sample));
      await client.rawClient.writeChopped(Math.min(size, sent.length), sent);
      let payload = "";
      let opcode = "text";
      for (;;) {
        const piece = await next();
        assertEquals([piece.opcode, piece.left], [opcode, 0]);
        assertEquals(piece.payload.length, 2 * piece.length);
        opcode = "continuation";
        payload += piece.payload;
        if (piece.final) break;
      }
      assertEquals(payload, toBytes(sample).toHex());
    },
  );
}

for (const how of ["at once", "later", "after a pause of reading"]) {
  testWith(
    NET,
    `maxPart: an inflated message is handled ${how} in pieces of that size`,
    async () => {
      const sizes: number[] = [];
      const { handler } = recorder(
        { receive: "part", maxPart: 64 },
        (connection, piece) => {
          sizes.push(piece.payload.length);
          connection.send(piece);
          if (how === "after a pause of reading") {
            connection.pauseReading();
            queueMicrotask(() => connection.resumeReading());
          }
          return how === "later" ? Promise.resolve() : undefined;
        },
      );
      await using server = serve({ routes: { "/parts": handler } });
      using client = await DeflateClient.open(server.address, "/parts");
      for (const size of [0, 64, 200, 8003]) {
        const sample = noise(size / 4).toHex().padEnd(size, "x");
        await client.send("text", sample);
        await client.send("binary", toBytes(sample));
        assertEquals(await client.text(), sample);
        const echoed = await client.message();
        assertSameBytes(echoed.payload, toBytes(sample));
        const expected = [
          ...Array<number>(Math.floor(size / 64)).fill(64),
          ...(size % 64 > 0 || size === 0 ? [size % 64] : []),
        ];
        assertEquals(sizes.splice(0), [...expected, ...expected]);
      }
      await client.rawClient.close();
    },
  );
}

deflateTest(
  "/ws_partial sends a large message back that was small on the wire",
  async (client) => {
    const size = 3 * 2 ** 20;
    await client.send("binary", new Uint8Array(size));
    await client.send("text", "end");
    const { payload, fragments } = await client.message();
    assertEquals([payload.length, fragments.length], [size, size / 64]);
    assertEquals(await client.text(), "end");
  },
  {
    path: "/ws_partial",
    server: { limits: { sendBufferLimit: 4 * 2 ** 20 } },
  },
);

deflateTest(
  "many large messages in one write all arrive, without reaching a limit",
  async (client) => {
    const sent: Bytes[] = [];
    for (let i = 0; i < 40; i++) {
      const message = crypto.getRandomValues(new Uint8Array(200))
        .toHex().repeat(500);
      sent.push(
        compressed("text", client.sent.deflate(message)),
        text(String(i)),
      );
    }
    await client.rawClient.write(...sent);
    for (let i = 0; i < 40; i++) {
      assertEquals((await client.text()).length, 200_000);
      assertEquals(await client.text(), String(i));
    }
  },
  {
    path: "/plain",
    server: {
      limits: { sendBufferLimit: 512 * 1024 },
      routes: {
        "/plain": recorder(
          { compressionThreshold: Infinity },
          (connection, frame) => connection.send(frame),
        ).handler,
      },
    },
  },
);

{
  const wait = () => new Promise<void>((resolve) => setTimeout(resolve, 1));
  const kept: string[] = [];
  const { handler } = recorder({}, async (connection: Connection, frame) => {
    const { payload } = frame;
    await wait();
    kept.push(new TextDecoder().decode(payload.subarray(0, 3)));
    connection.send(frame);
  });
  testWith(
    NET,
    "a handler's promise keeps its inflated payload valid, and the order",
    async () => {
      await using server = serve({ routes: { "/slow": handler } });
      using one = await DeflateClient.open(server.address, "/slow");
      using two = await DeflateClient.open(server.address, "/ws");
      for (let i = 0; i < 10; i++) {
        await one.send("text", `a${i}a`.repeat(2000));
        await one.rawClient.write(text(`b${i}`));
        await two.send("text", `x${i}x`.repeat(2000));
      }
      for (let i = 0; i < 10; i++) {
        assertEquals(await one.text(), `a${i}a`.repeat(2000));
        assertEquals(await one.text(), `b${i}`);
        assertEquals(await two.text(), `x${i}x`.repeat(2000));
      }
      assertEquals(kept.slice(0, 3), ["a0a", "b0", "a1a"]);
    },
  );
}

deflateTest(
  "frames after the server's CLOSE are not inflated",
  async (client) => {
    await client.rawClient.write(
      compressed("text", hex("ffff")),
      compressed("text", hex("ffff")),
    );
    await client.rawClient.expectFailure(1007);
  },
);

deflateTest("a CLOSE between compressed fragments closes", async (client) => {
  await client.rawClient.write(
    compressed("text", hex("f248cd"), false),
    close(1000),
  );
  await client.rawClient.expectClose(1000);
});

deflateTest("plain and compressed messages alternate", async (client) => {
  const { rawClient } = client;
  await rawClient.write(
    binary(hex("01")),
    compressed("text", client.sent.deflate("two")),
    text("thr", OPEN),
    continuation("ee"),
    compressed("text", client.sent.deflate("four")),
  );
  await rawClient.expect(
    serverFrame("binary", hex("01")),
    serverFrame("text", "two"),
  );
  await rawClient.expect(
    serverFrame("text", "three"),
    serverFrame("text", "four"),
  );
});
