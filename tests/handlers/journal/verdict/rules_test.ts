import { deflateRawSync } from "node:zlib";
import { assertEquals } from "@std/assert";
import type { Status } from "../../../../handlers/journal/verdict/rule.ts";
import { RULES } from "../../../../handlers/journal/verdict/verdict.ts";
import { ZlibStream } from "../../../../lib/runtime/zlib_stream.ts";
import { Played, REQUEST } from "../played.ts";
import { judged } from "./judged.ts";

/** What a client does, and the result of the rule. */
type Case = readonly [what: string, play: () => Played, status: Status];

/** A handshake with other lines. */
function handshake(change: (lines: string[]) => string[]): Played {
  return Played.open(change([...REQUEST]));
}

const without = (name: string) =>
  handshake((lines) => lines.filter((line) => !line.startsWith(name)));

const withKey = (key: string) =>
  handshake((lines) =>
    lines.map((line) =>
      line.startsWith("Sec-WebSocket-Key") ? `Sec-WebSocket-Key: ${key}` : line
    )
  );

const withLine = (line: string) => handshake((lines) => [...lines, line]);

/** A client that masks its frames with some keys. */
function masks(...keys: number[]): Played {
  const played = Played.open();
  for (const key of keys) {
    const mask = new Uint8Array(4);
    new DataView(mask.buffer).setUint32(0, key);
    played.client("text", "x", { mask });
  }
  return played;
}

const RANDOM = [0x8f3a91c2, 0x11d7e0f4, 0xc5629b1d, 0x7a0e4433];

const DEFLATE = [
  "HTTP/1.1 101 Switching Protocols",
  "Sec-WebSocket-Extensions: permessage-deflate",
];

const deflating = () => Played.open(REQUEST, DEFLATE);

/** "Hello" as RFC 7692 §7.2.3.1 has it, and the second time, §7.2.3.2. */
const HELLO = Uint8Array.fromHex("f248cdc9c90700");
const AGAIN = Uint8Array.fromHex("f200110000");

const FAULT = { reaction: "fail", section: "RFC 6455 §5.1" } as const;

/** A fault, and what the client does then. */
function afterFault(
  expectation: Parameters<Played["record"]["fault"]>[1],
  play: (played: Played) => Played,
): Played {
  const played = Played.open();
  played.record.fault("a-fault", expectation);
  return play(played.pass(10));
}

const CASES: Readonly<Record<string, readonly Case[]>> = {
  "request-line": [
    ["sends a GET of HTTP/1.1", () => Played.open(), "passed"],
    [
      "sends a POST",
      () => handshake((lines) => ["POST / HTTP/1.1", ...lines.slice(1)]),
      "failed",
    ],
    [
      "sends HTTP/1.0",
      () => handshake((lines) => ["GET / HTTP/1.0", ...lines.slice(1)]),
      "failed",
    ],
    ["sends no request", () => new Played(), "not tested"],
  ],
  "required-fields": [
    ["sends all fields", () => Played.open(), "passed"],
    ["sends no Host", () => without("Host"), "failed"],
    ["sends no Upgrade", () => without("Upgrade"), "failed"],
    ["sends no Connection", () => without("Connection"), "failed"],
    ["sends no key", () => without("Sec-WebSocket-Key"), "failed"],
    ["sends no version", () => without("Sec-WebSocket-Version"), "failed"],
    [
      "sends the key twice",
      () => withLine("Sec-WebSocket-Key: 3wNPTLcRPmJvTbOgnv6hRw=="),
      "failed",
    ],
    ["sends no request", () => new Played(), "not tested"],
  ],
  "key-length": [
    ["sends 16 bytes", () => Played.open(), "passed"],
    ["sends 15 bytes", () => withKey("AAECAwQFBgcICQoLDA0O"), "failed"],
    ["sends no base64", () => withKey("!"), "failed"],
    ["sends no key", () => without("Sec-WebSocket-Key"), "not tested"],
  ],
  "key-fresh": [
    ["connects once", () => Played.open(), "not tested"],
    [
      "sends the RFC's key",
      () => withKey("dGhlIHNhbXBsZSBub25jZQ=="),
      "failed",
    ],
    ["sends zeros", () => withKey("AAAAAAAAAAAAAAAAAAAAAA=="), "failed"],
  ],
  "subprotocols": [
    ["offers none", () => Played.open(), "not tested"],
    [
      "offers two",
      () => withLine("Sec-WebSocket-Protocol: chat, echo"),
      "passed",
    ],
    [
      "offers one twice",
      () => withLine("Sec-WebSocket-Protocol: chat, chat"),
      "failed",
    ],
    [
      "offers no token",
      () => withLine("Sec-WebSocket-Protocol: a b"),
      "failed",
    ],
  ],
  "waits-for-response": [
    ["sends no frame", () => Played.open(), "not tested"],
    ["sends a frame after it", () => Played.open().client("text"), "passed"],
    [
      "sends a frame before it",
      () => new Played().request().client("text").response(),
      "failed",
    ],
    [
      "sends a frame while the response is late",
      () => later().client("text").pass(20).response(),
      "failed",
    ],
    [
      "is faster than the report of the response",
      () => later().client("text").pass(5).response(),
      "passed",
    ],
  ],
  "masked": [
    ["sends no frame", () => Played.open(), "not tested"],
    ["masks its frames", () => Played.open().client("text", "x"), "passed"],
    [
      "sends a frame without a mask",
      () => Played.open().client("text").client("text", "x", { mask: "none" }),
      "failed",
    ],
  ],
  "mask-fresh": [
    ["sends one frame", () => masks(RANDOM[0]!), "not tested"],
    ["uses new keys", () => masks(...RANDOM), "passed"],
    ["uses a key again at once", () => masks(1, 2, 2), "failed"],
    ["uses a key again later", () => masks(1, 2, 1), "failed"],
    [
      "has one chance repetition among many keys",
      () => masks(...random(200), ...random(1)),
      "passed",
    ],
    [
      "has two repetitions among many keys",
      () => masks(...random(200), ...random(2)),
      "failed",
    ],
  ],
  "mask-unpredictable": [
    ["sends two frames", () => masks(...RANDOM.slice(2)), "not tested"],
    ["uses random keys", () => masks(...RANDOM), "passed"],
    ["uses a zero key", () => masks(0), "failed"],
    ["counts up", () => masks(7, 8, 9), "failed"],
    ["counts down", () => masks(9, 8, 7), "failed"],
    ["counts over the end", () => masks(0xfffffffe, 0xffffffff, 0), "failed"],
    [
      "counts with the lowest byte first",
      () => masks(0x07000000, 0x08000000, 0x09000000),
      "failed",
    ],
    [
      "repeats one byte",
      () => masks(0x11111111, 0x77777777, 0x33333333),
      "failed",
    ],
  ],
  "opcode": [
    ["sends no frame", () => Played.open(), "not tested"],
    ["sends known opcodes", () => Played.open().client("binary"), "passed"],
    ["sends opcode 3", () => Played.open().client(3), "failed"],
    ["sends opcode 11", () => Played.open().client(11), "failed"],
  ],
  "reserved-bits": [
    ["sends no frame", () => Played.open(), "not tested"],
    [
      "sets RSV1 only",
      () => deflating().client("text", "", { rsv: 4 }),
      "passed",
    ],
    ["sets RSV2", () => Played.open().client("text", "", { rsv: 2 }), "failed"],
    ["sets RSV3", () => Played.open().client("text", "", { rsv: 1 }), "failed"],
  ],
  "length-form": [
    ["sends no frame", () => Played.open(), "not tested"],
    ["uses 7 bits for 125", () => sized(125), "passed"],
    ["uses 16 bits for 126", () => sized(126), "passed"],
    ["uses 64 bits for 65536", () => sized(65536), "passed"],
    [
      "uses 16 bits for 125",
      () => Played.open().client("text", "x".repeat(125), { lengthBits: 16 }),
      "failed",
    ],
    [
      "uses 64 bits for 65535",
      () =>
        Played.open().client("binary", "x", { length: 65535, lengthBits: 64 }),
      "failed",
    ],
    [
      "uses the highest bit",
      () => Played.open().client("binary", "x", { length: 2n ** 63n }),
      "failed",
    ],
  ],
  "control-length": [
    ["sends no control frame", () => sized(200), "not tested"],
    [
      "sends 125 bytes",
      () => Played.open().client("ping", "x".repeat(125)),
      "passed",
    ],
    [
      "sends 126 bytes",
      () => Played.open().client("ping", "x".repeat(126)),
      "failed",
    ],
  ],
  "control-whole": [
    ["sends no control frame", () => sized(1), "not tested"],
    ["sends a PING", () => Played.open().client("ping"), "passed"],
    [
      "sends a PING without FIN",
      () => Played.open().client("ping", "", { final: false }),
      "failed",
    ],
  ],
  "fragments": [
    ["sends no fragment", () => sized(1), "not tested"],
    [
      "sends fragments, and a PING among them",
      () =>
        Played.open().client("text", "a", { final: false }).client("ping")
          .client(0, "b", { final: false }).client(0, "c"),
      "passed",
    ],
    ["continues nothing", () => Played.open().client(0, "a"), "failed"],
    [
      "begins a message inside another",
      () => Played.open().client("text", "a", { final: false }).client("text"),
      "failed",
    ],
  ],
  "frame-complete": [
    [
      "leaves the end to the server",
      () => sized(1).serverFin().clientFin().ended(),
      "passed",
    ],
    ["does not end", () => sized(1), "not tested"],
    [
      "ends inside a payload",
      () => Played.open().client("text", "x", { length: 5 }).clientFin(),
      "failed",
    ],
    ["ends inside a header", () => cutHeader(), "failed"],
  ],
  "utf8": [
    [
      "sends bytes only",
      () => Played.open().client("binary", INVALID),
      "not tested",
    ],
    ["sends a text", () => Played.open().client("text", "grüße"), "passed"],
    [
      "cuts a code point at the seam of fragments",
      () =>
        Played.open().client("text", new Uint8Array([0xc3]), { final: false })
          .client(0, new Uint8Array([0xbc])),
      "passed",
    ],
    [
      "sends invalid bytes",
      () => Played.open().client("text", INVALID),
      "failed",
    ],
    [
      "ends a text inside a code point",
      () => Played.open().client("text", new Uint8Array([0x61, 0xc3])),
      "failed",
    ],
  ],
  "rsv1": [
    ["does not compress", () => sized(1), "not tested"],
    [
      "compresses as agreed",
      () => deflating().client("text", HELLO, { rsv: 4 }),
      "passed",
    ],
    [
      "compresses without an agreement",
      () => Played.open().client("text", HELLO, { rsv: 4 }),
      "failed",
    ],
    [
      "sets RSV1 in a continuation",
      () =>
        deflating().client("text", "", { rsv: 4, final: false })
          .client(0, "", { rsv: 4 }),
      "failed",
    ],
    [
      "compresses a PING",
      () => deflating().client("ping", "", { rsv: 4 }),
      "failed",
    ],
  ],
  "deflate-data": [
    ["has no agreement", () => sized(1), "not tested"],
    ["does not compress", () => deflating().client("text", "x"), "not tested"],
    [
      "refers to the message before",
      () =>
        deflating().client("text", HELLO, { rsv: 4 })
          .client("text", AGAIN, { rsv: 4 }),
      "passed",
    ],
    [
      "compresses a message in fragments",
      () =>
        deflating().client("text", HELLO.subarray(0, 3), {
          rsv: 4,
          final: false,
        })
          .client(0, HELLO.subarray(3)),
      "passed",
    ],
    [
      "refers to the message before, against the agreement",
      () =>
        Played.open(REQUEST, [
          DEFLATE[0]!,
          `${DEFLATE[1]}; client_no_context_takeover`,
        ]).client("text", HELLO, { rsv: 4 }).client("text", AGAIN, { rsv: 4 }),
      "failed",
    ],
    [
      "sends corrupt data",
      () =>
        deflating().client("text", new Uint8Array([0xff, 0xff]), { rsv: 4 }),
      "failed",
    ],
    [
      "compresses a text that is not UTF-8",
      // A stored block with the byte ff (RFC 1951 §3.2.4).
      () =>
        deflating().client("text", Uint8Array.fromHex("000100feffff00"), {
          rsv: 4,
        }),
      "failed",
    ],
    [
      "refers further back to an earlier message than agreed",
      () => {
        const window = `${DEFLATE[1]}; client_max_window_bits=9`;
        const text = Uint8Array.from(random(1000), (number) => number >>> 25);
        const [first, second] = deflated(text, text.subarray(0, 64));
        return Played.open(REQUEST, [DEFLATE[0]!, window])
          .client("binary", first, { rsv: 4 })
          .client("binary", second, { rsv: 4 });
      },
      "failed",
    ],
    [
      "compresses more than is kept",
      () => deflating().client("binary", new Uint8Array(70_000), { rsv: 4 }),
      "not tested",
    ],
    [
      "sends a message that inflates to 16 MiB",
      () => deflating().client("binary", bomb(), { rsv: 4 }),
      "not tested",
    ],
  ],
  "pong-payload": [
    ["gets no PING", () => sized(1), "not tested"],
    [
      "answers",
      () => Played.open().server("ping", "a").client("pong", "a"),
      "passed",
    ],
    [
      "answers the last of two PINGs",
      () =>
        Played.open().server("ping", "a").server("ping", "b").client(
          "pong",
          "b",
        ),
      "passed",
    ],
    [
      "sends a PONG of its own and answers",
      () =>
        Played.open().client("pong", "z").server("ping", "a").client(
          "pong",
          "a",
        ),
      "passed",
    ],
    [
      "answers another payload",
      () => Played.open().server("ping", "a").client("pong", "b"),
      "failed",
    ],
    [
      "does not answer",
      () => Played.open().server("ping", "a").pass(5000),
      "failed",
    ],
    [
      "has no time to answer",
      () => Played.open().server("ping", "a").pass(50).ended(),
      "not tested",
    ],
    [
      "has sent CLOSE before the PING",
      () => Played.open().clientClose(1000).server("ping", "a").pass(6000),
      "not tested",
    ],
  ],
  "pong-time": [
    ["answers no PING", () => Played.open().server("ping"), "not tested"],
    [
      "answers after 900 ms",
      () => Played.open().server("ping").pass(900).client("pong"),
      "passed",
    ],
    [
      "answers after 1100 ms",
      () => Played.open().server("ping").pass(1100).client("pong"),
      "failed",
    ],
  ],
  "close-answered": [
    [
      "starts the close",
      () => Played.open().clientClose(1000).serverClose(1000),
      "not tested",
    ],
    [
      "answers",
      () => Played.open().serverClose(1001).clientClose(1001),
      "passed",
    ],
    [
      "ends TCP without a CLOSE",
      () => Played.open().serverClose(1001).clientFin(),
      "failed",
    ],
    [
      "does not answer",
      () => Played.open().serverClose(1001).pass(2000).ended(),
      "failed",
    ],
    [
      "has no time to answer",
      () => Played.open().serverClose(1001).pass(9).ended(),
      "not tested",
    ],
    [
      "ends TCP because the CLOSE is a fault",
      () => afterFault(FAULT, (played) => played.serverClose(1005).clientFin()),
      "not tested",
    ],
  ],
  "close-echo": [
    [
      "answers a CLOSE that is a fault",
      () =>
        afterFault(
          FAULT,
          (played) => played.serverClose(1005).clientClose(1002),
        ),
      "not tested",
    ],
    ["does not answer", () => Played.open().serverClose(1001), "not tested"],
    [
      "answers the code",
      () => Played.open().serverClose(3000).clientClose(3000),
      "passed",
    ],
    [
      "answers no code with none",
      () => Played.open().serverClose().clientClose(),
      "passed",
    ],
    [
      "answers no code with 1000",
      () => Played.open().serverClose().clientClose(1000),
      "passed",
    ],
    [
      "answers another code",
      () => Played.open().serverClose(3000).clientClose(1000),
      "failed",
    ],
    [
      "answers a code with none",
      () => Played.open().serverClose(3000).clientClose(),
      "failed",
    ],
  ],
  "close-payload": [
    ["sends no CLOSE", () => sized(1), "not tested"],
    ["sends 4999", () => Played.open().clientClose(4999, "ü"), "passed"],
    ["sends an empty CLOSE", () => Played.open().clientClose(), "passed"],
    ["sends 1005", () => Played.open().clientClose(1005), "failed"],
    ["sends 999", () => Played.open().clientClose(999), "failed"],
    ["sends one byte", () => Played.open().client("close", "x"), "failed"],
    [
      "sends a reason that is not UTF-8",
      () => Played.open().clientClose(1000, INVALID),
      "failed",
    ],
  ],
  "nothing-after-close": [
    ["sends no CLOSE", () => sized(1), "not tested"],
    ["sends nothing", () => Played.open().clientClose(1000), "passed"],
    [
      "sends a text",
      () => Played.open().clientClose(1000).client("text"),
      "failed",
    ],
    [
      "sends a PONG",
      () => Played.open().clientClose(1000).client("pong"),
      "failed",
    ],
  ],
  "close-handshake": [
    ["closes", () => Played.open().clientClose(1000).ended(), "passed"],
    ["ends TCP only", () => Played.open().clientFin().ended(), "failed"],
    ["resets the connection", () => Played.open().ended("failed"), "failed"],
    [
      "is cut off by the server",
      () => Played.open().serverFin().clientFin().ended(),
      "not tested",
    ],
    ["is open", () => Played.open(), "not tested"],
    [
      "is refused",
      () => new Played().request().response(["HTTP/1.1 403 x"]).clientFin(),
      "not tested",
    ],
    [
      "reacts to a fault",
      () => afterFault(FAULT, (played) => played.clientFin()),
      "not tested",
    ],
  ],
  "tcp-close": [
    ["is open", () => Played.open(), "not tested"],
    [
      "waits for the server",
      () =>
        Played.open().clientClose(1000).serverClose(1000).pass(200).serverFin()
          .clientFin().ended(),
      "passed",
    ],
    [
      "gives up after a time",
      () =>
        Played.open().clientClose(1000).serverClose(1000).pass(3000).clientFin()
          .ended(),
      "passed",
    ],
    [
      "ends TCP at once",
      () =>
        Played.open().serverClose(1000).clientClose(1000).pass(3).clientFin()
          .ended(),
      "failed",
    ],
    [
      "has no time to be first",
      () => Played.open().clientClose(1000).serverClose(1000).ended(),
      "not tested",
    ],
  ],
  "fault-reaction": [
    ["sees no fault", () => sized(1), "not tested"],
    [
      "closes with 1002",
      () => afterFault(FAULT, (played) => played.clientClose(1002)),
      "passed",
    ],
    [
      "ends TCP",
      () => afterFault(FAULT, (played) => played.clientFin()),
      "passed",
    ],
    [
      "resets the connection",
      () => afterFault(FAULT, (played) => played.ended("failed")),
      "passed",
    ],
    [
      "closes with another code",
      () => afterFault(FAULT, (played) => played.clientClose(1000)),
      "failed",
    ],
    [
      "closes with one of several codes",
      () =>
        afterFault(
          { ...FAULT, codes: [1007, 1009] },
          (played) => played.clientClose(1009),
        ),
      "passed",
    ],
    [
      "reacts too late",
      () =>
        afterFault(
          { ...FAULT, within: 50 },
          (played) => played.pass(100).clientClose(1002),
        ),
      "failed",
    ],
    [
      "does not react",
      () => afterFault(FAULT, (played) => played.client("text").pass(3000)),
      "failed",
    ],
    [
      "is cut off before",
      () => afterFault(FAULT, (played) => played.serverFin().ended()),
      "not tested",
    ],
    [
      "refuses a handshake",
      () =>
        afterFault(
          { ...FAULT, reaction: "refuse" },
          (played) => played.clientFin(),
        ),
      "passed",
    ],
    [
      "refuses a handshake with a CLOSE",
      () =>
        afterFault(
          { ...FAULT, reaction: "refuse" },
          (played) => played.clientClose(1010),
        ),
      "passed",
    ],
    [
      "closes a wrong handshake with 1000",
      () =>
        afterFault(
          { ...FAULT, reaction: "refuse" },
          (played) => played.clientClose(1000),
        ),
      "failed",
    ],
    [
      "accepts a wrong handshake",
      () =>
        afterFault(
          { ...FAULT, reaction: "refuse" },
          (played) => played.client("text"),
        ),
      "failed",
    ],
    [
      "continues after a legal surprise",
      () =>
        afterFault(
          { ...FAULT, reaction: "accept" },
          (played) => played.client("text"),
        ),
      "passed",
    ],
    [
      "takes legal behaviour for a fault",
      () =>
        afterFault(
          { ...FAULT, reaction: "accept" },
          (played) => played.clientClose(1002),
        ),
      "failed",
    ],
    [
      "leaves after legal behaviour",
      () =>
        afterFault(
          { ...FAULT, reaction: "accept" },
          (played) => played.clientFin(),
        ),
      "failed",
    ],
    [
      "has no time to continue",
      () =>
        afterFault(
          { ...FAULT, reaction: "accept" },
          (played) => played.ended(),
        ),
      "not tested",
    ],
  ],
};

/** A request whose end was recorded in an earlier event. */
function later(): Played {
  const played = new Played().request();
  played.recorder.endEvent();
  return played;
}

const INVALID = new Uint8Array([0x61, 0xff]);

function sized(length: number): Played {
  return Played.open().client("binary", new Uint8Array(length));
}

function cutHeader(): Played {
  const played = Played.open();
  played.recorder.received(new Uint8Array([0x81]));
  return played.clientFin();
}

/** Numbers that follow each other without a pattern. */
function random(count: number): number[] {
  return Array.from(
    { length: count },
    (_, index) => Math.imul(index * index + 1, 0x9e3779b1) >>> 0,
  );
}

/** Compresses two messages, the second with the window of the first. */
function deflated(...messages: [Uint8Array, Uint8Array]): Uint8Array[] {
  const stream = ZlibStream.deflater(15);
  const compressed = messages.map((message) => {
    const output = new Uint8Array(4096);
    stream.run(message, 0, message.length, output, 0, output.length);
    return output.slice(0, output.length - stream.outputLeft - 4);
  });
  stream.close();
  return compressed;
}

/** 16 MiB of zeros, compressed. */
function bomb(): Uint8Array {
  return deflateRawSync(new Uint8Array(2 ** 24));
}

for (const [id, cases] of Object.entries(CASES)) {
  for (const [what, play, status] of cases) {
    Deno.test(`the rule ${id} is "${status}" when a client ${what}`, () => {
      const judgement = judged(id, play());
      assertEquals(judgement.status, status, judgement.detail);
      assertEquals(judgement.evidence.length > 0, status !== "not tested");
    });
  }
}

Deno.test("every rule has a client that keeps it and one that breaks it", () => {
  for (const { id } of RULES) {
    const results = new Set((CASES[id] ?? []).map(([, , status]) => status));
    if (id === "key-fresh") results.add("passed"); // a test of its own
    assertEquals(results.has("passed"), true, `${id} passed`);
    assertEquals(results.has("failed"), true, `${id} failed`);
  }
});

Deno.test("the rule key-fresh compares the keys of a journal's connections", () => {
  const first = Played.open();
  const other = withKey("zwNPTLcRPmJvTbOgnv6hRw==");
  const again = new Played(3).request();
  assertEquals(judged("key-fresh", first, [other]).status, "passed");
  const { status, detail } = judged("key-fresh", first, [other, again]);
  assertEquals([status, detail], ["failed", "connection 3 has the same key"]);
});

Deno.test("a judgement names the entries that show it", () => {
  const played = Played.open().client("text").client("ping", "", {
    final: false,
  });
  assertEquals(judged("control-whole", played).evidence, [3]);
});

Deno.test("the rule fault-reaction says how fast the client was", () => {
  const played = afterFault(FAULT, (played) => played.clientClose(1002));
  assertEquals(
    judged("fault-reaction", played).detail,
    "a-fault (RFC 6455 §5.1): CLOSE with the code 1002 after 10 ms",
  );
});
