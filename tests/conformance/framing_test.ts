import { assertEquals } from "@std/assert";
import { testWith } from "../permissions.ts";
import { TestClient } from "./client.ts";
import { exchangeTest, WAYS } from "./exchange.ts";
import { serve } from "./server.ts";
import {
  binary,
  type Bytes,
  close,
  concat,
  continuation,
  frame,
  hex,
  ping,
  pong,
  serverFrame,
  text,
} from "./wire.ts";

const PROTOCOL_ERROR = 1002;

/** Bytes that repeat nothing at a power of two. */
function pattern(length: number): Bytes {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + (i >> 8)) & 0xff);
}

// Autobahn 1.1, 1.2: the three forms of the length.

for (const length of [0, 1, 124, 125, 126, 127, 128, 65535, 65536, 65537]) {
  exchangeTest(`§5.2 a text of ${length} bytes is echoed [1.1]`, {
    send: [text("*".repeat(length))],
    receive: [serverFrame("text", "*".repeat(length))],
  });
  exchangeTest(`§5.2 a binary message of ${length} bytes is echoed [1.2]`, {
    send: [binary(pattern(length))],
    receive: [serverFrame("binary", pattern(length))],
  });
}

for (const length of [0, 125, 126, 128]) {
  exchangeTest(`§5.2 a text of ${length} bytes is echoed, byte by byte`, {
    send: [text("*".repeat(length))],
    by: 1,
    receive: [serverFrame("text", "*".repeat(length))],
  });
}

exchangeTest("§5.2 a text of 65536 bytes in chunks of 997 is echoed [1.1.8]", {
  send: [text("*".repeat(65536))],
  by: 997,
  receive: [serverFrame("text", "*".repeat(65536))],
});

exchangeTest(
  "§5.2 a binary message of 65536 bytes in chunks of 997 is echoed [1.2.8]",
  {
    send: [binary(pattern(65536))],
    by: 997,
    receive: [serverFrame("binary", pattern(65536))],
  },
);

// Autobahn 3: RSV bits without an extension.

const TEXT = text("Hello, world!");
const ECHO = serverFrame("text", "Hello, world!");

for (let rsv = 1; rsv <= 7; rsv++) {
  const bits = rsv.toString(2).padStart(3, "0");
  for (
    const [what, bad] of [
      ["TEXT", text("x", { rsv })],
      ["an empty TEXT", text("", { rsv })],
      ["a first fragment", text("x", { rsv, final: false })],
      ["BINARY", binary(hex("00ff"), { rsv })],
      ["PING", ping("x", { rsv })],
      ["PONG", pong("x", { rsv })],
      ["CLOSE", frame(8, hex("03e8"), { rsv })],
    ] as const
  ) {
    exchangeTest(`§5.2 RSV ${bits} on ${what} fails with 1002 [3.${rsv}]`, {
      send: [bad],
      fails: PROTOCOL_ERROR,
    });
  }
  exchangeTest(`§5.2 RSV ${bits} on a CONTINUATION fails with 1002`, {
    send: [text("a", { final: false }), continuation("b", { rsv })],
    fails: PROTOCOL_ERROR,
  });
  for (const [by, way] of WAYS) {
    exchangeTest(
      `§5.2 RSV ${bits} after a valid message fails with 1002, without a PONG, ${way} [3.${rsv}]`,
      {
        send: [TEXT, text("x", { rsv }), ping()],
        by,
        receive: [ECHO],
        fails: PROTOCOL_ERROR,
      },
    );
  }
}

// Autobahn 4: reserved opcodes.

for (const opcode of [3, 4, 5, 6, 7, 11, 12, 13, 14, 15]) {
  const family = opcode < 8 ? "4.1" : "4.2";
  for (const payload of ["", "payload"]) {
    exchangeTest(
      `§5.2 opcode ${opcode} with ${payload.length} bytes fails with 1002 [${family}]`,
      { send: [frame(opcode, payload)], fails: PROTOCOL_ERROR },
    );
  }
  exchangeTest(`§5.2 opcode ${opcode} without FIN fails with 1002`, {
    send: [frame(opcode, "x", { final: false })],
    fails: PROTOCOL_ERROR,
  });
  exchangeTest(`§5.2 opcode ${opcode} inside a message fails with 1002`, {
    send: [text("a", { final: false }), frame(opcode, "x"), continuation("b")],
    fails: PROTOCOL_ERROR,
  });
  for (const [by, way] of WAYS) {
    exchangeTest(
      `§5.2 opcode ${opcode} after a valid message fails with 1002, without a PONG, ${way} [${family}]`,
      {
        send: [TEXT, frame(opcode, "x"), ping()],
        by,
        receive: [ECHO],
        fails: PROTOCOL_ERROR,
      },
    );
  }
}

// The length's form.

const LENGTHS: readonly [what: string, bytes: Uint8Array, fails: number][] = [
  ["16 bits for 0", binary("", { lengthBits: 16 }), 1002],
  ["16 bits for 125", binary(pattern(125), { lengthBits: 16 }), 1002],
  ["64 bits for 0", binary("", { lengthBits: 64 }), 1002],
  ["64 bits for 125", binary(pattern(125), { lengthBits: 64 }), 1002],
  ["64 bits for 126", binary(pattern(126), { lengthBits: 64 }), 1002],
  ["64 bits for 65535", binary(pattern(65535), { lengthBits: 64 }), 1002],
  [
    "16 bits on a fragment of 5",
    text("hello", { lengthBits: 16, final: false }),
    1002,
  ],
  ["2^63", binary("", { length: 2n ** 63n }), 1002],
  ["2^63 + 1", binary("", { length: 2n ** 63n + 1n }), 1002],
  ["2^64 - 1", binary("", { length: 2n ** 64n - 1n }), 1002],
  [
    "2^63 - 1, legal but too much,",
    binary("", { length: 2n ** 63n - 1n }),
    1009,
  ],
  ["2^62", binary("", { length: 2n ** 62n }), 1009],
  ["2^53 + 1", binary("", { length: 2n ** 53n + 1n }), 1009],
  ["2^32", binary("", { length: 2n ** 32n }), 1009],
  ["2^31", binary("", { length: 2n ** 31n }), 1009],
];

for (const [what, bytes, fails] of LENGTHS) {
  exchangeTest(`§5.2 a length of ${what} fails with ${fails}`, {
    send: [bytes],
    fails,
  });
}

// Fail at the first bad byte: the input ends with it.

const FIRST_BAD: readonly [what: string, bytes: string, fails: number][] = [
  ["RSV1 on TEXT", "c1", 1002],
  ["RSV2 on BINARY", "a2", 1002],
  ["RSV3 on PING", "99", 1002],
  ["opcode 3", "83", 1002],
  ["opcode 15", "8f", 1002],
  ["PING without FIN", "09", 1002],
  ["CLOSE without FIN", "08", 1002],
  ["CONTINUATION of nothing", "80", 1002],
  ["CONTINUATION of nothing, without FIN", "00", 1002],
  ["TEXT without MASK", "8100", 1002],
  ["TEXT of 16 bits length without MASK", "817e", 1002],
  ["PING of 126 bytes", "89fe", 1002],
  ["CLOSE of 126 bytes", "88fe", 1002],
  ["PONG with a length of 64 bits", "8aff", 1002],
  ["125 in 16 bits", "82fe007d", 1002],
  ["65535 in 64 bits", "82ff000000000000ffff", 1002],
  ["the length's top bit", "82ff8000000000000000", 1002],
  ["17 MiB in the length", "82ff0000000001100000", 1009],
];

for (const [what, bytes, fails] of FIRST_BAD) {
  exchangeTest(`§5.2 ${what}: ${fails} without waiting for more (${bytes})`, {
    send: [hex(bytes)],
    fails,
  });
}

for (const bytes of ["00", "83", "01", "82", "81"]) {
  exchangeTest(
    `§5.4 ${bytes} inside a fragmented message ${
      bytes === "00" ? "continues it" : "fails with 1002"
    }`,
    {
      send: [text("a", { final: false }), hex(bytes)],
      ...bytes === "00" ? continued() : { fails: PROTOCOL_ERROR },
    },
  );
}

/** `00` begins a correct fragment: the rest of it and the last one follow. */
function continued() {
  return {
    send: [
      text("a", { final: false }),
      hex("00"),
      continuation("b", { final: false }).subarray(1),
      continuation("c"),
    ],
    by: "frame",
    receive: [serverFrame("text", "abc")],
  } as const;
}

// Any segmentation of a valid stream.

const MESSAGES = concat(
  text("short"),
  binary(pattern(126)),
  ping("p"),
  text("a", { final: false }),
  continuation("ä€😀"),
  binary(pattern(300)),
);
const ANSWERS = [
  serverFrame("text", "short"),
  serverFrame("binary", pattern(126)),
  serverFrame("pong", "p"),
  serverFrame("text", "aä€😀"),
  serverFrame("binary", pattern(300)),
];

for (const size of [1, 2, 3, 5, 7, 13, 64, 127, 255]) {
  exchangeTest(`§5 frames of every kind are answered in chunks of ${size}`, {
    send: [MESSAGES],
    by: size,
    receive: ANSWERS,
  });
}

const BOUNDARIES: readonly [what: string, bytes: Bytes, echo: Bytes][] = [
  ["7", binary(pattern(3)), pattern(3)],
  ["16", binary(pattern(130)), pattern(130)],
  ["64", binary(pattern(65536)), pattern(65536)],
];

for (const [bits, bytes, echo] of BOUNDARIES) {
  testWith(
    { net: true },
    `§5.2 a header with ${bits} bits of length is read, cut at every byte`,
    async () => {
      await using server = serve();
      using client = await TestClient.open(server.address);
      for (let cut = 1; cut < 18 && cut < bytes.length; cut++) {
        await client.write(bytes.subarray(0, cut));
        // Another client's PING is answered: the server has read the first part.
        using other = await TestClient.open(server.address, "/ws", {
          afterHead: ping(),
        });
        await other.expect(serverFrame("pong"));
        await client.write(bytes.subarray(cut));
        await client.expect(serverFrame("binary", echo));
      }
      await client.close();
    },
  );
}

testWith(
  { net: true },
  "§5 frames of one segment are answered in one write, in order",
  async () => {
    await using server = serve();
    using client = await TestClient.open(server.address);
    for (let round = 0; round < 20; round++) {
      await client.write(text("a"), binary(hex("00ff")), ping("p"), text("b"));
      assertEquals(
        (await client.takeOnce()).toHex(),
        "810161" + "820200ff" + "8a0170" + "810162",
      );
    }
    await client.close();
  },
);

testWith(
  { net: true },
  "§5 an answer, PONG and CLOSE leave in one write",
  async () => {
    await using server = serve();
    using client = await TestClient.open(server.address);
    await client.write(text("a"), ping(), text("x", { rsv: 4 }));
    const all = (await client.takeOnce()).toHex();
    assertEquals(
      all.slice(0, 14),
      "810161" + "8a00" + "88" + all.slice(12, 14),
    );
    await client.expectEnd();
  },
);

exchangeTest(
  "§5.2 a thousand small messages in one write are echoed in order [9.7]",
  {
    send: Array.from({ length: 1000 }, (_, i) => text(String(i))),
    receive: Array.from(
      { length: 1000 },
      (_, i) => serverFrame("text", String(i)),
    ),
  },
);

testWith(
  { net: true },
  "§5.2 a thousand messages are echoed one by one [9.7.1, 9.8.1]",
  async () => {
    await using server = serve();
    using client = await TestClient.open(server.address);
    for (let i = 0; i < 500; i++) {
      await client.write(text(`${i}`));
      assertEquals(await client.text(), `${i}`);
      await client.write(binary(`${i}`));
      await client.expect(serverFrame("binary", `${i}`));
    }
    await client.write(close());
    await client.expectClose();
  },
);
