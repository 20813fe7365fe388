import { assert, assertEquals, assertNotEquals } from "@std/assert";
import {
  allowedValues,
  type Parameter,
  PARAMETERS,
} from "../handlers/behaviour/parameters.ts";
import { readConfig } from "../lib/config/config.ts";
import { listenEdge } from "../lib/edge/listener.ts";
import { Router } from "../lib/routing/router.ts";
import type { WebSocketHandler } from "../lib/websocket.ts";
import { within } from "./integration/support/within.ts";
import { testWith } from "./permissions.ts";
import { serviceOf } from "./service.ts";

/** Variables that the runtime, or its platform, sets and describes. */
const OF_THE_RUNTIME = ["DENO_DEPLOYMENT_ID", "OTEL_DENO"];

const README = new URL("../README.md", import.meta.url);

const ROOT = new URL("../", import.meta.url);

/** The code of the README's example of a handler. */
async function exampleCode(): Promise<string> {
  const readme = await Deno.readTextFile(README);
  return /```ts\n(import type \{ WebSocketHandler[^`]*(?:`[^`]+`[^`]*)*?)\n```/
    .exec(readme)![1]!;
}

/** The README's example of a handler, as a module. */
async function example(): Promise<Record<string, WebSocketHandler>> {
  const lib = new URL("lib/", ROOT).href;
  const source = (await exampleCode()).replace('"../lib/', `"${lib}`);
  return await import(
    `data:application/typescript,${encodeURIComponent(source)}`
  );
}

testWith(
  { read: true, net: true },
  "README's example handler runs as it is printed",
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

/** Copies a folder with all that is in it. */
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
  "README's example handler compiles where it is to be put, and so does the router map",
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
  "README's table has every variable and its default",
  async () => {
    const readme = await Deno.readTextFile(README);
    const rows = [...readme.matchAll(/^\| `([A-Z_]+)` +\| `([^`]+)` +\|/gm)];
    const defaults = new Map(rows.map((row) => [row[1]!, row[2]!]));
    const asked = new Set<string>();
    const unset = readConfig((name) => void asked.add(name));
    for (const name of OF_THE_RUNTIME) asked.delete(name);
    assertEquals([...defaults.keys()].sort(), [...asked].sort());
    assertEquals(readConfig((name) => defaults.get(name)), unset);
  },
);

testWith(
  { read: true },
  "README's table of behaviour is the one that the handshake goes by, with a line each to try",
  async () => {
    const readme = await Deno.readTextFile(README);
    const section = readme.split(/^## /m).find((part) =>
      part.startsWith("Behaviour on request")
    )!;
    const rows = [...section.matchAll(
      /^\| `([a-z]+)` +\| (.+?) +\| (\w+) +\| (.+?) +\|$/gm,
    )].map(([, ...cells]) => cells);
    const parameters: readonly Parameter[] = PARAMETERS;
    assertEquals(
      rows,
      parameters.map((parameter) => [
        parameter.name,
        allowedValues(parameter),
        parameter.listeners.length === 2 ? "both" : parameter.listeners[0],
        parameter.description,
      ]),
    );
    const lines = [...section.matchAll(/^websocat '(.+)'$/gm)].map((line) =>
      line[1]
    );
    assertEquals(
      lines,
      parameters.map(({ example }) => `ws://localhost:8001/ws?${example}`),
    );
  },
);
