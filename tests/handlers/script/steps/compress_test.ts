import { assert, assertEquals, assertThrows } from "@std/assert";
import { constants, inflateRawSync } from "node:zlib";
import {
  backReference,
  bomb,
  compress,
} from "../../../../handlers/script/steps/compress.ts";

/** Inflates the payload of a message as RFC 7692 §7.2.2 says. */
function inflated(payload: Uint8Array, windowBits = 15): Uint8Array {
  const tail = Uint8Array.of(0, 0, 0xff, 0xff);
  return inflateRawSync(new Uint8Array([...payload, ...tail]), {
    finishFlush: constants.Z_SYNC_FLUSH,
    windowBits,
    // zlib notices a reference beyond the window only if its output is in pieces.
    chunkSize: 256,
  });
}

Deno.test("compress() makes the data of RFC 7692 §7.2.3.1", () => {
  const data = compress(new TextEncoder().encode("Hello"));
  assertEquals(data.toHex(), "f248cdc9c90700");
});

Deno.test("bomb() inflates to its size of zeros", () => {
  const data = bomb(3);
  assert(data.length < 4096, `${data.length} bytes`);
  const zeros = inflated(data);
  assertEquals(zeros.length, 3 * 2 ** 20);
  assert(zeros.every((byte) => byte === 0));
});

Deno.test("bomb() of 256 MiB has at most a thousandth of that", () => {
  assert(bomb(256).length <= 256 * 1200);
});

Deno.test("backReference() is beyond a window of its distance", () => {
  const data = backReference(2000);
  const text = inflated(data);
  assertEquals(text.length, 2100);
  assertEquals(text.subarray(2000), text.subarray(0, 100));
  assertThrows(() => inflated(data, 9), Error, "too far back");
});
