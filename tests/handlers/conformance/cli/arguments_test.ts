import { assertEquals, assertThrows } from "@std/assert";
import {
  type ConformanceArguments,
  readArguments,
} from "../../../../handlers/conformance/cli/arguments.ts";
import { UsageError } from "../../../../lib/config/arguments.ts";

function read(...args: string[]): ConformanceArguments {
  const read = readArguments(args);
  if (read === "help") throw new Error("help");
  return read;
}

Deno.test("readArguments() has the suite's port without a driver, and a free one with it", () => {
  const { port, host, cases, driver } = read();
  assertEquals([port, host, cases.length, driver], [
    9001,
    "127.0.0.1",
    517,
    undefined,
  ]);
  assertEquals(read("--driver", "x").port, 0);
  assertEquals(read("--driver", "x", "--port", "9001").port, 9001);
});

Deno.test("readArguments() splits a command, and keeps what is quoted", () => {
  const { driver } = read("--driver", `node "a b.js"  'c "d"' {url}`);
  assertEquals(driver, ["node", "a b.js", 'c "d"', "{url}"]);
});

Deno.test("readArguments() selects cases", () => {
  const { cases, selection } = read(
    ...["--cases", "1.*, 2.1", "--exclude", "1.1.*"],
  );
  assertEquals(cases.length, 9);
  assertEquals(selection, { cases: ["1.*", "2.1"], exclude: ["1.1.*"] });
});

Deno.test("readArguments() reads the timeout in seconds", () => {
  assertEquals(read("--driver", "x", "--timeout", "0.5").timeout, 500);
});

Deno.test("readArguments() refuses an empty path", () => {
  assertThrows(() => read("--out", ""), UsageError, "--out: allowed");
});
