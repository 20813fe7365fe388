import { assert, assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../../../lib/config/arguments.ts";
import { readCommandLine } from "../../../../lib/config/command/command_line.ts";
import { readConfig } from "../../../../lib/config/config.ts";
import {
  optionOf,
  type SettingName,
  SETTINGS,
} from "../../../../lib/config/settings.ts";
import { VERSION } from "../../../../lib/config/version.ts";
import about from "../../../../deno.json" with { type: "json" };

const NAMES = Object.keys(SETTINGS) as SettingName[];

Deno.test("readCommandLine() has an option for every setting", () => {
  const args = NAMES.flatMap((name) => [
    `--${optionOf(name)}`,
    SETTINGS[name].default,
  ]);
  const env = readCommandLine(args).over(() => "not looked up");
  for (const name of NAMES) assertEquals(env(name), SETTINGS[name].default);
});

Deno.test("readCommandLine() puts options before variables", () => {
  const { over } = readCommandLine(["--port", "9000", "--frame-port=off"]);
  const config = readConfig(over((name) => ({ PORT: "1", HOST: "::1" })[name]));
  assertEquals([config.port, config.framePort, config.host], [
    9000,
    false,
    "::1",
  ]);
});

Deno.test("readCommandLine() reads --exit-with-parent", () => {
  assertEquals(readCommandLine([]).withParent, false);
  assertEquals(readCommandLine(["--exit-with-parent"]).withParent, true);
});

Deno.test("readCommandLine() reads --ready", () => {
  assertEquals(readCommandLine([]).ready, false);
  assertEquals(readCommandLine(["--ready"]).ready, true);
});

for (const flag of ["--version", "-V"]) {
  Deno.test(`readCommandLine() answers ${flag} with the version of deno.json`, () => {
    assertEquals(VERSION, about.version);
    assertEquals(readCommandLine([flag]).answer, `ws-echo-server ${VERSION}`);
  });
}

for (const flag of ["--help", "-h"]) {
  Deno.test(`readCommandLine() answers ${flag} with every option`, () => {
    const { answer } = readCommandLine([flag]);
    for (const name of NAMES) {
      const { default: text } = SETTINGS[name];
      assert(answer!.includes(`\n  --${optionOf(name)} ${text}\n`), name);
    }
  });
}

for (
  const [args, fault] of [
    [["--nope"], "Unknown option '--nope'; see deno task start --help"],
    [["--port"], "Option '--port <value>' argument missing; see deno task"],
    [
      ["--port", "0", "--frame-port", "0", "--port=1"],
      "--port is given twice; see deno task start --help",
    ],
    [["9000"], 'not "9000"; see deno task start --help'],
    [["--port", "x"], '--port: not "x"; allowed: a port from 0 to 65535'],
    [["--port", "-1"], '--port: not "-1"; allowed: a port'],
    [["--port="], '--port: not ""; allowed: a port'],
    [["--admin-token", "a b"], "--admin-token: allowed: visible ASCII"],
  ] as const
) {
  Deno.test(`readCommandLine() refuses ${args.join(" ")}`, () => {
    assertThrows(() => readCommandLine(args), UsageError, fault);
  });
}
