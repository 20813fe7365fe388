import { assertEquals, assertThrows } from "@std/assert";
import {
  describeClose,
  meaningOf,
  parseClose,
} from "../../../../../handlers/console/page/connection/close_codes.js";

Deno.test("parseClose() accepts the codes that a page can send, and reasons of 123 bytes", () => {
  assertEquals(parseClose("1000", "bye"), { code: 1000, reason: "bye" });
  assertEquals(parseClose("4999", "x".repeat(123)).code, 4999);
  for (const code of ["", "999", "1001", "2999", "5000", "3000.5", "1e3x"]) {
    assertThrows(() => parseClose(code, ""), SyntaxError);
  }
  assertThrows(() => parseClose("1000", "ü".repeat(62)), SyntaxError, "124");
});

Deno.test("describeClose() gives code and meaning", () => {
  assertEquals(
    describeClose({ code: 1000, reason: "", wasClean: true }),
    "Closed with 1000: normal closure",
  );
  assertEquals(
    describeClose({ code: 1006, reason: "", wasClean: false }),
    "Closed with 1006, not clean: abnormal closure: the connection ended without a CLOSE frame, or the browser failed it for a protocol error",
  );
});

Deno.test("meaningOf() knows the ranges of codes", () => {
  assertEquals(meaningOf(4000), "private use by an application");
  assertEquals(meaningOf(3999), "registered for a library or framework");
  assertEquals(meaningOf(1004), "reserved");
});
