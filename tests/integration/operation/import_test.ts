import { assertEquals } from "@std/assert";
import { testWith } from "../../permissions.ts";

const LIBRARY = new URL("../../../lib/mod.ts", import.meta.url).href;

const NEEDS = { run: true, read: true, write: true } as const;

/** Runs a program in a folder without a configuration, outside of the project. */
async function runElsewhere(program: string, flags: readonly string[] = []) {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/program.ts`, program);
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--quiet", ...flags, "program.ts"],
      cwd: folder,
      env: { NO_COLOR: "1" },
      stdin: "null",
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    return { code, out: text(stdout), error: text(stderr) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const SERVE = `
import { serve } from "${LIBRARY}";

await using server = await serve({
  routes: {
    "/shout": {
      frame: (connection, frame) => connection.send(frame.text().toUpperCase()),
    },
  },
  host: "127.0.0.1",
  port: 0,
});
for (const url of [server.urls.edge, server.urls.frame]) {
  const socket = new WebSocket(url + "/shout");
  const closed = new Promise((resolve) => socket.onclose = resolve);
  socket.onopen = () => socket.send("hello");
  socket.onmessage = ({ data }) => {
    console.log(data);
    socket.close();
  };
  await closed;
}
`;

testWith(
  NEEDS,
  "a program without an import map imports the library by its path, and serves",
  async () => {
    assertEquals(
      await runElsewhere(SERVE, ["--check", "--allow-net=127.0.0.1"]),
      { code: 0, out: "HELLO\nHELLO\n", error: "" },
    );
  },
);

testWith(
  NEEDS,
  "the library, imported, starts nothing, prints nothing and needs no permission",
  async () => {
    const program = `
import * as library from "${LIBRARY}";
console.log(typeof library.serve);
`;
    assertEquals(
      await runElsewhere(program),
      { code: 0, out: "function\n", error: "" },
    );
  },
);

testWith(
  NEEDS,
  "serve() fails by name without the permission to listen, and asks for none",
  async () => {
    const program = `
import { serve, StartError } from "${LIBRARY}";
try {
  await serve({ routes: {}, host: "127.0.0.1", port: 0 });
} catch (error) {
  console.log(error instanceof StartError, error.message.split(":")[0]);
}
`;
    assertEquals(await runElsewhere(program), {
      code: 0,
      out: "true host=127.0.0.1 is not permitted\n",
      error: "",
    });
  },
);
