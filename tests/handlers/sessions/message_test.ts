import { assertEquals, assertThrows } from "@std/assert";
import { messageOf } from "../../../handlers/sessions/message.ts";
import type { Body } from "../../../lib/http/body.ts";
import { RefusedError } from "../../../lib/protocol/http_error.ts";

function bodyOf(bytes: Uint8Array<ArrayBuffer>): Body {
  return { bytes, [Symbol.dispose]() {} };
}

const EURO = new TextEncoder().encode("€");

for (
  const type of [
    "text/plain",
    "TEXT/plain; charset=UTF-8",
    'text/html;charset="utf-8"',
    "text/csv; charset=us-ascii",
    "application/json",
    "application/json; charset=utf8",
    "application/problem+json",
  ]
) {
  Deno.test(`messageOf() makes a text message of ${type}`, () => {
    assertEquals(messageOf(type, bodyOf(EURO)), "€");
  });
}

for (
  const type of [
    null,
    "",
    "application/octet-stream",
    "image/png",
    "application/jsonish",
    "application/x-www-form-urlencoded",
  ]
) {
  Deno.test(`messageOf() makes a binary message of ${type}`, () => {
    assertEquals(messageOf(type, bodyOf(EURO)), EURO);
  });
}

for (
  const [type, bytes, status] of [
    ["text/plain; charset=latin1", EURO, 415],
    ["text/plain", Uint8Array.of(0xff), 400],
    ["application/json", EURO.slice(0, 2), 400],
  ] as const
) {
  Deno.test(`messageOf() refuses ${bytes.toHex()} as ${type} with ${status}`, () => {
    const error = assertThrows(
      () => messageOf(type, bodyOf(bytes)),
      RefusedError,
    );
    assertEquals(error.answer.status, status);
  });
}
