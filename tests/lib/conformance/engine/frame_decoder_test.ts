import { assertEquals } from "@std/assert";
import {
  encodeFrame,
  type FrameOptions,
} from "../../../../lib/client/frame.ts";
import { FrameDecoder } from "../../../../lib/conformance/engine/frame_decoder.ts";
import type { Role } from "../../../../lib/conformance/case/result.ts";

/** Decodes bytes in chunks: violations, and complete frames as opcode and payload. */
function decode(
  bytes: Uint8Array<ArrayBuffer>,
  options: { role?: Role; compressed?: boolean; chunk?: number } = {},
): (string | readonly [number, string])[] {
  const { role = "server", compressed = false, chunk = 1e6 } = options;
  const decoder = new FrameDecoder(role, compressed);
  const found: (string | readonly [number, string])[] = [];
  let payload = "";
  for (let at = 0; at < bytes.length; at += chunk) {
    decoder.push(bytes.slice(at, at + chunk));
    for (;;) {
      const decoded = decoder.next();
      if (decoded === undefined) break;
      if (decoded.kind === "violation") found.push(decoded.text);
      else {
        if (decoded.offset === 0) payload = "";
        payload += decoded.bytes.toHex();
        if (decoded.isLast) found.push([decoded.header.opcode, payload]);
      }
    }
  }
  return found;
}

function frame(
  opcode: number,
  payload: string,
  options: FrameOptions = {},
): Uint8Array<ArrayBuffer> {
  return encodeFrame(opcode, Uint8Array.fromHex(payload), options);
}

const LONG = "ab".repeat(300);

for (const chunk of [1, 2, 3, 7, 1000]) {
  Deno.test(`FrameDecoder decodes frames in chunks of ${chunk} bytes`, () => {
    const bytes = Uint8Array.from([
      ...frame(1, "", { final: false }),
      ...frame(9, "0102"),
      ...frame(0, LONG),
      ...frame(2, "00".repeat(70_000)),
    ]);
    assertEquals(decode(bytes, { chunk }), [
      [1, ""],
      [9, "0102"],
      [0, LONG],
      [2, "00".repeat(70_000)],
    ]);
  });
}

Deno.test("FrameDecoder decodes a server's frames", () => {
  const bytes = frame(1, "61", { mask: "none" });
  assertEquals(decode(bytes, { role: "client" }), [[1, "61"]]);
});

const RSV1 = { rsv: 4 };

for (
  const [what, bytes, violation, options] of [
    ["an unmasked frame", frame(1, "61", { mask: "none" })],
    ["a masked frame", frame(1, "61"), undefined, { role: "client" }],
    ["a frame with the reserved bits 4", frame(1, "61", RSV1)],
    ["a frame with the reserved bits 2", frame(1, "61", { rsv: 2 })],
    [
      "a frame with the reserved bits 6",
      frame(1, "61", { rsv: 6 }),
      undefined,
      { compressed: true },
    ],
    ["the opcode 3", frame(3, "61")],
    ["the opcode 11", frame(11, "61")],
    ["a fragmented control frame", frame(9, "61", { final: false })],
    ["a control frame over 125 bytes", frame(9, "00".repeat(126))],
    ["a CLOSE of one byte", frame(8, "61")],
    [
      "a compressed control frame",
      frame(9, "61", RSV1),
      undefined,
      { compressed: true },
    ],
    ["a CONTINUATION that continues nothing", frame(0, "61")],
    [
      "a length of 16 bits that 7 bits can have",
      frame(1, "61", { lengthBits: 16 }),
      "a length that is not in its shortest form",
    ],
    [
      "a length of 64 bits that 16 bits can have",
      frame(1, "61", { lengthBits: 64 }),
      "a length that is not in its shortest form",
    ],
  ] as const satisfies readonly (readonly [
    string,
    Uint8Array<ArrayBuffer>,
    (string | undefined)?,
    { role?: Role; compressed?: boolean }?,
  ])[]
) {
  Deno.test(`FrameDecoder reports ${what}, and continues`, () => {
    const [found, ...rest] = decode(bytes, options);
    assertEquals(found, violation ?? what);
    assertEquals(rest.length, 1);
  });
}

Deno.test("FrameDecoder reports a message inside another", () => {
  const bytes = Uint8Array.from([
    ...frame(1, "61", { final: false }),
    ...frame(2, "62"),
  ]);
  assertEquals(decode(bytes), [
    [1, "61"],
    "a message inside another",
    [2, "62"],
  ]);
});

Deno.test("FrameDecoder reports a CONTINUATION with RSV1", () => {
  const bytes = Uint8Array.from([
    ...frame(1, "61", { final: false, ...RSV1 }),
    ...frame(0, "62", RSV1),
  ]);
  assertEquals(decode(bytes, { compressed: true }), [
    [1, "61"],
    "a CONTINUATION with RSV1",
    [0, "62"],
  ]);
});

Deno.test("FrameDecoder reports a violation after two bytes of a header", () => {
  assertEquals(decode(Uint8Array.of(0xc1, 0xff)), [
    "a frame with the reserved bits 4",
  ]);
});
