import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { UsageError } from "../../../lib/config/arguments.ts";
import {
  HELP,
  type ProbeArguments,
  readArguments,
} from "../../../lib/probe/arguments.ts";
import { STEP_NAMES, steps } from "../../../lib/probe/steps.ts";

const read = (...args: string[]) => readArguments(args) as ProbeArguments;

Deno.test("readArguments() has defaults", () => {
  const { url, ...others } = read();
  assertEquals(url.href, "ws://localhost:8001/ws");
  assertEquals(others, {
    only: [],
    timeout: 5000,
    count: 100,
    headers: [],
    subprotocols: [],
    json: false,
  });
});

Deno.test("readArguments() reads every option before or after the URL", () => {
  const { url, ...others } = read(
    ...["--json", "wss://example.com/a?b=c#d", "--only", "text,close"],
    ...["--timeout", "0.5", "--count", "7", "--subprotocol", "a, b"],
    ...["--header", "Authorization: Bearer x:y", "--header", "X-Empty:"],
    ...["--junit", "probe.xml"],
  );
  assertEquals(url.href, "wss://example.com/a?b=c");
  assertEquals(others, {
    only: ["text", "close"],
    timeout: 500,
    count: 7,
    headers: [["Authorization", "Bearer x:y"], ["X-Empty", ""]],
    subprotocols: ["a", "b"],
    json: true,
    junit: "probe.xml",
  });
});

Deno.test("readArguments() ignores invalid arguments when --help is given", () => {
  assertEquals(readArguments(["--help", "nonsense"]), "help");
});

/** Invalid arguments, and the allowed values that the error names. */
const WRONG: readonly [args: string[], allowed: RegExp][] = [
  [["localhost:8000"], /ws:\/\/host:port/],
  [["http://localhost"], /ws:\/\/host:port/],
  [["ws://user:secret@localhost/"], /without user name/],
  [["ws://a/", "ws://b/"], /one URL/],
  [["--colour"], /'--colour'.*--json/],
  [["--timeout"], /--timeout/],
  [["--json=yes"], /--json/],
  [["--timeout", "-1"], /--timeout.*allowed/],
  [["--timeout", "0"], /seconds from 0\.1/],
  [["--timeout", "5s"], /seconds from 0\.1/],
  [["--count", "0"], /1 to 1000000/],
  [["--count", "1e3"], /1 to 1000000/],
  [["--only", "text,speed"], /"speed".*handshake, text/],
  [["--only", ""], /handshake, text/],
  [["--subprotocol", "a,a"], /different names/],
  [["--subprotocol", "a b"], /different names/],
  [["--junit"], /--junit/],
  [["--junit", ""], /path of a file/],
  [["--header", "no colon"], /Name: value/],
  [["--header", "Bad name: x"], /Name: value/],
  [["--header", "A: b\r\nC: d"], /Name: value/],
];

for (const [args, allowed] of WRONG) {
  Deno.test(`readArguments() names the allowed values in one line for ${args.join(" ")}`, () => {
    const error = assertThrows(() => readArguments(args), UsageError);
    assertMatch((error as Error).message, allowed);
    assert(!/[\r\n]/.test((error as Error).message));
  });
}

Deno.test("HELP names every step in lines of at most 80 columns", () => {
  for (const name of STEP_NAMES) assert(HELP.includes(name), name);
  assertEquals(HELP.split("\n").filter((line) => line.length > 80), []);
});

Deno.test("steps() have unique names", () => {
  const names = steps().map(({ name }) => name);
  assertEquals(new Set(names).size, names.length);
});
