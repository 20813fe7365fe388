/**
 * The clients: each connects to all plans from one process.
 *
 * @module
 */

import { CHROMIUM, LAUNCH_OPTIONS } from "../browser/browser.ts";
import { isInstalled } from "../installed.ts";
import { npmModules, VERSIONS } from "../other_servers/npm.ts";
import type { ClientPlan, Report } from "./plan.ts";
import { runAll } from "./web_socket.ts";

/** A client that can run. */
export interface Client {
  /** Its version. */
  readonly version: string;
  /** Runs plans; connections that are still open then end. */
  readonly runPlans: (plans: readonly ClientPlan[]) => Promise<Report[]>;
}

/** Finds a client; a text says why it cannot run. */
export type ClientFinder = (page: string) => Promise<Client | string>;

/** The clients by their names. */
export const CLIENTS: Readonly<Record<string, ClientFinder>> = {
  "ws": () => node("ws"),
  "undici": () => node("undici"),
  "Deno": deno,
  "Python websockets": () => python("websockets", "websockets_client.py"),
  "Python websocket-client": () => python("websocket", "websocket_client.py"),
  "Chromium": chromium,
};

/** Connections of a client at a time. */
const AT_ONCE = 16;

/** Chromium delays connections when many others are not open yet. */
const CHROMIUM_AT_ONCE = 8;

/** Debian's Python, with its packages. */
const PYTHON = "/usr/bin/python3";

async function python(
  module: string,
  script: string,
): Promise<Client | string> {
  if (!isInstalled(PYTHON, "-c", `import ${module}`)) {
    const name = module === "websocket" ? module : "websockets";
    return `no ${module} in ${PYTHON}: apt-get install python3-${name}`;
  }
  const { pathname } = new URL(script, import.meta.url);
  return {
    version: (await run(PYTHON, [pathname, "version"], "")).trim(),
    runPlans: async (plans) =>
      JSON.parse(await run(PYTHON, [pathname], JSON.stringify(plans))),
  };
}

async function node(name: "ws" | "undici"): Promise<Client | string> {
  if (!isInstalled("node", "--version")) return "no node";
  const modules = await npmModules([name]);
  if (!modules.ok) return modules.reason;
  return {
    version: `${VERSIONS[name]} on Node ${
      major(await run("node", ["--version"], ""))
    }`,
    async runPlans(plans) {
      const program = `
        import { createRequire } from "node:module";
        const require = createRequire(${JSON.stringify(`${modules.path}/`)});
        const { WebSocket } = require(${JSON.stringify(name)});
        ${PRELUDE}
        const reports = await runAll(${
        JSON.stringify(plans)
      }, ${AT_ONCE}, WebSocket);
        process.stdout.write(JSON.stringify(reports), () => process.exit());`;
      const args = ["--input-type=module", "-"];
      return JSON.parse(await run("node", args, program));
    },
  };
}

function deno(): Promise<Client> {
  return Promise.resolve({
    version: Deno.version.deno,
    async runPlans(plans) {
      const program = `
        ${runAll}
        const reports = await runAll(${
        JSON.stringify(plans)
      }, ${AT_ONCE}, WebSocket);
        console.log(JSON.stringify(reports));
        Deno.exit();`;
      const args = ["run", "--no-config", "--allow-net", "-"];
      return JSON.parse(await run(Deno.execPath(), args, program));
    },
  });
}

/** `runAll` for programs without `Promise.withResolvers`, such as Node 20. */
const PRELUDE = `
  Promise.withResolvers ??= () => {
    const parts = {};
    parts.promise = new Promise((resolve, reject) =>
      Object.assign(parts, { resolve, reject }));
    return parts;
  };
  ${runAll}`;

async function chromium(page: string): Promise<Client | string> {
  if (!isInstalled("test", "-x", CHROMIUM)) {
    return `no ${CHROMIUM}: apt-get install chromium`;
  }
  const { chromium } = await import("playwright-core");
  const launch = () => chromium.launch(LAUNCH_OPTIONS);
  await using probe = await launch();
  return {
    version: major(probe.version()),
    async runPlans(plans) {
      await using browser = await launch();
      const tab = await browser.newPage();
      const texts = new Map<string, string>();
      tab.on("console", (message) => {
        const [, url, text] =
          /^WebSocket connection to '([^']+)' failed: (.*)/.exec(
            message.text(),
          ) ?? [];
        if (url !== undefined) texts.set(url, text!);
      });
      await tab.goto(page);
      const reports: Report[] = await tab.evaluate(
        `(${runAll})(${JSON.stringify(plans)}, ${CHROMIUM_AT_ONCE}, WebSocket)`,
      );
      // The page's events have no text; the browser's console has.
      return reports.map((report, i) => ({
        ...report,
        error: texts.get(plans[i]!.url) ?? report.error,
      }));
    },
  };
}

/** The first number of a version. */
function major(version: string): string {
  return /\d+/.exec(version)![0];
}

/** Runs a program with an input; returns its output. */
async function run(
  program: string,
  args: readonly string[],
  input: string,
): Promise<string> {
  const child = new Deno.Command(program, {
    args: [...args],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = child.output();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { success, stdout, stderr } = await output;
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (!success) throw new Error(text(stderr));
  return text(stdout);
}
