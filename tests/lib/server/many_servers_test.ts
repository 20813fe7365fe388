import process from "node:process";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { assert, assertEquals } from "@std/assert";
import { serve } from "../../../lib/mod.ts";
import { eventually, inOneAttempt } from "../../integration/support/within.ts";
import { testWith } from "../../permissions.ts";
import { connectTo } from "./ws_client.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

const NET = { net: "127.0.0.1" };

/** Starts a server and stops it; every fifth has a client on both listeners. */
async function life(index: number): Promise<void> {
  await using server = await serve({
    routes: {
      "/echo": { frame: (connection, frame) => connection.send(frame) },
    },
    host: "127.0.0.1",
    port: 0,
  });
  if (index % 5 > 0) return;
  for (const url of [server.urls.edge, server.urls.frame]) {
    await using client = await connectTo(`${url}/echo`);
    client.send("hello");
    assertEquals(await client.receive(), "hello");
  }
}

/** Timers and open handles of the process. */
function handles(): string[] {
  return process.getActiveResourcesInfo().toSorted();
}

/** Collects all garbage; V8 shows the function in new contexts only. */
function garbageCollector(): () => void {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc");
}

/** Bytes on the heap that are in use. */
async function heapUsed(): Promise<number> {
  const collect = garbageCollector();
  for (let round = 0; round < 3; round++) {
    collect();
    // Callbacks of finalization run between the collections.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return Deno.memoryUsage().heapUsed;
}

testWith(
  NET,
  "200 servers leave no timer, no handle and no memory",
  async () => {
    for (let server = 0; server < 50; server++) await life(server);
    const before = handles();
    const heapBefore = await heapUsed();
    for (let server = 0; server < 150; server++) await life(server);
    // Handles of a stopped server close a little later; leaked ones never do.
    await eventually(() => {
      assertEquals(handles(), before);
      return true;
    }, "the handles that were open before");
    await eventually(async () => {
      const grown = (await heapUsed()) - heapBefore;
      // A leaked server takes 35 KB.
      assert(grown < 150 * 10_000, `${grown} bytes more`);
      return true;
    }, "the memory that was used before");
  },
);

testWith(
  NET,
  "serve() takes at most 50 times as long as the runtime's own listeners",
  async () => {
    const timeOf = async (start: () => Promise<void>) => {
      const since = performance.now();
      await start();
      return performance.now() - since;
    };
    const at = { hostname: "127.0.0.1", port: 0 };
    const startOwn = async () => {
      await using _server = await serve({
        routes: {},
        host: at.hostname,
        port: 0,
      });
    };
    const startBare = async () => {
      const edge = Deno.serve({ ...at, onListen() {} }, () => new Response());
      Deno.listen(at).close();
      await edge.shutdown();
    };
    // A busy machine makes some starts longer. Each kind's shortest of starts in turn has
    // the least of that.
    const [owns, bares]: [number[], number[]] = [[], []];
    await inOneAttempt(async () => {
      for (let i = 0; i < 21; i++) {
        owns.push(await timeOf(startOwn));
        bares.push(await timeOf(startBare));
      }
      const [own, bare] = [Math.min(...owns), Math.min(...bares)];
      assert(own < 50 * bare, `${own} ms, without the library ${bare} ms`);
    });
  },
);
