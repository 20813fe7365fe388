import { assertEquals, assertThrows } from "@std/assert";
import {
  parseOptions,
  readName,
  readNumber,
  UsageError,
} from "../../../lib/config/arguments.ts";

const OPTIONS = {
  count: { type: "string", default: "1" },
  json: { type: "boolean", default: false },
} as const;

/** The message of the fault, which has to be one line. */
function faultOf(read: () => unknown): string {
  const { message } = assertThrows(read, UsageError) as Error;
  assertEquals(message.split("\n").length, 1, message);
  return message;
}

Deno.test("parseOptions() separates options from positional arguments", () => {
  const { values, positionals } = parseOptions(
    ["a", "--count", "2", "b", "--json"],
    OPTIONS,
    "NAME",
  );
  assertEquals({ ...values }, { count: "2", json: true });
  assertEquals(positionals, ["a", "b"]);
});

for (
  const [args, message] of [
    [["--nope"], "Unknown option '--nope'; allowed: NAME, --count, --json"],
    [
      ["--count"],
      "Option '--count <value>' argument missing; allowed: NAME, --count, --json",
    ],
    [
      ["--count", "--json"],
      "Option '--count' argument is ambiguous; allowed: NAME, --count, --json",
    ],
    [
      ["--json=1"],
      "Option '--json' does not take an argument; allowed: NAME, --count, --json",
    ],
  ] as const
) {
  Deno.test(`parseOptions() throws one line with the allowed arguments for ${args.join(" ")}`, () => {
    assertEquals(faultOf(() => parseOptions(args, OPTIONS, "NAME")), message);
  });
}

Deno.test("parseOptions() throws for a positional argument where none is allowed", () => {
  assertEquals(
    faultOf(() => parseOptions(["x"], OPTIONS)),
    'not "x"; allowed: --count, --json',
  );
});

Deno.test("parseOptions() refuses a second value of an option", () => {
  for (const second of [["--count", "2"], ["--count=1"], ["--count", "-1"]]) {
    const args = ["--count", "1", "--json", ...second];
    assertEquals(
      faultOf(() => parseOptions(args, OPTIONS)),
      "--count is given twice; allowed: one value",
    );
  }
});

Deno.test("parseOptions() allows a flag twice, and a multiple option", () => {
  const { values, positionals } = parseOptions(
    ["--json", "--header", "a", "--json", "--header", "b", "--", "--count"],
    { ...OPTIONS, header: { type: "string", multiple: true } },
    "NAME",
  );
  assertEquals(values.json, true);
  assertEquals(values.header, ["a", "b"]);
  assertEquals(positionals, ["--count"]);
});

Deno.test("parseOptions() reads a negative number as a value", () => {
  const { values } = parseOptions(["--count", "-1", "--json"], OPTIONS);
  assertEquals({ ...values }, { count: "-1", json: true });
});

Deno.test("readNumber() reads numbers in a range", () => {
  const fraction = { from: 0.5, to: 10, isFraction: true };
  assertEquals(readNumber("--x", "0.5", fraction), 0.5);
  assertEquals(readNumber("--x", "10", fraction), 10);
  assertEquals(readNumber("--x", "3", { from: 1, to: 3 }), 3);
  for (const text of ["", "-1", "0", "11", "1e1", "0x1", "1.", "NaN", " 1"]) {
    assertEquals(
      faultOf(() => readNumber("--x", text, fraction)),
      `--x: not "${text}"; allowed: a number from 0.5 to 10`,
    );
  }
  assertEquals(
    faultOf(() => readNumber("--x", "1.5", { from: 1, to: 3 })),
    '--x: not "1.5"; allowed: a whole number from 1 to 3',
  );
});

Deno.test("readName() reads one of the names", () => {
  assertEquals(readName("--x", "b", ["a", "b"]), "b");
  assertEquals(
    faultOf(() => readName("--x", "c", ["a", "b"])),
    '--x: not "c"; allowed: a, b',
  );
  assertEquals(
    faultOf(() => readName(undefined, "c", ["a"])),
    'not "c"; allowed: a',
  );
});
