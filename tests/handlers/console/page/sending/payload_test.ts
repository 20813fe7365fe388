import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import {
  describeClose,
  meaningOf,
  parseClose,
} from "../../../../../handlers/console/page/connection/close_codes.js";
import {
  explainOther,
  explainOwn,
  refusalOnRequest,
} from "../../../../../handlers/console/page/connection/explain_failure.js";
import {
  describeFrame,
  readReport,
} from "../../../../../handlers/console/page/timeline/frame_report.js";
import {
  isJsonStructure,
  parseJson,
  parseRepeat,
  parseSize,
  payloadMaker,
  prettyJson,
} from "../../../../../handlers/console/page/sending/payload.js";
import { due } from "../../../../../handlers/console/page/sending/repeat.js";

const FORM = { message: "", size: "", file: undefined };

Deno.test("payloadMaker() makes what the form says", () => {
  const make = (mode: Parameters<typeof payloadMaker>[0], form = {}) =>
    payloadMaker(mode, { ...FORM, ...form })();
  assertEquals(make("text", { message: "" }), "");
  assertEquals(make("json", { message: " [1] " }), " [1] ");
  assertEquals(make("hex", { message: "ff" }), Uint8Array.of(255));
  assertEquals(make("file", { file: Uint8Array.of(1) }), Uint8Array.of(1));
  assertEquals(make("random", { size: "70000" }).length, 70_000);
});

Deno.test("payloadMaker() makes other random bytes each time", () => {
  const make = payloadMaker("random", { ...FORM, size: "32" });
  assertEquals(String(make()) === String(make()), false);
});

Deno.test("payloadMaker() says what is wrong", () => {
  for (
    const [mode, message] of [
      ["json", "There is no JSON yet."],
      ["file", "Choose a file first."],
      ["random", "A size is a number of bytes"],
    ] as const
  ) {
    assertThrows(() => payloadMaker(mode, FORM), SyntaxError, message);
  }
  assertThrows(() => parseJson("{"), SyntaxError, "Not JSON: ");
});

for (
  const [text, size] of [["0", 0], ["1024", 1024], [" 64KiB ", 65_536], [
    "1 mib",
    2 ** 20,
  ]] as const
) {
  Deno.test(`parseSize() reads "${text}"`, () =>
    assertEquals(parseSize(text), size));
}

for (const text of ["", "-1", "1.5", "1GiB", "65MiB", "many"]) {
  Deno.test(`parseSize() refuses "${text}"`, () => {
    assertThrows(() => parseSize(text), SyntaxError);
  });
}

Deno.test("parseRepeat() reads times and interval, or says what is wrong", () => {
  assertEquals(parseRepeat("3", "0.5"), { times: 3, interval: 0.5 });
  for (const times of ["0", "-1", "1.5", "x", "1000001", ""]) {
    assertThrows(() => parseRepeat(times, "0"), SyntaxError, "Times");
  }
  for (const interval of ["-1", "x", "3600001"]) {
    assertThrows(() => parseRepeat("1", interval), SyntaxError, "interval");
  }
});

Deno.test("prettyJson() leaves alone what is no JSON", () => {
  assertEquals(prettyJson('{"a":1}'), '{\n  "a": 1\n}');
  assertEquals(prettyJson("{"), "{");
  assertEquals(["[1,2]", '{"a":1}', "1", "x", "[", "[]"].map(isJsonStructure), [
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
});

Deno.test("due() counts by the clock", () => {
  assertEquals([0, 9, 10, 25].map((elapsed) => due(elapsed, 10, 100)), [
    1,
    1,
    2,
    3,
  ]);
  assertEquals([due(5000, 10, 100), due(0, 0, 100)], [100, 100]);
});

Deno.test("parseClose() takes what a page may send", () => {
  assertEquals(parseClose("1000", "bye"), { code: 1000, reason: "bye" });
  assertEquals(parseClose("4999", "x".repeat(123)).code, 4999);
  for (const code of ["", "999", "1001", "2999", "5000", "3000.5", "1e3x"]) {
    assertThrows(() => parseClose(code, ""), SyntaxError);
  }
  assertThrows(() => parseClose("1000", "ü".repeat(62)), SyntaxError, "124");
});

Deno.test("describeClose() says how it ended", () => {
  assertEquals(
    describeClose({ code: 1000, reason: "", wasClean: true }),
    "Closed with 1000: normal closure",
  );
  assertEquals(
    describeClose({ code: 1006, reason: "", wasClean: false }),
    "Closed with 1006, not clean: no CLOSE frame came: the connection was cut, or the browser ended it for a protocol error",
  );
  assertEquals(meaningOf(4000), "an application's own code");
  assertEquals(meaningOf(3999), "a code registered for a library or framework");
  assertEquals(meaningOf(1004), "a reserved code");
});

const FRAME = { opcode: "pong", number: 10, final: true, length: 1 };

Deno.test("readReport() takes one frame, or a list", () => {
  assertEquals(readReport(JSON.stringify(FRAME)), [FRAME]);
  assertEquals(readReport(JSON.stringify({ frames: [FRAME, FRAME] })), [
    FRAME,
    FRAME,
  ]);
});

for (
  const data of [
    "",
    "{",
    "{}",
    "[]",
    "null",
    '{"frames":1}',
    '{"frames":[1]}',
    '{"opcode":"text"}',
    Uint8Array.of(0x7b),
  ]
) {
  Deno.test(`readReport() takes ${data} for a message`, () => {
    assertEquals(readReport(data), undefined);
  });
}

Deno.test("describeFrame() has FIN, opcode and length", () => {
  assertEquals(describeFrame(FRAME), "FIN · 0xa pong · 1 byte");
  assertEquals(
    describeFrame({ ...FRAME, final: false, length: 2 }),
    "no FIN · 0xa pong · 2 bytes",
  );
});

Deno.test("refusalOnRequest() knows what an address asks for", () => {
  const of = (path: string) => refusalOnRequest(new URL(path, "ws://h"));
  assertEquals(
    of("/ws?reject=418"),
    "The server refused the handshake with 418, as reject asks.",
  );
  assertEquals(of("/auth?token=x")?.includes("401"), true);
  assertEquals(of("/ws?subprotocol=x")?.includes("did not offer"), true);
  assertEquals(of("/ws?delay=1"), undefined);
});

/** What plain requests found out, and how the sentence begins or ends. */
const OWN: readonly [
  address: string,
  findings: { health: number | undefined; answers: boolean },
  words: RegExp,
][] = [
  [
    "ws://h:8000/auth?token=x",
    { health: undefined, answers: false },
    /^Nothing answers at h:8000 any more/,
  ],
  [
    "ws://h:8001/ws?reject=418",
    { health: undefined, answers: false },
    /^Nothing answers at h:8000 any more/,
  ],
  [
    "ws://h:8001/auth",
    { health: 200, answers: false },
    /^The browser gets no answer from h:8001, while h:8000 answers/,
  ],
  [
    "ws://h:8000/auth",
    { health: 503, answers: true },
    /^h:8000 answers with 503/,
  ],
  [
    "ws://h:8001/ws",
    { health: 502, answers: false },
    /^h:8000 answers with 502/,
  ],
  [
    "ws://h:8000/auth",
    { health: 200, answers: true },
    /\/auth answers with 401/,
  ],
  ["ws://h:8001/ws", { health: 200, answers: true }, /^h:8001 refused/],
  ["ws://h:8001/ws", { health: undefined, answers: true }, /^h:8001 refused/],
];

for (const [address, findings, words] of OWN) {
  Deno.test(`explainOwn() says ${words} of ${address} with ${JSON.stringify(findings)}`, () => {
    const said = explainOwn(new URL(address), { home: "h:8000", ...findings });
    assertMatch(said, words);
    assertEquals(said.includes("401"), words.source.includes("401"));
  });
}

Deno.test("explainOther() says no more than was found out", () => {
  const of = (status: number | undefined) =>
    explainOther(new URL("ws://h/path"), status, "http://page");
  assertMatch(
    of(undefined),
    /^The browser gets no answer from h, or none that it shows to a page of http:\/\/page\./,
  );
  assertMatch(of(0), /^h answers, but refused the handshake/);
  assertMatch(of(403), /^h answers a plain request with 403, but refused/);
  assertMatch(of(404), /^There is no route \/path at h\.$/);
  assertMatch(of(503), /^h answers a plain request with 503: it is full/);
});
