import { assert, assertEquals, assertNotEquals } from "@std/assert";
import { readConfig } from "../../lib/config/config.ts";
import { listenEdge } from "../../lib/edge/listener.ts";
import { Router } from "../../lib/routing/router.ts";
import type { WebSocketHandler } from "../../lib/websocket.ts";
import { startServer } from "../integration/support/server.ts";
import { within } from "../integration/support/within.ts";
import { testWith } from "../permissions.ts";
import { serviceOf } from "../service.ts";

const ROOT = new URL("../../", import.meta.url);

const README = new URL("README.md", ROOT);

/** Bytes that the README may have, so that it is read to its end. */
const MAX_LENGTH = 15 * 1024;

/** Reads the code of the README's example of a handler. */
async function exampleCode(): Promise<string> {
  const readme = await Deno.readTextFile(README);
  return /```ts\n(import type \{ WebSocketHandler[^`]*(?:`[^`]+`[^`]*)*?)\n```/
    .exec(readme)![1]!;
}

/** Imports the README's example of a handler. */
async function example(): Promise<Record<string, WebSocketHandler>> {
  const lib = new URL("lib/", ROOT).href;
  const source = (await exampleCode()).replace('"../lib/', `"${lib}`);
  return await import(
    `data:application/typescript,${encodeURIComponent(source)}`
  );
}

testWith(
  { read: true, net: true },
  "The README's example handler runs as it is printed",
  async () => {
    const { shout } = await example();
    const service = serviceOf({ router: new Router({ "/shout": shout! }) });
    const listener = listenEdge(service, { hostname: "127.0.0.1", port: 0 });
    const authority = `127.0.0.1:${listener.addr.port}`;

    const refused = await fetch(`http://${authority}/shout`);
    assertEquals(refused.status, 426);
    await refused.body?.cancel();

    const socket = new WebSocket(
      `ws://${authority}/shout?name=Ada`,
      "shout.v1",
    );
    const message = new Promise<MessageEvent>((resolve, reject) => {
      socket.onmessage = resolve;
      socket.onerror = reject;
    });
    const closed = new Promise((resolve) => socket.onclose = resolve);
    socket.onopen = () => socket.send("hello");
    assertEquals((await within(message, "the shout")).data, "Ada: HELLO");
    assertEquals(socket.protocol, "shout.v1");
    socket.close();
    await within(closed, "the close");
    await listener.shutdown();
  },
);

/** Copies a folder and its contents. */
async function copyFolder(from: URL, to: URL): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) {
      await copyFolder(new URL(`${name}/`, from), new URL(`${name}/`, to));
    } else {
      await Deno.copyFile(new URL(name, from), new URL(name, to));
    }
  }
}

testWith(
  { read: true, write: true, run: true },
  "The README's example handler compiles in handlers/, and so does the router map",
  async () => {
    const readme = await Deno.readTextFile(README);
    const [, file, map, entry, importLine] =
      /Put it into `(handlers\/\w+\.ts)`, and into the map of\s+`(handlers\/\w+\.ts)`\s+as\s+`([^`]+)`,\s+with\s+`([^`]+)`/
        .exec(readme)!;
    const folder = await Deno.makeTempDir();
    try {
      const copy = new URL(`file://${folder}/`);
      for (const name of ["handlers/", "lib/"]) {
        await copyFolder(new URL(name, ROOT), new URL(name, copy));
      }
      for (const name of ["deno.json", "deno.lock", "main.ts"]) {
        await Deno.copyFile(new URL(name, ROOT), new URL(name, copy));
      }
      await Deno.writeTextFile(new URL(file!, copy), await exampleCode());
      const routes = new URL(map!, copy);
      const source = await Deno.readTextFile(routes);
      const changed = source.replace('    "/ws": ', `    ${entry},\n$&`);
      assertNotEquals(changed, source);
      await Deno.writeTextFile(routes, `${importLine}\n${changed}`);
      const { success, stderr } = await new Deno.Command(Deno.execPath(), {
        args: ["check", "main.ts"],
        cwd: folder,
      }).output();
      assert(success, new TextDecoder().decode(stderr));
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
);

testWith(
  { read: true },
  "The README has at most 15 KB",
  async () => {
    const { size } = await Deno.stat(README);
    assert(size <= MAX_LENGTH, `${size} bytes`);
  },
);

testWith(
  { read: true },
  "The README's table of settings has the defaults",
  async () => {
    const readme = await Deno.readTextFile(README);
    const rows = [...readme.matchAll(/^\| `([A-Z_]+)` +\| `([^`]+)` +\|/gm)];
    const defaults = new Map(rows.map((row) => [row[1]!, row[2]!]));
    assert(defaults.size > 0);
    const asked = new Set<string>();
    const unset = readConfig((name) => void asked.add(name));
    for (const name of defaults.keys()) assert(asked.has(name), name);
    assertEquals(readConfig((name) => defaults.get(name)), unset);
  },
);

/** Reads the README's examples of clients, with the address of a running server. */
async function clientExamples(authority: string): Promise<string[]> {
  const readme = await Deno.readTextFile(README);
  return [...readme.matchAll(/```js\n([^`]+)```/g)].map(([, code]) =>
    code!.replaceAll("localhost:8001", authority)
  );
}

interface Socket {
  readonly readyState: number;
  onclose: (() => void) | null;
  close(): void;
}

testWith(
  { read: true, net: true, run: true, env: true },
  "The README's examples of clients receive their echo",
  async () => {
    await using server = await startServer({}, {
      listeners: ["frame"],
    });
    const { hostname, port } = server.address("frame");
    const examples = await clientExamples(`${hostname}:${port}`);
    assertEquals(examples.length, 2);
    const ws = await import("ws");
    for (const example of examples) {
      const { promise: echo, resolve: log } = Promise.withResolvers<string>();
      const run = new Function(
        "require",
        "console",
        `${example}\nreturn socket`,
      );
      const socket: Socket = run(() => ws.WebSocket, { log });
      assertEquals(await within(echo, "the echo"), "hello");
      const closed = new Promise<void>((resolve) => socket.onclose = resolve);
      socket.close();
      await within(closed, "the close");
    }
  },
);

testWith(
  { read: true, net: true, env: true },
  "The README's example of the library receives its message",
  async () => {
    const readme = await Deno.readTextFile(README);
    const [, code] = /```ts\n(import \{ serve \}[^]*?)```/.exec(readme)!;
    const library = new URL("lib/mod.ts", ROOT).href;
    const module = `${
      code!.replace("@ws-echo/server", library)
    }export { data };`;
    const { data } = await import(
      `data:application/typescript,${encodeURIComponent(module)}`
    );
    assertEquals(data, "HELLO");
  },
);
