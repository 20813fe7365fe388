import { assertEquals, assertMatch } from "@std/assert";
import { testWith } from "../permissions.ts";
import { type Ended, runProgram } from "../program.ts";

const PROCESS_MODULE = new URL("../../lib/process.ts", import.meta.url).href;

/** Runs a program that has lib/process.ts. */
function run(body: string): Promise<Ended> {
  return runProgram(`
    import * as process from ${JSON.stringify(PROCESS_MODULE)};
    ${body}`);
}

for (
  const [how, rejection] of [
    ["nobody handles", 'Promise.reject(new Error("lost"))'],
    [
      "an async function leaves",
      '(async () => { throw new Error("lost"); })()',
    ],
    ["is no Error", 'Promise.reject("lost")'],
  ] as const
) {
  testWith(
    { run: true, read: true },
    `surviveRejections() has a rejection that ${how} logged, and goes on`,
    async () => {
      const { code, out } = await run(`
        process.surviveRejections();
        ${rejection};
        setTimeout(() => console.log("still here"));
      `);
      assertEquals(code, 0);
      assertMatch(
        out,
        /^E \(\d+\) ws_echo_server: Unhandled rejection: .*lost/,
      );
      assertMatch(out, /\nstill here\n$/);
    },
  );
}

for (
  const [fault, line] of [
    ["new Deno.errors.AddrInUse()", "PORT=80 is in use"],
    [
      "new Deno.errors.AddrNotAvailable()",
      "PORT=80 is no address of this machine",
    ],
    [
      'new Deno.errors.NotCapable("net")',
      "PORT=80 is not permitted (net)",
    ],
  ] as const
) {
  testWith(
    { run: true, read: true },
    `orExit() tells the operator of ${fault} in one line`,
    async () => {
      const { code, error } = await run(
        `process.orExit(() => { throw ${fault}; }, "PORT=80");`,
      );
      assertEquals(code, 1);
      assertEquals(error, `ws_echo_server cannot start: ${line}\n`);
    },
  );
}

testWith(
  { run: true, read: true },
  "orExit() leaves a fault of the program's to the program",
  async () => {
    const { code, out } = await run(`
      try {
        process.orExit(() => { throw new TypeError("a bug"); });
      } catch (error) {
        console.log("caught", error.message);
      }`);
    assertEquals([code, out], [0, "caught a bug\n"]);
  },
);
