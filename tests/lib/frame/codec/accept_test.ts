import { assertEquals } from "@std/assert";
import { createHash } from "node:crypto";
import { acceptKey } from "../../../../lib/frame/codec/accept.ts";

Deno.test("acceptKey() returns the value of the example in RFC 6455 §1.3", () => {
  assertEquals(
    acceptKey("dGhlIHNhbXBsZSBub25jZQ=="),
    "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
  );
});

Deno.test("acceptKey() agrees with the hash of node:crypto for any key", () => {
  for (let i = 0; i < 256; i++) {
    const key = btoa(String.fromCharCode(...new Uint8Array(16).fill(i)));
    const expected = createHash("sha1")
      .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest("base64");
    assertEquals(acceptKey(key), expected);
  }
});
