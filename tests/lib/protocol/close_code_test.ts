import { assertEquals, assertThrows } from "@std/assert";
import {
  CLOSE_CODE,
  encodeClose,
  isCloseCodeAllowed,
  MAX_REASON_BYTES,
} from "../../../lib/protocol/close_code.ts";
import { InvalidPayloadError } from "../../../lib/protocol/errors.ts";

/** RFC 6455 §7.4 and the IANA registry, as ranges of codes that may be sent. */
const ALLOWED = [[1000, 1003], [1007, 1014], [3000, 4999]] as const;

Deno.test("isCloseCodeAllowed() allows the codes of the registry only", () => {
  const allowed: number[] = [];
  for (let code = 0; code <= 0xffff; code++) {
    if (isCloseCodeAllowed(code)) allowed.push(code);
  }
  const expected = ALLOWED.flatMap(([first, last]) =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index)
  );
  assertEquals(allowed, expected);
});

Deno.test("CLOSE_CODE has the codes of RFC 6455 §7.4.1 and of its registry", () => {
  assertEquals(CLOSE_CODE, {
    normal: 1000,
    goingAway: 1001,
    protocolError: 1002,
    noStatus: 1005,
    abnormal: 1006,
    invalidPayload: 1007,
    policyViolation: 1008,
    tooBig: 1009,
    internalError: 1011,
    serviceRestart: 1012,
    tryAgainLater: 1013,
  });
});

for (
  const [name, code, reason, hex] of [
    ["nothing", undefined, undefined, ""],
    ["nothing for an empty reason", undefined, "", ""],
    ["1000", 1000, undefined, "03e8"],
    ["1001 with a reason", 1001, "bye", "03e9627965"],
    ["4999", 4999, "", "1387"],
    ["a reason as UTF-8", 3000, "ä€", "0bb8c3a4e282ac"],
  ] as const
) {
  Deno.test(`encodeClose() encodes ${name}`, () => {
    assertEquals(encodeClose(code, reason).toHex(), hex);
  });
}

for (
  const code of [
    0,
    999,
    1004,
    1005,
    1006,
    1015,
    2999,
    5000,
    65536,
    66536,
    -1000,
    1000.5,
    NaN,
    Infinity,
  ]
) {
  Deno.test(`encodeClose() throws for the code ${code}`, () => {
    assertThrows(
      () => encodeClose(code),
      InvalidPayloadError,
      `close code ${code} may not be sent`,
    );
  });
}

Deno.test("encodeClose() throws for a reason without a code", () => {
  assertThrows(
    () => encodeClose(undefined, "bye"),
    InvalidPayloadError,
    "a close reason needs a close code",
  );
});

for (
  const [name, reason] of [
    ["ASCII", "x".repeat(MAX_REASON_BYTES)],
    ["two-byte letters", "ä".repeat(61) + "x"],
    ["four-byte letters", "😀".repeat(30) + "xyz"],
  ] as const
) {
  Deno.test(`encodeClose() accepts a reason of 123 bytes of ${name}`, () => {
    assertEquals(encodeClose(1000, reason).length, 125);
  });

  Deno.test(`encodeClose() throws for a reason of 124 bytes of ${name}`, () => {
    assertThrows(
      () => encodeClose(1000, `${reason}x`),
      InvalidPayloadError,
      "at most 123 bytes, not 124",
    );
  });
}

Deno.test("encodeClose() refuses a code and a reason of another type", () => {
  const untyped = encodeClose as (...values: unknown[]) => unknown;
  for (const code of ["1000", null, {}, 1000n]) {
    assertThrows(() => untyped(code), TypeError, "allowed: a number");
  }
  for (const reason of [5, null, {}]) {
    assertThrows(() => untyped(1000, reason), TypeError, "allowed: a string");
  }
});
