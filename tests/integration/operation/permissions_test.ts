import { assert, assertEquals } from "@std/assert";
import { testWith } from "../../permissions.ts";
import { taskArguments } from "../../task_arguments.ts";
import { startServer } from "../support/server.ts";
import { within } from "../support/within.ts";

const NEEDS = { run: true, read: true, env: true, net: true } as const;

/** The flags of a task. */
function flagsOf(task: "start" | "start:tls"): string[] {
  return taskArguments(task, {
    TLS_CERT: "/tmp/cert.pem",
    TLS_KEY: "/tmp/key.pem",
  }).slice(0, -1);
}

/** An import that the runtime cannot see before the code runs. */
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
  "ask for a name": `await Deno.resolveDns("example.com", "A")`,
  "import from another host": `await import("https://192.0.2.1/module.js")`,
  // The runtime's default for --allow-import contains these hosts.
  "import from jsr.io": importing("https://jsr.io/module.js"),
  "import from deno.land": importing("https://deno.land/module.js"),
  "import another file": importing("file:///etc/passwd"),
  "import a file as text": importing("file:///etc/passwd", "text"),
};

/** Operations that no flag of the runtime forbids; README lists them. */
const ALLOWED: Readonly<Record<string, string>> = {
  "connect to any port of this machine":
    `const at = Deno.listen({ hostname: "127.0.0.1", port: 0 }); await Deno.connect(at.addr)`,
  "listen on any port": `Deno.listen({ hostname: "0.0.0.0", port: 0 })`,
  "keep data in the runtime's directory":
    `await caches.open("permissions_test"); await caches.delete("permissions_test")`,
  "start a thread": `new Worker("data:text/javascript,", { type: "module" })`,
  "run code that it has as a text": `await import("data:text/javascript,1")`,
};

/** Runs code with the flags of a task and returns its output. */
async function run(task: "start" | "start:tls", code: string): Promise<string> {
  const source =
    `try { ${code}; console.log("done"); } catch (error) { console.log(error.name, error.message); } Deno.exit()`;
  const module = `data:application/javascript,${encodeURIComponent(source)}`;
  const { stdout, stderr } = await within(
    new Deno.Command(Deno.execPath(), {
      args: [...flagsOf(task), "--no-prompt", module],
      cwd: new URL("../../../", import.meta.url),
      env: { NO_COLOR: "1" },
    }).output(),
    "the process to end",
  );
  const decoder = new TextDecoder();
  return decoder.decode(stdout) + decoder.decode(stderr);
}

for (const task of ["start", "start:tls"] as const) {
  testWith(
    NEEDS,
    `${task} permits no operation that injected code could try`,
    async (t: Deno.TestContext) => {
      for (const [what, code] of Object.entries(ATTEMPTS)) {
        await t.step(`to ${what}`, async () => {
          const output = await run(task, code);
          assert(
            /^NotCapable |^TypeError .*(?:Requires|access|--no-remote)/
              .test(output),
            output,
          );
        });
      }
    },
  );
}

testWith(
  NEEDS,
  "start permits what no flag forbids",
  async (t: Deno.TestContext) => {
    for (const [what, code] of Object.entries(ALLOWED)) {
      await t.step(what, async () => {
        assertEquals(await run("start", code), "done\n");
      });
    }
  },
);

/** The values of a task's permission flags. */
function permissionsOf(task: "start" | "start:tls"): Map<string, string[]> {
  const flags = flagsOf(task).filter((flag) => flag.startsWith("--allow-"));
  return new Map(
    flags.map((flag) => {
      const [name, values] = flag.split("=") as [string, string | undefined];
      return [name, values?.split(",") ?? ["everything"]];
    }),
  );
}

Deno.test("start permits listening, its variables, the memory size and the interfaces, and nothing else", () => {
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

Deno.test("start:tls also permits reading certificate and key, and nothing else", () => {
  const permissions = permissionsOf("start:tls");
  assertEquals(permissions.get("--allow-read"), [
    "/tmp/cert.pem",
    "/tmp/key.pem",
  ]);
  permissions.delete("--allow-read");
  assertEquals(permissions, permissionsOf("start"));
});

testWith(
  NEEDS,
  "start needs every variable that it may read",
  async (t: Deno.TestContext) => {
    const words = taskArguments("start");
    const variables = permissionsOf("start").get("--allow-env")!;
    for (const variable of variables) {
      await t.step(variable, async () => {
        const args = words.map((word) =>
          word.startsWith("--allow-env=")
            ? `--allow-env=${
              variables.filter((name) => name !== variable).join(",")
            }`
            : word
        );
        const { code, stderr } = await new Deno.Command(Deno.execPath(), {
          args,
          cwd: new URL("../../../", import.meta.url),
          env: { NO_COLOR: "1", HOST: "127.0.0.1", PORT: "0", FRAME_PORT: "0" },
        }).output();
        const output = new TextDecoder().decode(stderr);
        assert(code !== 0 && output.includes(variable), output);
      });
    }
  },
);

testWith(
  NEEDS,
  "the service needs no other permission than those of start",
  async () => {
    await using server = await startServer({}, {
      listeners: ["edge", "frame"],
    });
    assertEquals(
      server.lines.filter((line) =>
        /permission|NotCapable|access to/i.test(line)
      ),
      [],
    );
  },
);
