import { assertEquals, assertNotEquals, assertThrows } from "@std/assert";
import fc from "fast-check";
import {
  closePayload,
  encodeFrame,
  maskingKey,
} from "../../../lib/client/frame.ts";

const KEY = Uint8Array.fromHex("37fa213d");

Deno.test("encodeFrame() writes the masked Hello of RFC 6455 §5.7", () => {
  const frame = encodeFrame("text", "Hello", { mask: KEY });
  assertEquals(frame.toHex(), "818537fa213d7f9f4d5158");
});

Deno.test("encodeFrame() writes the fragments of RFC 6455 §5.7", () => {
  const options = { mask: "none" } as const;
  const first = encodeFrame("text", "Hel", { ...options, final: false });
  const last = encodeFrame("continuation", "lo", options);
  assertEquals(first.toHex(), "010348656c");
  assertEquals(last.toHex(), "80026c6f");
});

/** Boundary lengths of the three forms, and the header of each. */
const HEADERS: readonly [length: number, header: string][] = [
  [0, "8280"],
  [125, "82fd"],
  [126, "82fe007e"],
  [65_535, "82feffff"],
  [65_536, "82ff0000000000010000"],
];

for (const [length, header] of HEADERS) {
  Deno.test(`encodeFrame() writes ${length} bytes in the shortest form`, () => {
    const payload = new Uint8Array(length).fill(0xff);
    const frame = encodeFrame("binary", payload, { mask: KEY });
    const size = header.length / 2;
    assertEquals(frame.subarray(0, size + 4).toHex(), `${header}37fa213d`);
    assertEquals(frame.length, size + 4 + length);
    assertEquals(payload.every((byte) => byte === 0xff), true, "not changed");
  });
}

/** Frames that violate RFC 6455. */
const BROKEN: readonly [
  what: string,
  frame: () => Uint8Array,
  bytes: string,
][] = [
  [
    "RSV1 to RSV3",
    () => encodeFrame("ping", "", { rsv: 7, mask: KEY }),
    "f980",
  ],
  ["a reserved opcode", () => encodeFrame(0xb, "", { mask: KEY }), "8b80"],
  [
    "a length in 16 bits",
    () => encodeFrame("text", "a", { lengthBits: 16, mask: KEY }),
    "81fe0001",
  ],
  [
    "a length in 64 bits",
    () => encodeFrame("text", "a", { lengthBits: 64, mask: KEY }),
    "81ff0000000000000001",
  ],
  [
    "a wrong length",
    () => encodeFrame("text", "a", { length: 300, mask: KEY }),
    "81fe012c",
  ],
  [
    "a length of 2^63",
    () => encodeFrame("text", "a", { length: 2n ** 63n, mask: KEY }),
    "81ff8000000000000000",
  ],
];

for (const [what, frame, bytes] of BROKEN) {
  Deno.test(`encodeFrame() writes ${what} when an option says so`, () => {
    assertEquals(
      frame().toHex().slice(0, bytes.length + 8),
      `${bytes}37fa213d`,
    );
  });
}

Deno.test("encodeFrame() masks so that masking again gives the payload", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (payload) => {
    const frame = encodeFrame("binary", payload);
    const start = payload.length < 126 ? 2 : 4;
    const key = frame.subarray(start, start + 4);
    const masked = frame.subarray(start + 4);
    assertEquals(masked.map((byte, i) => byte ^ key[i & 3]!), payload);
  }));
});

Deno.test("maskingKey() makes a new key for each call", () => {
  const keys = new Set<string>();
  for (let i = 0; i < 3000; i++) keys.add(maskingKey().toHex());
  assertEquals(keys.size > 2990, true, `${keys.size} different keys of 3000`);
  assertNotEquals(encodeFrame("text", "a"), encodeFrame("text", "a"));
});

Deno.test("closePayload() encodes any code", () => {
  assertEquals(closePayload().length, 0);
  assertEquals(closePayload(1005, "no").toHex(), "03ed6e6f");
  assertEquals(closePayload(65535, Uint8Array.of(0xff)).toHex(), "ffffff");
});

Deno.test("encodeFrame() and closePayload() refuse values of another type", () => {
  for (const value of [null, 5, [1], { a: 1 }, new ArrayBuffer(1)]) {
    const payload = value as unknown as string;
    for (
      const encode of [
        () => encodeFrame("text", payload),
        () => closePayload(1000, payload),
      ]
    ) {
      assertThrows(encode, TypeError, "payload is ");
    }
  }
  assertThrows(
    () => closePayload("1000" as unknown as number),
    TypeError,
    'code is "1000"; allowed: a number',
  );
});

Deno.test("encodeFrame() refuses a name that no opcode has", () => {
  assertThrows(
    () => encodeFrame("hello" as "text"),
    TypeError,
    "unknown opcode: hello",
  );
});
