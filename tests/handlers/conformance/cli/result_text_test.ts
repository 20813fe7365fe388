import { assertEquals } from "@std/assert";
import {
  differenceLines,
  tableLines,
} from "../../../../handlers/conformance/cli/result_text.ts";
import {
  compareResults,
  readExpected,
} from "../../../../lib/conformance/reports/expected.ts";
import { resultOf } from "../../../lib/conformance/reports/results.ts";

Deno.test("tableLines() has a row for each family, and no control characters", () => {
  const results = [
    resultOf("1.1.1"),
    resultOf("1.1.2", { behaviorClose: "UNCLEAN" }),
    resultOf("12.1.1", { behavior: "UNIMPLEMENTED" }),
    resultOf("13.1.1"),
  ];
  assertEquals(tableLines("a\x1b[2J", results), [
    "a\ufffd[2J: 3 OK, 1 UNIMPLEMENTED, 1 with a failed end",
    "family                                 cases   OK NON-STRICT INFO UNIMPL FAILED",
    " 1 Framing                                 2    2          0    0      0      1",
    "12 Compression of several payloads         1    0          0    0      1      0",
    "13 Compression with several parameters     1    1          0    0      0      0",
  ]);
});

Deno.test("differenceLines() explains failures, and names what has changed", () => {
  const expected = readExpected(JSON.stringify({
    client: { "1.1.1": { behavior: "FAILED", behaviorClose: "OK" } },
  }));
  const results = [
    resultOf("1.1.1"),
    resultOf("1.1.2", {
      behavior: "FAILED",
      result: "No echo.",
    }),
  ];
  assertEquals(differenceLines(compareResults("client", results, expected)), [
    "FAIL  1.1.2: A text message of 125 bytes.",
    "      expected: The same message comes back; then both sides close. (RFC 6455 §5.2)",
    "      frames FAILED: No echo.",
    "      end OK: The connection ended as it should.",
    "1.1.1 is OK, end OK now, and listed as FAILED, end OK",
  ]);
});
