import { assertEquals, assertMatch } from "@std/assert";
import config from "../deno.json" with { type: "json" };
import { within } from "./integration/support/within.ts";
import { testWith } from "./permissions.ts";
import { type Ended, runDeno } from "./program.ts";

const NEEDS = { run: true, read: true, net: true } as const;

/** The tasks with arguments; for each, invalid arguments and a pattern of the error. */
const COMMANDS: Readonly<
  Record<
    | "attack"
    | "bench"
    | "conformance"
    | "fuzz"
    | "probe"
    | "release"
    | "soak"
    | "start",
    readonly (readonly [args: readonly string[], why: RegExp])[]
  >
> = {
  attack: [
    [["--seconds", "1", "--seconds", "1"], /--seconds is given twice/],
    [["--nope"], /--listener, --server/],
    [["no-such-attack"], /PING floods/],
    [["--listener", "both"], /edge, frame/],
    [["--listener", "edge", "--server", "x"], /exclude/],
    [["--seconds", "0"], /0\.1 to/],
    [["--clients", "x"], /from 1 to/],
    [["--server", ""], /a command/],
    [["--server", "no-such-program"], /no such program/],
    [["--server", "node --version"], /without "port N"/],
  ],
  bench: [
    [["--rounds", "1", "--rounds", "1"], /--rounds is given twice/],
    [["--nope"], /--quick/],
    [["name"], /--only/],
    [["--only", "name"], /edge, frame/],
    [["--only", "1x64x1"], /without --growth/],
    [["--quick", "--growth"], /exclude/],
    [["--rounds", "1.5"], /from 1 to/],
    [["--seconds", "-1"], /0\.1 to/],
  ],
  conformance: [
    [["--cases", "1", "--cases", "1"], /--cases is given twice/],
    [["--nope"], /--driver/],
    [["name"], /--driver/],
    [["--driver", ""], /a command/],
    [["--driver", "no-such-program"], /no such program/],
    [["--driver", "x", "--timeout", "0"], /0\.1 to/],
    [["--timeout", "1"], /without --driver/],
    [["--server", "http://localhost"], /ws:/],
    [["--server", "ws://localhost", "--driver", "x"], /exclude/],
    [["--server", "ws://localhost", "--port", "1"], /exclude/],
    [["--cases", "8.*"], /no case/],
    [["--cases", "1.1.1", "--exclude", "*"], /leave no case/],
    [["--port", "65536"], /from 0 to/],
    [["--expect", "no-such-file"], /--expect: "no-such-file": /],
    [["--expect", "deno.json"], /has to be an object|no "behavior"/],
    [["--out", "deno.json"], /--out: cannot write/],
    [["--host", "192.0.2.1"], /--host, --port: /],
  ],
  fuzz: [
    [["--seed", "1", "--seed", "1"], /--seed is given twice/],
    [["--nope"], /--seed/],
    [["no-such-target"], /heads/],
    [["--seconds", "much"], /0\.1 to/],
    [["--seed", "-1"], /from 0 to/],
  ],
  probe: [
    [["--count", "1", "--count", "1"], /--count is given twice/],
    [["--nope"], /--junit/],
    [["http://localhost"], /ws:/],
    [["--count", "0"], /from 1 to/],
    [["--only", "x"], /allowed: /],
  ],
  release: [
    [["--out", "1", "--out", "1"], /--out is given twice/],
    [["--nope"], /--draft/],
    [["name"], /--out/],
  ],
  start: [
    [["--port", "1", "--port", "1"], /--port is given twice/],
    [["--nope"], /--help/],
    [["9000"], /--help/],
    [["--port", "x"], /65535/],
    [["--log-level", "loud"], /DEBUG/],
  ],
  soak: [
    [["--minutes", "1", "--minutes", "1"], /--minutes is given twice/],
    [["--nope"], /--minutes/],
    [["name"], /--minutes/],
    [["--minutes", "0"], /0\.1 to/],
    [["--connections", "0.5"], /from 1 to/],
  ],
};

function run(
  task: keyof typeof COMMANDS,
  args: readonly string[],
): Promise<Ended> {
  const [, command] = config.tasks[task].command.split("deno ");
  const words = command!.split(" ");
  return within(runDeno([...words, ...args]), `the end of ${task}`);
}

for (const task of Object.keys(COMMANDS) as (keyof typeof COMMANDS)[]) {
  testWith(
    NEEDS,
    `${task} --help prints the options, the listener, exit codes and an example`,
    async () => {
      const { code, out, error } = await run(task, ["--help"]);
      assertEquals([code, error], [0, ""]);
      assertMatch(out, new RegExp(`^Usage: deno task ${task} `));
      assertMatch(out, /\bExamples?: deno task/);
      assertMatch(out, /\blistener\b/);
      assertMatch(out, /Exit code 0: .*2: invalid\sarguments/s);
      assertEquals(out.split("\n").filter((line) => line.length > 81), []);
    },
  );

  testWith(
    NEEDS,
    `${task} refuses invalid arguments with one line and exit code 2`,
    async () => {
      for (const [args, why] of COMMANDS[task]) {
        const { code, out, error } = await run(task, args);
        assertEquals([code, out], [2, ""], `${args.join(" ")}: ${error}`);
        assertMatch(error, new RegExp(`^${task}: [^\\n]+\\n$`));
        assertMatch(error, why);
      }
    },
  );
}
