import { testWith } from "../permissions.ts";
import { TestClient } from "./client.ts";
import { exchangeTest, WAYS } from "./exchange.ts";
import { serve } from "./server.ts";
import {
  continuation,
  frame,
  hex,
  ping,
  pong,
  serverFrame,
  text,
} from "./wire.ts";

const BINARY = hex("00fffefdfcfb00ff");
const LONGEST = new Uint8Array(125).fill(0xfe);

// Autobahn 2.1 to 2.4.

for (
  const [number, what, payload] of [
    ["2.1", "without payload", ""],
    ["2.2", "with text", "Hello, world!"],
    ["2.3", "with binary payload", BINARY],
    ["2.4", "of 125 bytes", LONGEST],
  ] as const
) {
  for (const [by, way] of WAYS) {
    exchangeTest(
      `§5.5.2 PING ${what} is answered with the same PONG, ${way} [${number}]`,
      { send: [ping(payload)], by, receive: [serverFrame("pong", payload)] },
    );
  }
}

for (
  const [what, length] of [
    ["126", 126],
    ["65536", 65536],
  ] as const
) {
  for (
    const [name, opcode] of [["PING", 9], ["PONG", 10], ["CLOSE", 8]] as const
  ) {
    exchangeTest(`§5.5 ${name} of ${what} bytes fails with 1002 [2.5]`, {
      send: [frame(opcode, new Uint8Array(length).fill(0xfe))],
      fails: 1002,
    });
  }
}

for (const lengthBits of [16, 64] as const) {
  for (
    const [name, opcode] of [["PING", 9], ["PONG", 10], ["CLOSE", 8]] as const
  ) {
    exchangeTest(
      `§5.5 ${name} with a length of ${lengthBits} bits fails with 1002`,
      {
        send: [frame(opcode, hex("03e8"), { lengthBits })],
        fails: 1002,
      },
    );
  }
}

exchangeTest("§5.5.2 PING of 125 bytes is answered, byte by byte [2.6]", {
  send: [ping(LONGEST)],
  by: 1,
  receive: [serverFrame("pong", LONGEST)],
});

// Autobahn 2.7 to 2.9.

exchangeTest("§5.5.3 an unsolicited PONG is ignored [2.7]", {
  send: [pong()],
});

exchangeTest("§5.5.3 an unsolicited PONG with payload is ignored [2.8]", {
  send: [pong("unsolicited pong payload")],
});

exchangeTest("§5.5.3 PONG, then PING: only the PING is answered [2.9]", {
  send: [pong("unsolicited pong payload"), ping("ping payload")],
  receive: [serverFrame("pong", "ping payload")],
});

// Autobahn 2.10, 2.11.

const TEN = Array.from({ length: 10 }, (_, i) => `payload-${i}`);

for (const [by, way] of WAYS) {
  exchangeTest(
    `§5.5.3 ten PINGs are answered by ten PONGs, in order, ${way} [2.10, 2.11]`,
    {
      send: TEN.map((payload) => ping(payload)),
      by,
      receive: TEN.map((payload) => serverFrame("pong", payload)),
    },
  );
}

// Autobahn 5.1, 5.2.

for (const [name, make] of [["PING", ping], ["PONG", pong]] as const) {
  for (const [by, way] of WAYS) {
    exchangeTest(
      `§5.5 a fragmented ${name} fails with 1002, ${way} [5.1, 5.2]`,
      {
        send: [make("a", { final: false }), continuation("b")],
        by,
        fails: 1002,
      },
    );
  }
}

exchangeTest("§5.5 a fragmented CLOSE fails with 1002", {
  send: [frame(8, hex("03e8"), { final: false }), continuation("b")],
  fails: 1002,
});

// Autobahn 5.6 to 5.8, 5.19, 5.20.

for (const [by, way] of WAYS) {
  exchangeTest(
    `§5.4 PING between two fragments is answered before the message, ${way} [5.6, 5.7, 5.8]`,
    {
      send: [
        text("fragment1", { final: false }),
        ping("ping payload"),
        continuation("fragment2"),
      ],
      by,
      receive: [
        serverFrame("pong", "ping payload"),
        serverFrame("text", "fragment1fragment2"),
      ],
    },
  );
  exchangeTest(
    `§5.4 PINGs after the second and the fourth of five fragments are answered at once, ${way} [5.19, 5.20]`,
    {
      send: [
        text("fragment1", { final: false }),
        continuation("fragment2", { final: false }),
        ping("pongme 1!"),
        continuation("fragment3", { final: false }),
        continuation("fragment4", { final: false }),
        ping("pongme 2!"),
        continuation("fragment5"),
      ],
      by,
      receive: [
        serverFrame("pong", "pongme 1!"),
        serverFrame("pong", "pongme 2!"),
        serverFrame("text", "fragment1fragment2fragment3fragment4fragment5"),
      ],
    },
  );
  exchangeTest(`§5.4 PONG between two fragments is ignored, ${way}`, {
    send: [
      text("a", { final: false }),
      pong("x"),
      continuation("b"),
    ],
    by,
    receive: [serverFrame("text", "ab")],
  });
}

testWith(
  { net: true },
  "§5.4 a PING is answered while its message waits for the next fragment [5.19]",
  async () => {
    await using server = serve();
    using client = await TestClient.open(server.address);
    await client.write(
      text("a", { final: false }),
      continuation("b", { final: false }),
      ping("1"),
    );
    await client.expect(serverFrame("pong", "1"));
    await client.write(continuation("c"), ping("2"));
    await client.expect(serverFrame("text", "abc"), serverFrame("pong", "2"));
    await client.close();
  },
);

exchangeTest("§5.5.2 a PING payload that is not UTF-8 comes back unchanged", {
  send: [ping(hex("c080edbfbfff"))],
  receive: [serverFrame("pong", hex("c080edbfbfff"))],
});

exchangeTest("§5.5 a text of 'Ping' is answered with a PING frame (/ws)", {
  send: [text("Ping me"), text("next")],
  receive: [serverFrame("text", "next"), serverFrame("ping")],
});
