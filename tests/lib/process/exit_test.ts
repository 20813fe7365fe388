import { assertEquals, assertMatch } from "@std/assert";
import { testWith } from "../../permissions.ts";
import { type Ended, runProgram } from "../../program.ts";

const PROCESS_MODULE =
  new URL("../../../lib/process/exit.ts", import.meta.url).href;

/** Runs a program that imports lib/process/exit.ts. */
function run(body: string): Promise<Ended> {
  return runProgram(`
    import * as process from ${JSON.stringify(PROCESS_MODULE)};
    ${body}`);
}

for (
  const [how, rejection] of [
    ["is not handled", 'Promise.reject(new Error("lost"))'],
    [
      "an async function throws",
      '(async () => { throw new Error("lost"); })()',
    ],
    ["is no Error", 'Promise.reject("lost")'],
  ] as const
) {
  testWith(
    { run: true, read: true },
    `logUnhandledRejections() logs a rejection that ${how}, and the process continues`,
    async () => {
      const { code, out } = await run(`
        process.logUnhandledRejections();
        ${rejection};
        setTimeout(() => console.log("still here"));
      `);
      assertEquals(code, 0);
      assertMatch(
        out,
        /^E \(\d+\) ws_echo_server: Unhandled rejection: .*lost/m,
      );
      assertMatch(out, /^still here$/m);
    },
  );
}

const START_ERROR_MODULE =
  new URL("../../../lib/config/start_error.ts", import.meta.url).href;

testWith(
  { run: true, read: true },
  "orExit() prints a StartError in one line",
  async () => {
    const { code, error } = await run(`
      import { StartError } from ${JSON.stringify(START_ERROR_MODULE)};
      process.logUnhandledRejections();
      setInterval(() => {}, 60_000);
      await process.orExit(async () => {
        throw new StartError("PORT=80 is in use");
      });`);
    assertEquals(code, 1);
    assertEquals(error, "ws_echo_server cannot start: PORT=80 is in use\n");
  },
);

testWith(
  { run: true, read: true },
  "orExit() prints the stack of any other error and exits with 1",
  async () => {
    const { code, error } = await run(`
      process.logUnhandledRejections();
      setInterval(() => {}, 60_000);
      await process.orExit(async () => { throw new TypeError("a bug"); });`);
    assertEquals(code, 1);
    assertMatch(
      error,
      /^ws_echo_server cannot start: TypeError: a bug\n {4}at /,
    );
  },
);

testWith(
  { run: true, read: true },
  "endProcess() writes every line of the log",
  async () => {
    const { code, out } = await run(`
      import { getLogger } from "@std/log";
      const log = getLogger("httpd");
      for (let i = 0; i < 3; i++) {
        log.info("line");
        await new Promise((resolve) => setTimeout(resolve));
      }
      for (let i = 0; i < 5000; i++) log.info("last words");
      await process.endProcess(3);`);
    assertEquals(code, 3);
    assertEquals(out.split("\n").length, 5004);
  },
);
