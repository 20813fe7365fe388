import { assert, assertEquals, assertMatch } from "@std/assert";
import config from "../deno.json" with { type: "json" };
import { within } from "./integration/support/within.ts";
import { testWith } from "./permissions.ts";
import { HELP as SOAK_HELP, readArguments } from "./soak/arguments.ts";

const NEEDS = { run: true, read: true, net: true } as const;

/** The tasks that take arguments, and arguments that each refuses, with a word of why. */
const COMMANDS: Readonly<
  Record<
    "attack" | "bench" | "fuzz" | "probe" | "soak",
    readonly (readonly [args: readonly string[], why: RegExp])[]
  >
> = {
  attack: [
    [["--nope"], /--listener, --server/],
    [["no-such-attack"], /PING floods/],
    [["--listener", "both"], /edge, frame/],
    [["--listener", "edge", "--server", "x"], /exclude/],
    [["--seconds", "0"], /0\.1 to/],
    [["--peers", "x"], /from 1 to/],
    [["--server", ""], /a command/],
    [["--server", "no-such-program"], /no such program/],
    [["--server", "node --version"], /without "port N"/],
  ],
  bench: [
    [["--nope"], /--quick/],
    [["name"], /--only/],
    [["--only", "name"], /edge, frame/],
    [["--only", "1x64x1"], /without --growth/],
    [["--quick", "--growth"], /exclude/],
    [["--rounds", "1.5"], /from 1 to/],
    [["--seconds", "-1"], /0\.1 to/],
  ],
  fuzz: [
    [["--nope"], /--seed/],
    [["no-such-target"], /heads/],
    [["--seconds", "much"], /0\.1 to/],
    [["--seed", "-1"], /from 0 to/],
  ],
  probe: [
    [["--nope"], /--junit/],
    [["http://localhost"], /ws:/],
    [["--count", "0"], /from 1 to/],
  ],
  soak: [
    [["--nope"], /--minutes/],
    [["name"], /--minutes/],
    [["--minutes", "0"], /0\.1 to/],
    [["--connections", "0.5"], /from 1 to/],
  ],
};

async function run(task: keyof typeof COMMANDS, args: readonly string[]) {
  const words = config.tasks[task].command.split(" ").slice(1);
  const { code, stdout, stderr } = await within(
    new Deno.Command(Deno.execPath(), {
      args: [...words, ...args],
      cwd: new URL("../", import.meta.url),
      env: { NO_COLOR: "1" },
      stdin: "null",
    }).output(),
    `the end of ${task}`,
  );
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, stdout: text(stdout), stderr: text(stderr) };
}

for (const task of Object.keys(COMMANDS) as (keyof typeof COMMANDS)[]) {
  testWith(
    NEEDS,
    `${task} --help tells of its options, the listener, exit codes and an example`,
    async () => {
      const { code, stdout, stderr } = await run(task, ["--help"]);
      assertEquals([code, stderr], [0, ""]);
      assertMatch(stdout, new RegExp(`^Usage: deno task ${task} `));
      assertMatch(stdout, /\bExamples?: deno task/);
      assertMatch(stdout, /\blistener\b/);
      assertMatch(stdout, /Exit code 0: .*2: invalid\sarguments/s);
      assertEquals(stdout.split("\n").filter((line) => line.length > 81), []);
    },
  );

  testWith(
    NEEDS,
    `${task} refuses invalid arguments with one line and exit code 2`,
    async () => {
      for (const [args, why] of COMMANDS[task]) {
        const { code, stdout, stderr } = await run(task, args);
        assertEquals([code, stdout], [2, ""], `${args.join(" ")}: ${stderr}`);
        assertMatch(stderr, new RegExp(`^${task}: [^\\n]+\\n$`));
        assertMatch(stderr, why);
      }
    },
  );
}

Deno.test("soak takes parts of a minute, and has its defaults in the help", () => {
  const asked = readArguments(["--minutes", "0.5"]);
  assertEquals(asked, { minutes: 0.5, connections: 2000, seed: 1 });
  assert(SOAK_HELP.includes("2000 without it"));
});
