import { assertEquals } from "@std/assert";
import { acceptKey } from "../../../../lib/frame/codec/accept.ts";

Deno.test("acceptKey() returns the value of the example in RFC 6455 §1.3", () => {
  assertEquals(
    acceptKey("dGhlIHNhbXBsZSBub25jZQ=="),
    "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
  );
});
