import { assertEquals, assertThrows } from "@std/assert";
import {
  checkSendOptions,
  opcodeToSend,
  payloadToSend,
} from "../../../lib/protocol/send_arguments.ts";
import { FakeConnection, FakeFrame } from "../../../lib/testing/mod.ts";
import type { Frame, SendOptions } from "../../../lib/websocket.ts";

Deno.test("opcodeToSend() returns the opcode of a whole frame", () => {
  for (const opcode of ["text", "binary", "continuation", "ping"] as const) {
    for (const payload of ["", "abc"]) {
      assertEquals(opcodeToSend(new FakeFrame(opcode, payload)), opcode);
    }
  }
});

Deno.test("opcodeToSend() returns the opcode of the first part", () => {
  const piece = new FakeFrame("text", "ab", { length: 5, left: 3 });
  assertEquals(opcodeToSend(piece), "text");
});

Deno.test("opcodeToSend() returns continuation for a later part", () => {
  const [length, left] = [5, 1];
  const piece = new FakeFrame("text", "cd", { length, left });
  assertEquals(opcodeToSend(piece), "continuation");
  const last = new FakeFrame("binary", "e", { length });
  assertEquals(opcodeToSend(last), "continuation");
});

Deno.test("checkSendOptions() allows every option and none", () => {
  const all: readonly SendOptions[] = [
    {},
    { opcode: "continuation", final: false },
    { fragmentSize: 0 },
    { fragmentSize: 7 },
    { fragmentSize: Infinity },
  ];
  for (const options of all) checkSendOptions(options);
});

/** Options of a caller without TypeScript, and their errors. */
const INVALID: readonly (readonly [unknown, string])[] = [
  [null, "TypeError: options is null; allowed: an object"],
  [7, "TypeError: options is 7; allowed: an object"],
  [
    { opcode: "zzz" },
    'TypeError: opcode is "zzz"; allowed: continuation, text, binary, close, ping, pong',
  ],
  [
    { opcode: "toString" },
    'TypeError: opcode is "toString"; allowed: continuation, text, binary, close, ping, pong',
  ],
  [
    { opcode: 1 },
    "TypeError: opcode is 1; allowed: continuation, text, binary, close, ping, pong",
  ],
  [{ final: "no" }, 'TypeError: final is "no"; allowed: true, false'],
  [
    { fragmentSize: "10" },
    'TypeError: fragmentSize is "10"; allowed: a number of bytes',
  ],
  [
    { fragmentSize: -1 },
    "RangeError: fragmentSize is -1; allowed: an integer from 0",
  ],
  [
    { fragmentSize: 1.5 },
    "RangeError: fragmentSize is 1.5; allowed: an integer from 0",
  ],
  [
    { fragmentSize: NaN },
    "RangeError: fragmentSize is NaN; allowed: an integer from 0",
  ],
];

for (const [options, expected] of INVALID) {
  Deno.test(`send() refuses the options ${Deno.inspect(options)}`, () => {
    for (const listener of ["edge", "frame"] as const) {
      const connection = new FakeConnection({ listener });
      const error = assertThrows(
        () => connection.send("x", options as SendOptions),
        Error,
      );
      assertEquals(`${error.name}: ${error.message}`, expected);
      assertEquals(connection.sent, []);
    }
  });
}

Deno.test("payloadToSend() refuses a value that is no frame", () => {
  for (const value of [5, null, undefined, {}, new ArrayBuffer(2), ["x"]]) {
    assertThrows(
      () => payloadToSend(value as Frame),
      TypeError,
      "allowed: a string, a Uint8Array, a Frame",
    );
  }
});

Deno.test("opcodeToSend() refuses a frame with an unknown opcode", () => {
  assertThrows(
    () => opcodeToSend({ opcode: "zzz", offset: 0 } as unknown as Frame),
    TypeError,
    'opcode is "zzz"',
  );
});
