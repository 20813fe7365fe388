import { assertEquals } from "@std/assert";
import readme from "../../lib/README.md" with { type: "text" };
import { isInstalled } from "../installed.ts";
import { within } from "../integration/support/within.ts";
import { connectTo } from "../lib/server/ws_client.ts";
import { permitted, testWith } from "../permissions.ts";

const LIBRARY = new URL("../../lib/mod.ts", import.meta.url).href;

/** The configuration that the README asks for. */
const CONFIG = {
  imports: { "@ws-echo/server": LIBRARY },
  unstable: ["no-legacy-abort"],
};

/** The examples by the file name in their first line. */
const EXAMPLES = new Map(
  [...readme.matchAll(/^```[jt]s\n(\/\/ (\S+)\n[^]*?)^```$/gm)]
    .map(([, code, file]) => [file!, code!]),
);

/** A folder with the examples; disposal deletes it. */
async function exampleFolder() {
  const path = await Deno.makeTempDir();
  for (const [file, code] of EXAMPLES) {
    await Deno.writeTextFile(`${path}/${file}`, code);
  }
  await Deno.writeTextFile(`${path}/deno.json`, JSON.stringify(CONFIG));
  await Deno.mkdir(`${path}/bin`);
  await Deno.symlink(Deno.execPath(), `${path}/bin/deno`);
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

/** Runs a program in a folder until it ends; returns its exit code and output. */
async function run(program: string, args: string[], cwd: string) {
  const { code, stdout, stderr } = await new Deno.Command(program, {
    args,
    cwd,
    env: {
      NO_COLOR: "1",
      PATH: `${cwd}/bin:${Deno.env.get("PATH")}`,
      // Node has `WebSocket` without the option from version 22.
      NODE_OPTIONS: "--experimental-websocket",
    },
    stdin: "null",
  }).output();
  const text = new TextDecoder();
  return { code, output: text.decode(stdout) + text.decode(stderr) };
}

/** The URLs of a server. */
interface Urls {
  readonly edge: string;
  readonly frame: string;
  readonly http: string;
}

/** Starts an example, checks it and ends it. */
async function withExample(
  file: string,
  check: (urls: Urls) => Promise<void>,
): Promise<void> {
  await using folder = await exampleFolder();
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "--check", "--quiet", "--allow-net", file],
    cwd: folder.path,
    stdin: "null",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  try {
    let text = "";
    while (!text.includes("\n")) {
      const { value, done } = await within(reader.read(), `${file}'s URLs`);
      if (done) throw new Error(`${file} has ended`);
      text += value;
    }
    await check(JSON.parse(/^READY (\{.+\})\n$/.exec(text)![1]!));
  } finally {
    child.kill();
    await reader.cancel();
    await child.status;
  }
}

const NEEDS = {
  run: true,
  read: true,
  write: true,
  net: true,
  env: "PATH",
} as const;

Deno.test("lib/README.md has the examples that are run here", () => {
  assertEquals([...EXAMPLES.keys()], [
    "echo.ts",
    "chat.ts",
    "hub.ts",
    "echo_test.ts",
    "echo.test.mjs",
  ]);
});

testWith(
  NEEDS,
  "lib/README.md: the echo echoes on both listeners",
  async () => {
    await withExample("echo.ts", async ({ edge, frame }) => {
      for (const url of [edge, frame]) {
        await using client = await connectTo(`${url}/echo`);
        client.send("hello");
        assertEquals(await client.receive(), "hello");
      }
    });
  },
);

testWith(
  NEEDS,
  "lib/README.md: the chat sends to a room, and to all rooms",
  async () => {
    await withExample("chat.ts", async ({ edge, frame, http }) => {
      await using ada = await connectTo(`${edge}/rooms/red`);
      await using bob = await connectTo(`${frame}/rooms/red`);
      await using eve = await connectTo(`${frame}/rooms/blue`);
      ada.send("hello");
      assertEquals(
        [await ada.receive(), await bob.receive()],
        Array(2).fill("hello"),
      );
      const response = await fetch(`${http}/announcements`, {
        method: "POST",
        body: "news",
      });
      assertEquals(await response.text(), "sent to 3");
      for (const client of [ada, bob, eve]) {
        assertEquals(await client.receive(), "news");
      }
    });
  },
);

testWith(
  NEEDS,
  "lib/README.md: the hub does what the C handlers do",
  async () => {
    await withExample("hub.ts", async ({ frame, http }) => {
      await using device = await connectTo(`${frame}/ws`);
      await using other = await connectTo(`${frame}/ws`);
      device.send("hello");
      assertEquals(await device.receive(), "hello");
      device.send("Trigger async");
      assertEquals(await device.receive(), "Async data");
      const response = await fetch(`${http}/restart`, { method: "POST" });
      assertEquals(await response.text(), "done");
      for (const client of [device, other]) {
        assertEquals(await client.receive(), "restart");
      }
    });
  },
);

testWith(NEEDS, "lib/README.md: the test in Deno.test passes", async () => {
  await using folder = await exampleFolder();
  const args = ["test", "--no-prompt", "--allow-net", "echo_test.ts"];
  const { code, output } = await run(Deno.execPath(), args, folder.path);
  assertEquals(code, 0, output);
});

testWith(NEEDS, "lib/README.md: the test in node:test passes", {
  ignore: permitted({ name: "run" }) && !isInstalled("node", "--version"),
  fn: async () => {
    await using folder = await exampleFolder();
    const args = ["--test", "echo.test.mjs"];
    const { code, output } = await run("node", args, folder.path);
    assertEquals(code, 0, output);
  },
});
