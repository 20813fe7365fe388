import type { Connection, Frame } from "../../lib/websocket.ts";
import { testWith } from "../permissions.ts";
import { TestClient } from "./client.ts";
import { exchangeTest } from "./exchange.ts";
import { serve } from "./server.ts";
import {
  binary,
  type Bytes,
  chops,
  continuation,
  ping,
  serverFrame,
  text,
} from "./wire.ts";

const TOO_BIG = 1009;
const OPEN = { final: false } as const;

// MAX_PAYLOAD.

for (const max of [1, 125, 126, 1000, 65535, 65536, 100_000]) {
  const server = { limits: { maxPayload: max } };
  exchangeTest(`§7.4.1 a text of MAX_PAYLOAD=${max} bytes is echoed`, {
    server,
    send: [text("*".repeat(max)), binary(new Uint8Array(max))],
    receive: [
      serverFrame("text", "*".repeat(max)),
      serverFrame("binary", new Uint8Array(max)),
    ],
  });
  exchangeTest(`§7.4.1 a byte more than MAX_PAYLOAD=${max} fails with 1009`, {
    server,
    send: [text("*".repeat(max + 1))],
    fails: TOO_BIG,
  });
  exchangeTest(
    `§7.4.1 ${max + 1} bytes announced are refused unsent (${max})`,
    {
      server,
      send: [binary("", { length: max + 1 })],
      fails: TOO_BIG,
    },
  );
  if (max === 1) continue;
  exchangeTest(
    `§7.4.1 fragments of MAX_PAYLOAD=${max} bytes in all are echoed`,
    {
      server,
      send: [
        text("a", OPEN),
        continuation("*".repeat(max - 1), OPEN),
        ping("between"),
        continuation(""),
        text("next"),
      ].slice(0, max < 4 ? 4 : 5),
      receive: [
        serverFrame("pong", "between"),
        serverFrame("text", `a${"*".repeat(max - 1)}`),
        serverFrame("text", "next"),
      ].slice(0, max < 4 ? 2 : 3),
    },
  );
  exchangeTest(
    `§7.4.1 fragments of a byte more than MAX_PAYLOAD=${max} fail with 1009`,
    {
      server,
      send: [
        binary("a", OPEN),
        continuation("*".repeat(max - 1), OPEN),
        continuation("b"),
      ],
      fails: TOO_BIG,
    },
  );
  exchangeTest(
    `§7.4.1 the header of a fragment over MAX_PAYLOAD fails with 1009 (${max})`,
    {
      server,
      send: [
        binary("a", OPEN),
        continuation("", { length: max }).subarray(0, -4),
      ],
      fails: TOO_BIG,
    },
  );
}

exchangeTest("§7.4.1 the limit counts each message separately", {
  server: { limits: { maxPayload: 10 } },
  send: [
    text("12345", OPEN),
    continuation("67890"),
    binary("1234567890"),
    text("1234567890"),
  ],
  receive: [
    serverFrame("text", "1234567890"),
    serverFrame("binary", "1234567890"),
    serverFrame("text", "1234567890"),
  ],
});

exchangeTest("§7.4.1 control frames do not count", {
  server: { limits: { maxPayload: 4 } },
  send: [text("ab", OPEN), ping("x".repeat(125)), continuation("cd")],
  receive: [serverFrame("pong", "x".repeat(125)), serverFrame("text", "abcd")],
});

exchangeTest("§7.4.1 /frames: the limit is a frame's, not a message's", {
  path: "/frames",
  server: { limits: { maxPayload: 4 } },
  send: [text("1234", OPEN), continuation("5678", OPEN), continuation("9")],
  receive: [
    serverFrame("text", "1234", false),
    serverFrame("continuation", "5678", false),
    serverFrame("continuation", "9"),
  ],
});

exchangeTest("§7.4.1 /frames: a frame over the limit fails with 1009", {
  path: "/frames",
  server: { limits: { maxPayload: 4 } },
  send: [text("1234", OPEN), continuation("56789")],
  receive: [serverFrame("text", "1234", false)],
  fails: TOO_BIG,
});

exchangeTest("§7.4.1 /ws_partial has no limit", {
  path: "/ws_partial",
  server: { limits: { maxPayload: 4 } },
  send: [text("x".repeat(70))],
  receive: [
    serverFrame("text", "x".repeat(64), false),
    serverFrame("continuation", "x".repeat(6)),
  ],
});

exchangeTest("§7.4.1 a handler's maxPayload overrides the service's", {
  path: "/small",
  server: {
    routes: {
      "/small": {
        maxPayload: 3,
        frame: (connection: Connection, frame: Frame) => connection.send(frame),
      },
    },
  },
  send: [text("abc"), text("abcd")],
  receive: [serverFrame("text", "abc")],
  fails: TOO_BIG,
});

// MAX_FRAGMENTS.

const VIOLATION = 1008;

/** A message of frames: only the last one has FIN. */
function frames(count: number, payload = ""): Bytes[] {
  return Array.from(
    { length: count },
    (_, i) =>
      (i === 0 ? text : continuation)(i === 1 ? payload : "", {
        final: i === count - 1,
      }),
  );
}

exchangeTest("§5.4 a message of MAX_FRAGMENTS frames is echoed", {
  server: { limits: { maxFragments: 4 } },
  send: [...frames(4, "one"), ping("between"), ...frames(4, "two"), text("!")],
  receive: [
    serverFrame("text", "one"),
    serverFrame("pong", "between"),
    serverFrame("text", "two"),
    serverFrame("text", "!"),
  ],
});

for (const max of [1, 2, 1000, 10_000]) {
  exchangeTest(
    `§7.4.1 a message that continues after MAX_FRAGMENTS=${max} fails with 1008`,
    {
      server: { limits: { maxFragments: max } },
      send: frames(max + 1).slice(0, max),
      fails: VIOLATION,
    },
  );
}

exchangeTest("§5.4 /frames accepts any number of fragments", {
  path: "/frames",
  server: { limits: { maxFragments: 2 } },
  send: frames(5, "second"),
  receive: [
    serverFrame("text", "", false),
    serverFrame("continuation", "second", false),
    serverFrame("continuation", "", false),
    serverFrame("continuation", "", false),
    serverFrame("continuation", ""),
  ],
});

// Autobahn 9: large messages. 9.3.1 and 9.4.1 have 65536 fragments.

/** ASCII that does not repeat at a power of two. */
function ascii(length: number): Bytes {
  return Uint8Array.from({ length }, (_, i) => 0x20 + (i * 7 + (i >> 8)) % 90);
}

/** Text of three-byte characters, nearly `length` bytes. */
function wide(length: number): Bytes {
  return new TextEncoder().encode("€".repeat(Math.floor(length / 3)));
}

function fragments(
  make: typeof text | typeof binary,
  bytes: Bytes,
  size: number,
): Bytes[] {
  return chops(bytes, size).map((piece, i) => {
    const final = (i + 1) * size >= bytes.length;
    return i === 0 ? make(piece, { final }) : continuation(piece, { final });
  });
}

const KIB = 1024;
const MIB = 1024 * KIB;

for (
  const [name, size] of [
    ["64 KiB", 64 * KIB],
    ["1 MiB", MIB],
    ["4 MiB", 4 * MIB],
    ["16 MiB", 16 * MIB],
  ] as const
) {
  exchangeTest(`§5.2 a text of ${name} is echoed [9.1]`, {
    send: [text(wide(size))],
    receive: [serverFrame("text", wide(size))],
  });
  exchangeTest(`§5.2 a binary message of ${name} is echoed [9.2]`, {
    send: [binary(ascii(size))],
    receive: [serverFrame("binary", ascii(size))],
  });
}

for (
  const [name, size] of [
    ["64 bytes", 64],
    ["1 KiB", KIB],
    ["64 KiB", 64 * KIB],
    ["1 MiB", MIB],
  ] as const
) {
  const total = 4 * MIB;
  exchangeTest(`§5.4 a text of 4 MiB in fragments of ${name} is echoed [9.3]`, {
    send: fragments(text, wide(total), size),
    receive: [serverFrame("text", wide(total))],
  });
  exchangeTest(
    `§5.4 a binary message of 4 MiB in fragments of ${name} is echoed [9.4]`,
    {
      send: fragments(binary, ascii(total), size),
      receive: [serverFrame("binary", ascii(total))],
    },
  );
}

for (const size of [64, 256, 1000, 2048]) {
  exchangeTest(`§5.2 a text of 1 MiB in chunks of ${size} is echoed [9.5]`, {
    send: [text(wide(MIB))],
    by: size,
    receive: [serverFrame("text", wide(MIB))],
  });
  exchangeTest(
    `§5.2 a binary message of 1 MiB in chunks of ${size} is echoed [9.6]`,
    {
      send: [binary(ascii(MIB))],
      by: size,
      receive: [serverFrame("binary", ascii(MIB))],
    },
  );
}

exchangeTest("§5.4 /frames returns fragments of 1 MiB unchanged", {
  path: "/frames",
  send: fragments(binary, ascii(4 * MIB), MIB),
  receive: chops(ascii(4 * MIB), MIB).map((piece, i) =>
    serverFrame(i === 0 ? "binary" : "continuation", piece, i === 3)
  ),
});

testWith(
  { net: true },
  "§5.4 /ws_partial: 1 MiB comes back in 16384 parts of 64 bytes",
  async () => {
    await using server = serve();
    using client = await TestClient.open(server.address, "/ws_partial");
    const bytes = ascii(MIB);
    const parts = chops(bytes, 64);
    const read = async () => {
      for (const [i, part] of parts.entries()) {
        const last = i === parts.length - 1;
        await client.expect(
          serverFrame(i === 0 ? "text" : "continuation", part, last),
        );
      }
    };
    await Promise.all([client.write(text(bytes)), read()]);
    await client.close();
  },
);
