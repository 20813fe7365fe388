import { assertEquals } from "@std/assert";
import { testWith } from "../permissions.ts";
import { TestClient } from "./client.ts";
import { exchangeTest, WAYS } from "./exchange.ts";
import { serve } from "./server.ts";
import {
  type Bytes,
  chops,
  concat,
  continuation,
  hex,
  ping,
  serverFrame,
  text,
  toBytes,
} from "./wire.ts";

const INVALID = 1007;
const OPEN = { final: false } as const;

/** Fragments of one message, `size` bytes each. */
function fragments(bytes: Bytes, size: number): Bytes[] {
  const pieces = chops(bytes, size);
  return pieces.map((piece, i) => {
    const final = i === pieces.length - 1;
    return i === 0 ? text(piece, { final }) : continuation(piece, { final });
  });
}

function isUtf8(bytes: Bytes): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

// Autobahn 6.1, 6.2.

exchangeTest("§5.6 an empty text is echoed [6.1.1]", {
  send: [text("")],
  receive: [serverFrame("text", "")],
});

exchangeTest("§5.6 three empty fragments make an empty text [6.1.2]", {
  send: [text("", OPEN), continuation("", OPEN), continuation("")],
  receive: [serverFrame("text", "")],
});

exchangeTest(
  "§5.6 three fragments, only the middle one with payload, are echoed [6.1.3]",
  {
    send: [
      text("", OPEN),
      continuation("middle frame payload", OPEN),
      continuation(""),
    ],
    receive: [serverFrame("text", "middle frame payload")],
  },
);

const SAMPLE = "Hello-µ@ßöäüàá-UTF-8!!";
const GREEK = "κόσμε";

exchangeTest("§5.6 valid UTF-8 in one frame is echoed [6.2.1]", {
  send: [text(SAMPLE)],
  receive: [serverFrame("text", SAMPLE)],
});

exchangeTest("§5.6 valid UTF-8 cut between code points is echoed [6.2.2]", {
  send: [text("Hello-µ@ßöä", OPEN), continuation("üàá-UTF-8!!")],
  receive: [serverFrame("text", SAMPLE)],
});

for (const [number, sample] of [["6.2.3", SAMPLE], ["6.2.4", GREEK]] as const) {
  for (const [by, way] of WAYS) {
    exchangeTest(
      `§5.6 valid UTF-8 in fragments of one byte is echoed, ${way} [${number}]`,
      {
        send: fragments(toBytes(sample), 1),
        by,
        receive: [serverFrame("text", sample)],
      },
    );
  }
}

exchangeTest("§5.6 a byte order mark is part of the text", {
  send: [
    text("\ufeffa"),
    text("\ufeff"),
    text(hex("ef"), OPEN),
    continuation(hex("bbbf")),
  ],
  receive: [
    serverFrame("text", "\ufeffa"),
    serverFrame("text", "\ufeff"),
    serverFrame("text", "\ufeff"),
  ],
});

// Autobahn 6.3: invalid.

const SURROGATE = concat(
  toBytes("Hello-µ@ßöäüàá-"),
  hex("eda080"),
  toBytes("UTF-8!!"),
);

for (const [by, way] of WAYS) {
  exchangeTest(
    `§8.1 invalid UTF-8 in one frame fails with 1007, ${way} [6.3.1]`,
    {
      send: [text(SURROGATE)],
      by,
      fails: INVALID,
    },
  );
  exchangeTest(
    `§8.1 invalid UTF-8 in fragments of one byte fails with 1007, ${way} [6.3.2]`,
    {
      send: fragments(SURROGATE, 1),
      by,
      fails: INVALID,
    },
  );
}

// Autobahn 6.4: the connection fails before the rest of the message is sent.

const TOO_HIGH = hex("f4908080");
const NOT_SENT: readonly [number: string, what: string, sent: Bytes][] = [
  [
    "6.4.1",
    "a whole code point too high, in its own fragment",
    concat(text(GREEK, OPEN), continuation(TOO_HIGH, OPEN)),
  ],
  [
    "6.4.2",
    "the two bytes that make a code point too high, in a fragment",
    concat(text(GREEK, OPEN), continuation(TOO_HIGH.subarray(0, 2), OPEN)),
  ],
  [
    "6.4.3",
    "a code point too high, with the rest of its frame missing",
    text(concat(toBytes(GREEK), TOO_HIGH, toBytes("edited")))
      .subarray(0, 6 + toBytes(GREEK).length + 4),
  ],
  [
    "6.4.4",
    "the byte that makes a code point too high, the rest missing",
    text(concat(toBytes(GREEK), TOO_HIGH, toBytes("edited")))
      .subarray(0, 6 + toBytes(GREEK).length + 2),
  ],
];

for (const [number, what, sent] of NOT_SENT) {
  for (const by of ["whole", 1] as const) {
    exchangeTest(`§8.1 ${what}: fails at once (in pieces: ${by}) [${number}]`, {
      send: [sent],
      by,
      fails: INVALID,
    });
  }
}

const FIRST_BAD: readonly (readonly [what: string, bad: string])[] = [
  ["a continuation byte alone", "80"],
  ["the last continuation byte alone", "bf"],
  ["C0, which is always overlong", "c0"],
  ["C1, which is always overlong", "c1"],
  ["F5, which is too high", "f5"],
  ["FE", "fe"],
  ["FF", "ff"],
  ["a second start instead of a continuation", "c3c3"],
  ["an ASCII byte instead of a continuation", "e28241"],
  ["an overlong sequence of three, at its second byte", "e09f"],
  ["a surrogate, at its second byte", "eda0"],
  ["an overlong sequence of four, at its second byte", "f08f"],
  ["a code point too high, at its second byte", "f490"],
  ["a bad third byte", "e282c0"],
  ["a bad fourth byte", "f09f987f"],
];

for (const [what, bad] of FIRST_BAD) {
  exchangeTest(`§8.1 ${what} (${bad}) fails before the frame is complete`, {
    send: [
      text(concat(toBytes("ok "), hex(bad), new Uint8Array(200)))
        .subarray(0, 8 + 3 + bad.length / 2),
    ],
    fails: INVALID,
  });
  exchangeTest(`§8.1 ${what} (${bad}) fails after 60000 bytes of the frame`, {
    send: [
      text(concat(new Uint8Array(60_000), hex(bad), new Uint8Array(5000)))
        .subarray(0, 8 + 60_000 + bad.length / 2),
    ],
    fails: INVALID,
  });
}

testWith(
  { net: true },
  "§8.1 /frames does not return a fragment with an invalid byte",
  async () => {
    await using server = serve();
    using client = await TestClient.open(server.address, "/frames");
    await client.write(text("good", OPEN), continuation(hex("61ff"), OPEN));
    await client.expect(serverFrame("text", "good", false));
    await client.expectFailure(INVALID);
  },
);

testWith(
  { net: true },
  "§8.1 /ws_partial returns nothing from the invalid byte on",
  async () => {
    await using server = serve();
    using client = await TestClient.open(server.address, "/ws_partial");
    await client.write(text(concat(new Uint8Array(200), hex("ff"))));
    let opcode = "text" as "text" | "continuation";
    for (;;) {
      const frame = await client.frame();
      if (frame.opcode === 8) {
        assertEquals([...frame.payload.subarray(0, 2)], [0x03, 0xef]);
        break;
      }
      assertEquals(frame, serverFrame(opcode, new Uint8Array(64), false));
      opcode = "continuation";
    }
    await client.expectEnd();
  },
);

exchangeTest("§8.1 a message that ends inside a code point fails with 1007", {
  send: [text(hex("61f09f98"))],
  fails: INVALID,
});

exchangeTest("§8.1 an empty last fragment does not hide a cut code point", {
  send: [text(hex("61f09f98"), OPEN), continuation("")],
  fails: INVALID,
});

exchangeTest("§8.1 a code point does not continue in the next message", {
  send: [text(hex("c3")), text(hex("a4"))],
  fails: INVALID,
});

exchangeTest("§5.4 a PING inside a code point that fragments cut is answered", {
  send: [text(hex("f09f"), OPEN), ping(hex("ff")), continuation(hex("9880"))],
  receive: [serverFrame("pong", hex("ff")), serverFrame("text", "😀")],
});

for (let cut = 1; cut < 10; cut++) {
  const bytes = toBytes("aß€😀");
  exchangeTest(
    `§5.6 "aß€😀" is echoed from two fragments, cut after byte ${cut}`,
    {
      send: [
        text(bytes.slice(0, cut), OPEN),
        continuation(bytes.slice(cut)),
      ],
      receive: [serverFrame("text", "aß€😀")],
    },
  );
}

// Autobahn 6.5 to 6.23: sequences, valid and not.

/** All prefixes of a word: those of whole code points are valid [6.6]. */
function prefixes(word: string): [string, boolean][] {
  const bytes = toBytes(word);
  return Array.from({ length: bytes.length }, (_, i) => {
    const prefix = bytes.slice(0, i + 1);
    return [prefix.toHex(), isUtf8(prefix)];
  });
}

function times(count: number, unit: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => unit(i)).join("");
}

function byte(value: number): string {
  return value.toString(16).padStart(2, "0");
}

const SEQUENCES: readonly [
  family: string,
  what: string,
  cases: readonly (readonly [hex: string, valid: boolean])[],
][] = [
  ["6.5", "valid words", [
    [toBytes(GREEK).toHex(), true],
    [toBytes("ελληνικά 日本語 😀").toHex(), true],
  ]],
  ["6.6", "prefixes of a word", prefixes(GREEK)],
  ["6.7", "the first sequence of each length", [
    ["00", true],
    ["c280", true],
    ["e0a080", true],
    ["f0908080", true],
  ]],
  ["6.8", "the first sequence of five and of six", [
    ["f888808080", false],
    ["fc8480808080", false],
  ]],
  ["6.9", "the last sequence of each length", [
    ["7f", true],
    ["dfbf", true],
    ["efbfbf", true],
    ["f48fbfbf", true],
  ]],
  ["6.10", "the last sequence of four, five and six bits patterns", [
    ["f7bfbfbf", false],
    ["fbbfbfbfbf", false],
    ["fdbfbfbfbfbf", false],
  ]],
  ["6.11", "other boundaries", [
    ["ed9fbf", true],
    ["ee8080", true],
    ["efbfbd", true],
    ["f48fbfbf", true],
    ["f4908080", false],
  ]],
  ["6.12", "continuation bytes of nothing", [
    ["80", false],
    ["bf", false],
    ["80bf", false],
    ["80bf80", false],
    ["80bf80bf", false],
    ["80bf80bf80", false],
    ["80bf80bf80bf", false],
    [times(64, (i) => byte(0x80 + i)), false],
  ]],
  ["6.13", "starts followed by a space", [
    [times(32, (i) => `${byte(0xc0 + i)}20`), false],
    [times(16, (i) => `${byte(0xe0 + i)}20`), false],
    [times(8, (i) => `${byte(0xf0 + i)}20`), false],
    [times(4, (i) => `${byte(0xf8 + i)}20`), false],
    [times(2, (i) => `${byte(0xfc + i)}20`), false],
  ]],
  ["6.14", "sequences without their last byte", [
    ["c0", false],
    ["e080", false],
    ["f08080", false],
    ["f8808080", false],
    ["fc80808080", false],
    ["df", false],
    ["efbf", false],
    ["f7bfbf", false],
    ["fbbfbfbf", false],
    ["fdbfbfbfbf", false],
  ]],
  ["6.15", "all of those, one after another", [
    ["c0e080f08080f8808080fc80808080dfefbff7bfbffbbfbfbffdbfbfbfbf", false],
  ]],
  ["6.16", "bytes that occur nowhere", [
    ["fe", false],
    ["ff", false],
    ["fefeffff", false],
  ]],
  ["6.17", "overlong forms of a slash", [
    ["c0af", false],
    ["e080af", false],
    ["f08080af", false],
    ["f8808080af", false],
    ["fc80808080af", false],
  ]],
  ["6.18", "the last overlong forms", [
    ["c1bf", false],
    ["e09fbf", false],
    ["f08fbfbf", false],
    ["f887bfbfbf", false],
    ["fc83bfbfbfbf", false],
  ]],
  ["6.19", "overlong forms of NUL", [
    ["c080", false],
    ["e08080", false],
    ["f0808080", false],
    ["f880808080", false],
    ["fc8080808080", false],
  ]],
  ["6.20", "surrogates", [
    ["eda080", false],
    ["edadbf", false],
    ["edae80", false],
    ["edafbf", false],
    ["edb080", false],
    ["edbe80", false],
    ["edbfbf", false],
  ]],
  ["6.21", "pairs of surrogates", [
    ["eda080edb080", false],
    ["eda080edbfbf", false],
    ["edadbfedb080", false],
    ["edadbfedbfbf", false],
    ["edae80edb080", false],
    ["edae80edbfbf", false],
    ["edafbfedb080", false],
    ["edafbfedbfbf", false],
  ]],
  ["6.22", "noncharacters, which are valid", [
    ["efbfbe", true],
    ["efbfbf", true],
    ...Array.from(
      { length: 16 },
      (_, i) =>
        [0xfffe, 0xffff].map((low) => {
          const character = String.fromCodePoint((i + 1) * 0x10000 + low);
          return [toBytes(character).toHex(), true] as const;
        }),
    ).flat(),
  ]],
  ["6.23", "specials and the replacement character, which are valid", [
    ["efbfb9", true],
    ["efbfba", true],
    ["efbfbb", true],
    ["efbfbc", true],
    ["efbfbd", true],
    ["efbfbe", true],
    ["efbfbf", true],
  ]],
];

for (const [family, what, cases] of SEQUENCES) {
  for (const [i, [digits, valid]] of cases.entries()) {
    const bytes = hex(digits);
    assertEquals(isUtf8(bytes), valid, `the table's ${digits}`);
    const shown = digits.length > 40 ? `${digits.slice(0, 40)}…` : digits;
    const outcome = valid
      ? { receive: [serverFrame("text", bytes)] }
      : { fails: INVALID };
    const name = `§8.1 ${what}: ${shown} is ${valid ? "" : "in"}valid`;
    exchangeTest(`${name} [${family}.${i + 1}]`, {
      send: [text(bytes)],
      ...outcome,
    });
    exchangeTest(`${name}, in fragments of one byte [${family}.${i + 1}]`, {
      send: fragments(bytes, 1),
      by: 1,
      ...outcome,
    });
  }
}

// The check in bulk gives the same verdict.

for (const length of [95, 96, 97, 128, 1000]) {
  for (const at of [0, 1, length >> 1, length - 1]) {
    exchangeTest(
      `§8.1 an invalid byte at ${at} of ${length} two-byte characters is found`,
      {
        send: [
          text(concat(
            toBytes("ä".repeat(at)),
            hex("c3"),
            toBytes("ä".repeat(length - at)),
          )),
        ],
        fails: INVALID,
      },
    );
  }
  exchangeTest(`§8.1 ${length} characters of each length are echoed`, {
    send: [text("aß€😀".repeat(length))],
    receive: [serverFrame("text", "aß€😀".repeat(length))],
  });
}
