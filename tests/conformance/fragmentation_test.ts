import { exchangeTest, WAYS } from "./exchange.ts";
import { binary, continuation, hex, ping, serverFrame, text } from "./wire.ts";

const OPEN = { final: false } as const;

for (const [by, way] of WAYS) {
  exchangeTest(`§5.4 two fragments make a message, ${way} [5.3, 5.4, 5.5]`, {
    send: [text("fragment1", OPEN), continuation("fragment2")],
    by,
    receive: [serverFrame("text", "fragment1fragment2")],
  });

  exchangeTest(`§5.4 binary fragments make a binary message, ${way}`, {
    send: [
      binary(hex("00"), OPEN),
      continuation(hex("ff"), OPEN),
      continuation(hex("80")),
    ],
    by,
    receive: [serverFrame("binary", hex("00ff80"))],
  });

  for (const final of [true, false]) {
    const fin = final ? "with" : "without";
    exchangeTest(
      `§5.4 CONTINUATION ${fin} FIN outside a message fails with 1002, ${way} [5.9 to 5.14]`,
      {
        send: [
          continuation("non-continuation payload", { final }),
          text("Hello, world!"),
        ],
        by,
        fails: 1002,
      },
    );
    exchangeTest(
      `§5.4 CONTINUATION ${fin} FIN after a complete message fails with 1002, ${way} [5.15]`,
      {
        send: [
          text("fragment1", OPEN),
          continuation("fragment2"),
          continuation("fragment3", { final }),
          text("Hello, world!"),
        ],
        by,
        receive: [serverFrame("text", "fragment1fragment2")],
        fails: 1002,
      },
    );
    exchangeTest(
      `§5.4 CONTINUATION ${fin} FIN before TEXT and CONTINUATION fails with 1002, ${way} [5.16, 5.17]`,
      {
        send: [0, 1].flatMap(() => [
          continuation("fragment1", { final }),
          text("fragment2", OPEN),
          continuation("fragment3"),
        ]),
        by,
        fails: 1002,
      },
    );
    exchangeTest(
      `§5.4 TEXT ${fin} FIN inside a message fails with 1002, ${way} [5.18]`,
      {
        send: [text("fragment1", OPEN), text("fragment2", { final })],
        by,
        fails: 1002,
      },
    );
    exchangeTest(
      `§5.4 BINARY ${fin} FIN inside a text message fails with 1002, ${way}`,
      { send: [text("a", OPEN), binary("b", { final })], by, fails: 1002 },
    );
  }
}

for (const make of [text, binary]) {
  const name = make.name;
  exchangeTest(`§5.4 fragments without payload make an empty ${name}`, {
    send: [make("", OPEN), continuation("", OPEN), continuation("")],
    receive: [serverFrame(name as "text" | "binary", "")],
  });

  exchangeTest(`§5.4 a ${name} of a thousand fragments of one byte is echoed`, {
    send: [
      make("0", OPEN),
      ...Array.from({ length: 998 }, (_, i) => continuation(`${i % 10}`, OPEN)),
      continuation("9"),
    ],
    receive: [
      serverFrame(
        name as "text" | "binary",
        `0${Array.from({ length: 998 }, (_, i) => i % 10).join("")}9`,
      ),
    ],
  });
}

exchangeTest("§5.4 fragmented messages one after the other are echoed", {
  send: [
    text("a", OPEN),
    continuation("b"),
    binary("c", OPEN),
    ping(),
    continuation("d"),
    text("e"),
    text("f", OPEN),
    continuation(""),
  ],
  receive: [
    serverFrame("text", "ab"),
    serverFrame("pong"),
    serverFrame("binary", "cd"),
    serverFrame("text", "e"),
    serverFrame("text", "f"),
  ],
});

exchangeTest("§5.4 fragments of all three forms of length make a message", {
  send: [
    binary(new Uint8Array(125).fill(1), OPEN),
    continuation(new Uint8Array(126).fill(2), OPEN),
    continuation(new Uint8Array(65536).fill(3)),
  ],
  receive: [
    serverFrame(
      "binary",
      Uint8Array.from(
        { length: 125 + 126 + 65536 },
        (_, i) => i < 125 ? 1 : i < 251 ? 2 : 3,
      ),
    ),
  ],
});

exchangeTest(
  "§5.4 a message of 65536 bytes in fragments of 1300 is echoed [10.1.1]",
  {
    send: Array.from({ length: 51 }, (_, i) => {
      const payload = "*".repeat(i < 50 ? 1300 : 65536 - 50 * 1300);
      return i === 0 ? text(payload, OPEN) : continuation(payload, {
        final: i === 50,
      });
    }),
    receive: [serverFrame("text", "*".repeat(65536))],
  },
);

exchangeTest("§5.4 a message of 65536 bytes comes back unfragmented [10.1.1]", {
  send: [text("*".repeat(65536))],
  receive: [serverFrame("text", "*".repeat(65536))],
});

// /frames: fragments are not joined.

for (const [by, way] of WAYS) {
  exchangeTest(`§5.4 /frames returns fragments unchanged, ${way}`, {
    path: "/frames",
    send: [
      text("ä".repeat(50), OPEN),
      ping("between"),
      continuation("", OPEN),
      continuation("€"),
      text("whole"),
      binary("", OPEN),
      continuation(hex("ff"), OPEN),
      continuation(""),
    ],
    by,
    receive: [
      serverFrame("text", "ä".repeat(50), false),
      serverFrame("pong", "between"),
      serverFrame("continuation", "", false),
      serverFrame("continuation", "€"),
      serverFrame("text", "whole"),
      serverFrame("binary", "", false),
      serverFrame("continuation", hex("ff"), false),
      serverFrame("continuation", ""),
    ],
  });
  exchangeTest(`§5.4 /frames keeps a code point cut by fragments, ${way}`, {
    path: "/frames",
    send: [
      text(hex("f09f"), OPEN),
      continuation(hex("98"), OPEN),
      continuation(hex("80")),
    ],
    by,
    receive: [
      serverFrame("text", hex("f09f"), false),
      serverFrame("continuation", hex("98"), false),
      serverFrame("continuation", hex("80")),
    ],
  });
}

// /ws_partial: parts of 64 bytes.

for (
  const [length, parts] of [
    [0, [0]],
    [1, [1]],
    [63, [63]],
    [64, [64]],
    [65, [64, 1]],
    [128, [64, 64]],
    [129, [64, 64, 1]],
    [300, [64, 64, 64, 64, 44]],
  ] as const
) {
  for (const by of ["whole", 1, 50] as const) {
    exchangeTest(
      `§5.4 /ws_partial sends ${length} bytes in ${parts.length} parts (sent in ${by})`,
      {
        path: "/ws_partial",
        send: [text("x".repeat(length))],
        by,
        receive: parts.map((part, i) =>
          serverFrame(
            i === 0 ? "text" : "continuation",
            "x".repeat(part),
            i === parts.length - 1,
          )
        ),
      },
    );
  }
}

exchangeTest("§5.4 /ws_partial puts a fragmented message into parts of 64", {
  path: "/ws_partial",
  send: [
    binary(new Uint8Array(60).fill(1), OPEN),
    ping("p"),
    continuation(new Uint8Array(10).fill(2), OPEN),
    continuation(new Uint8Array(60).fill(3)),
  ],
  receive: [
    serverFrame("pong", "p"),
    serverFrame(
      "binary",
      Uint8Array.from({ length: 64 }, (_, i) => i < 60 ? 1 : 2),
      false,
    ),
    serverFrame(
      "continuation",
      Uint8Array.from({ length: 64 }, (_, i) => i < 6 ? 2 : 3),
      false,
    ),
    serverFrame("continuation", hex("0303")),
  ],
});
