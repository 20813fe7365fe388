import { assertEquals, assertFalse } from "@std/assert";
import {
  echoPartial,
  type PartialState,
} from "../../../handlers/echo/echo_partial.ts";
import type { HandshakeExtras } from "../../../lib/websocket.ts";
import {
  FakeConnection,
  FakeFrame,
  type Sent,
  sent,
} from "../../../lib/testing/mod.ts";
import { HANDSHAKE_INFO, LogCapture } from "../fakes.ts";

function open(): FakeConnection<PartialState> {
  const request = new Request("http://localhost:8000/ws_partial");
  const extras = echoPartial.handshake!(
    request,
    HANDSHAKE_INFO,
  ) as HandshakeExtras<PartialState>;
  return new FakeConnection({ state: extras.state! });
}

/** ASCII, so that it is valid as text and as binary. */
function pattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => 32 + ((i * 167) >> 3) % 95);
}

type DataOpcode = "text" | "binary" | "continuation";

/** Delivers one frame in parts of the given sizes. */
function deliver(
  connection: FakeConnection<PartialState>,
  payload: Uint8Array,
  sizes: readonly number[],
  { opcode = "binary" as DataOpcode, fin = true } = {},
): void {
  let start = 0;
  for (const size of sizes) {
    const end = start + size;
    const left = payload.length - end;
    echoPartial.frame(
      connection,
      new FakeFrame(opcode, payload.subarray(start, end), {
        length: payload.length,
        left,
        final: fin && left === 0,
      }),
    );
    start = end;
  }
}

/** Makes the expected fragments of 64 bytes, the last with FIN. */
function fragments(opcode: "text" | "binary", payload: Uint8Array): Sent[] {
  const expected: Sent[] = [];
  let start = 0;
  do {
    const end = Math.min(start + 64, payload.length);
    expected.push(sent(
      start === 0 ? opcode : "continuation",
      payload.subarray(start, end),
      end === payload.length,
    ));
    start = end;
  } while (start < payload.length);
  return expected;
}

Deno.test("echoPartial receives parts of at most 64 bytes", () => {
  const { receive, maxPart } = echoPartial;
  assertEquals({ receive, maxPart }, { receive: "part", maxPart: 64 });
});

Deno.test("echoPartial.handshake() makes one state per connection", () => {
  assertFalse(open().state === open().state);
});

for (
  const [length, parts] of [
    [0, ["text 0 FIN"]],
    [1, ["text 1 FIN"]],
    [63, ["text 63 FIN"]],
    [64, ["text 64 FIN"]],
    [65, ["text 64", "continuation 1 FIN"]],
    [128, ["text 64", "continuation 64 FIN"]],
    [129, ["text 64", "continuation 64", "continuation 1 FIN"]],
  ] as const
) {
  Deno.test(`echoPartial.frame() sends ${length} bytes in ${parts.length} fragments`, () => {
    const connection = open();
    deliver(connection, pattern(length), [length], { opcode: "text" });
    assertEquals(
      connection.sent.map(({ opcode, payload, final }) =>
        `${opcode} ${payload.length}${final ? " FIN" : ""}`
      ),
      parts,
    );
  });
}

for (
  const sizes of [
    [1000],
    [64, 64, 64],
    [63, 1, 64],
    [65, 63],
    [1, 1, 1],
    Array<number>(200).fill(1),
    [10, 0, 100],
    [0, 5],
  ]
) {
  const name = sizes.length > 10 ? `${sizes.length} x ${sizes[0]}` : `${sizes}`;
  for (const opcode of ["text", "binary"] as const) {
    Deno.test(`echoPartial.frame() makes the same fragments of ${opcode} in parts of ${name}`, () => {
      const connection = open();
      const payload = pattern(sizes.reduce((sum, size) => sum + size));
      deliver(connection, payload, sizes, { opcode });
      assertEquals(connection.sent, fragments(opcode, payload));
    });
  }
}

Deno.test("echoPartial.frame() splits a client's fragments into fragments of 64 bytes", () => {
  const connection = open();
  const payload = pattern(300);
  deliver(connection, payload.subarray(0, 100), [40, 60], {
    opcode: "text",
    fin: false,
  });
  deliver(connection, payload.subarray(100, 110), [10], {
    opcode: "continuation",
    fin: false,
  });
  deliver(connection, payload.subarray(110), [100, 90], {
    opcode: "continuation",
  });
  assertEquals(connection.sent, fragments("text", payload));
});

Deno.test("echoPartial.frame() ends a message whose last fragment is empty", () => {
  const connection = open();
  deliver(connection, pattern(10), [10], { opcode: "text", fin: false });
  deliver(connection, pattern(0), [0], { opcode: "continuation" });
  assertEquals(connection.sent, [sent("text", pattern(10))]);
});

Deno.test("echoPartial.frame() keeps the opcode of an empty first fragment", () => {
  const connection = open();
  deliver(connection, pattern(0), [0], { opcode: "text", fin: false });
  deliver(connection, pattern(10), [10], { opcode: "continuation" });
  assertEquals(connection.sent, [sent("text", pattern(10))]);
});

Deno.test("echoPartial.frame() echoes consecutive messages", () => {
  const connection = open();
  deliver(connection, pattern(100), [30, 70], { opcode: "text" });
  deliver(connection, pattern(70), [70], { opcode: "binary" });
  deliver(connection, pattern(3), [3], { opcode: "text" });
  assertEquals(connection.sent, [
    ...fragments("text", pattern(100)),
    ...fragments("binary", pattern(70)),
    ...fragments("text", pattern(3)),
  ]);
});

for (const size of [64, 128, 200]) {
  const count = Math.floor(size / 64);
  Deno.test(`echoPartial.frame() sends ${count} fragments after ${size} bytes of a frame`, () => {
    const connection = open();
    deliver(connection, pattern(1000), [size]);
    const all = fragments("binary", pattern(1000));
    assertEquals(connection.sent, all.slice(0, count));
  });
}

Deno.test("echoPartial.frame() copies bytes that it keeps", () => {
  const connection = open();
  const piece = pattern(10);
  const shared = new FakeFrame("binary", piece, {
    length: 20,
    left: 10,
    final: false,
  });
  echoPartial.frame(connection, shared);
  shared.payload.fill(0xff);
  deliver(connection, pattern(20).subarray(10), [10]);
  assertEquals(connection.sent, [sent("binary", pattern(20))]);
});

Deno.test("echoPartial.frame() keeps the state of connections separate", () => {
  const [a, b] = [open(), open()];
  deliver(a, pattern(10), [5]);
  deliver(b, pattern(3), [3], { opcode: "text" });
  deliver(a, pattern(10).subarray(5), [5]);
  assertEquals(a.sent, [sent("binary", pattern(10))]);
  assertEquals(b.sent, [sent("text", pattern(3))]);
});

Deno.test("echoPartial.frame() logs the lines of ESP-IDF's example as DEBUG", () => {
  using log = new LogCapture("DEBUG");
  deliver(open(), pattern(200), [64, 64, 64, 8], { opcode: "text" });
  assertEquals(
    log.lines,
    [
      "Frame len is 200",
      "Reading chunk: left_len=200, chunk_size=64",
      "Sent fragmented chunk: len=64, final=0",
      "Reading chunk: left_len=136, chunk_size=64",
      "Sent fragmented chunk: len=64, final=0",
      "Reading chunk: left_len=72, chunk_size=64",
      "Sent fragmented chunk: len=64, final=0",
      "Reading chunk: left_len=8, chunk_size=8",
      "Sent fragmented chunk: len=8, final=1",
      "Packet type: 1",
    ].map((line) => `DEBUG ws_echo_server: ${line}`),
  );
});

Deno.test("echoPartial.frame() logs no chunk for an empty frame", () => {
  using log = new LogCapture("DEBUG");
  deliver(open(), pattern(0), [0]);
  assertEquals(
    log.lines,
    [
      "Frame len is 0",
      "Sent fragmented chunk: len=0, final=1",
      "Packet type: 2",
    ].map((line) => `DEBUG ws_echo_server: ${line}`),
  );
});

Deno.test("echoPartial.frame() logs nothing when DEBUG is off", () => {
  using log = new LogCapture("INFO");
  deliver(open(), pattern(100), [30, 70]);
  assertEquals(log.lines, []);
});
