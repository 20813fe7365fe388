import { testWith } from "../permissions.ts";
import { TestClient } from "./client.ts";
import { exchangeTest } from "./exchange.ts";
import { serve } from "./server.ts";
import {
  binary,
  type Bytes,
  concat,
  continuation,
  frame,
  hex,
  ping,
  serverFrame,
  text,
} from "./wire.ts";

const NONE = { mask: "none" } as const;

for (
  const [what, send] of [
    ["TEXT", [text("hello", NONE)]],
    ["an empty TEXT", [text("", NONE)]],
    ["BINARY", [binary(hex("00ff"), NONE)]],
    ["BINARY of 126 bytes", [binary(new Uint8Array(126), NONE)]],
    ["BINARY of 65536 bytes", [binary(new Uint8Array(65536), NONE)]],
    ["PING", [ping("", NONE)]],
    ["PONG", [frame(10, "x", NONE)]],
    ["CLOSE", [frame(8, hex("03e8"), NONE)]],
    ["CONTINUATION", [
      text("a", { final: false }),
      continuation("b", NONE),
    ]],
  ] as const
) {
  exchangeTest(`§5.1 an unmasked ${what} fails the connection with 1002`, {
    send,
    fails: 1002,
  });
}

exchangeTest("§5.1 a valid message before an unmasked frame is answered", {
  send: [text("good"), text("bad", NONE)],
  receive: [serverFrame("text", "good")],
  fails: 1002,
});

for (
  const key of [
    "00000000",
    "ffffffff",
    "80000000",
    "00000080",
    "0000ff00",
    "01020304",
    "7f800180",
  ]
) {
  const payload = Uint8Array.from({ length: 200 }, (_, i) => i);
  exchangeTest(`§5.3 a frame with the masking key ${key} is echoed`, {
    send: [
      binary(payload, { mask: hex(key) }),
      text("ä€😀".repeat(20), { mask: hex(key) }),
      ping("ping", { mask: hex(key) }),
    ],
    receive: [
      serverFrame("binary", payload),
      serverFrame("text", "ä€😀".repeat(20)),
      serverFrame("pong", "ping"),
    ],
  });
}

testWith(
  { net: true },
  "§5.3 frames with random keys are echoed, for every length from 0 to 140",
  async () => {
    await using server = serve();
    using client = await TestClient.open(server.address);
    const frames: Bytes[] = [];
    const echoes = [];
    for (let length = 0; length <= 140; length++) {
      const payload = crypto.getRandomValues(new Uint8Array(length));
      const key = crypto.getRandomValues(new Uint8Array(4));
      frames.push(binary(payload, { mask: key }));
      echoes.push(serverFrame("binary", payload));
    }
    await client.write(...frames);
    await client.expect(...echoes);
    await client.close();
  },
);

for (const size of [1, 2, 3, 5, 7, 17]) {
  testWith(
    { net: true },
    `§5.3 the key continues where a payload is split every ${size} bytes`,
    async () => {
      await using server = serve();
      using client = await TestClient.open(server.address);
      const payload = crypto.getRandomValues(new Uint8Array(size * 40));
      const key = crypto.getRandomValues(new Uint8Array(4));
      await client.writeChopped(size, binary(payload, { mask: key }));
      await client.expect(serverFrame("binary", payload));
      await client.close();
    },
  );
}

exchangeTest("§5.1 the server's frames are not masked, whatever their length", {
  send: [binary(concat(new Uint8Array(70_000))), ping("x")],
  receive: [
    serverFrame("binary", new Uint8Array(70_000)),
    serverFrame("pong", "x"),
  ],
});
