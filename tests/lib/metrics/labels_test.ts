import { assertEquals } from "@std/assert";
import {
  closeCodeLabel,
  methodLabel,
  statusLabel,
} from "../../../lib/metrics/labels.ts";

for (
  const [code, label] of [
    [1000, "1000"],
    [1005, "1005"],
    [1006, "1006"],
    [1015, "1015"],
    [1016, "other"],
    [999, "other"],
    [0, "other"],
    [2999, "other"],
    [3000, "3xxx"],
    [3999, "3xxx"],
    [4000, "4xxx"],
    [4999, "4xxx"],
    [5000, "other"],
    [65535, "other"],
  ] as const
) {
  Deno.test(`closeCodeLabel() of ${code} is ${label}`, () =>
    assertEquals(closeCodeLabel(code), label));
}

Deno.test("closeCodeLabel() has a bounded set of values", () => {
  const labels = new Set<string>();
  for (let code = 0; code < 65536; code++) labels.add(closeCodeLabel(code));
  assertEquals(labels.size, 16 + 3);
});

for (
  const [method, label] of [
    ["GET", "GET"],
    ["TRACE", "TRACE"],
    ["get", "_OTHER"],
    ["PROPFIND", "_OTHER"],
    ["", "_OTHER"],
  ] as const
) {
  Deno.test(`methodLabel() of "${method}" is ${label}`, () =>
    assertEquals(methodLabel(method), label));
}

for (
  const [status, label] of [
    [101, "101"],
    [200, "200"],
    [404, "404"],
    [503, "503"],
    [299, "2xx"],
    [302, "3xx"],
    [418, "4xx"],
    [599, "5xx"],
  ] as const
) {
  Deno.test(`statusLabel() of ${status} is ${label}`, () =>
    assertEquals(statusLabel(status), label));
}
