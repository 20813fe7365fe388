import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import config from "../../../deno.json" with { type: "json" };
import { Router } from "../../../lib/routing/router.ts";
import { runFaulty } from "../../conformance/faulty/faulty_client.ts";
import { testWith } from "../../permissions.ts";
import { type Ended, runDeno } from "../../program.ts";
import { listenBoth, serviceOf } from "../../service.ts";
import { within } from "../support/within.ts";

const NEEDS = { net: true, run: true, read: true, write: true } as const;

const WORDS = config.tasks.conformance.command.split(" ").slice(1);

function run(...args: string[]): Promise<Ended> {
  return within(runDeno([...WORDS, ...args]), "the end of the task");
}

/** The command of a driver: a program for `deno eval`, without spaces in it. */
function driver(...lines: string[]): string {
  const program = `
    const base = Deno.env.get("CONFORMANCE_URL");
    const run = (path) => new Promise((resolve) => {
      const socket = new WebSocket(base + path);
      socket.binaryType = "arraybuffer";
      socket.onmessage = ({ data }) => {
        if (path.includes("runCase")) socket.send(data);
      };
      socket.onclose = resolve;
    });
    ${lines.join("\n")}`;
  return `"${Deno.execPath()}" eval "${
    program.replace(/"/g, "`").replace(/\s+/g, " ")
  }"`;
}

const update = 'await run("/updateReports?agent=a");';
const runCase = (n: number) => `await run("/runCase?case=${n}&agent=a");`;

async function withDirectory(
  use: (path: string) => Promise<void>,
): Promise<void> {
  const path = await Deno.makeTempDir();
  try {
    await use(path);
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

testWith(
  NEEDS,
  "conformance --driver runs the driver, prints a table and writes the reports",
  () =>
    withDirectory(async (path) => {
      const { code, out, error } = await run(
        ...["--driver", driver(runCase(1), runCase(2), update)],
        ...["--cases", "1.1.1,2.1", "--out", `${path}/new/reports`],
      );
      assertEquals([code, error], [0, ""], out);
      assertStringIncludes(out, "\na: 2 OK\n");
      const files = await Array.fromAsync(
        Deno.readDir(`${path}/new/reports`),
        ({ name }) => name,
      );
      assertEquals(files.toSorted(), [
        "a_case_1_1_1.html",
        "a_case_1_1_1.json",
        "a_case_2_1.html",
        "a_case_2_1.json",
        "badge.svg",
        "expected-results.json",
        "icon.svg",
        "index.html",
        "index.json",
        "junit.xml",
        "style.css",
        "summary.md",
      ]);
    }),
);

testWith(
  NEEDS,
  "conformance exits with 1 when a case fails that --expect does not list",
  () =>
    withDirectory(async (path) => {
      // The driver does not echo: the case fails.
      const silent = driver(
        'const silent = new WebSocket(base + "/runCase?case=1&agent=a");',
        "await new Promise((resolve) => silent.onclose = resolve);",
        update,
      );
      const failing = ["--driver", silent, "--cases", "1.1.1"];
      const failed = await run(...failing, "--out", path);
      assertEquals([failed.code, failed.error], [1, ""], failed.out);
      assertStringIncludes(failed.out, "\nFAIL  1.1.1: ");
      const expected = `${path}/expected-results.json`;
      const listed = await run(...failing, "--expect", expected);
      assertEquals([listed.code, listed.error], [0, ""], listed.out);
    }),
);

testWith(
  NEEDS,
  "conformance exits with 1 when the driver ends before /updateReports",
  async () => {
    const { code, error } = await run(
      ...["--driver", driver(runCase(1), "Deno.exit(3);"), "--cases", "1.1.1"],
    );
    assertEquals([code, error], [
      1,
      "conformance: the driver ended with exit code 3 before /updateReports\n",
    ]);
  },
);

testWith(
  NEEDS,
  "conformance ends a driver that has no result for a time",
  async () => {
    const { code, error } = await run(
      ...["--driver", driver("setInterval(() => {}, 1000);")],
      ...["--timeout", "0.5"],
    );
    assertEquals([code, error], [
      1,
      "conformance: there was no result for 0.5 s; the driver was ended\n",
    ]);
  },
);

testWith(
  NEEDS,
  "conformance --server runs the cases against a server",
  async () => {
    const router = new Router({
      "/ws": { frame: (connection, frame) => connection.send(frame) },
    });
    await using server = listenBoth(serviceOf({ router }));
    const url = `ws://127.0.0.1:${server.address.frame.port}/ws`;
    const { code, out, error } = await run(
      ...["--server", url, "--cases", "1.*,2.*,3.*,4.*,5.1,12.1.1"],
    );
    assertEquals([code, error], [0, ""], out);
    assertStringIncludes(out, ": 46 OK\n");
  },
);

testWith(
  NEEDS,
  "conformance --server stops when the server cannot be reached",
  async () => {
    const { code, error } = await run("--server", "ws://127.0.0.1:1/");
    assertEquals(code, 1);
    assertStringIncludes(error, "conformance: The opening handshake failed");
  },
);

testWith(
  NEEDS,
  "conformance without a driver serves the cases and the reports until SIGINT",
  async () => {
    const child = new Deno.Command(Deno.execPath(), {
      args: [...WORDS, "--port", "0", "--cases", "1.1.1"],
      cwd: new URL("../../../", import.meta.url),
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const errors = new Response(child.stderr).text();
    const reader = child.stdout.pipeThrough(new TextDecoderStream())
      .getReader();
    let text = "";
    const until = async (pattern: RegExp) => {
      for (;;) {
        const match = pattern.exec(text);
        if (match !== null) return match[1]!;
        const { done, value } = await within(reader.read(), String(pattern));
        assert(!done, `${text}${done ? await errors : ""}`);
        text += value;
      }
    };
    const frame = await until(/ at (ws:\S+)\n/);
    const page = await until(/ at (http:\S+)\n/);
    await runFaulty(`${frame}/runCase?case=1&agent=faulty`, {});
    await runFaulty(`${frame}/updateReports?agent=faulty`, {});
    await until(/\n(faulty: 1 OK)\n/);
    assertStringIncludes(await (await fetch(page)).text(), "faulty");
    child.kill("SIGINT");
    while (!(await reader.read()).done);
    const { code } = await within(child.status, "the end");
    assertEquals([code, await errors], [0, ""]);
  },
);
