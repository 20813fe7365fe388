import { assertEquals, assertMatch } from "@std/assert";
import { type Route, serve } from "../../../lib/mod.ts";
import { LogCapture } from "../../handlers/fakes.ts";
import { within } from "../../integration/support/within.ts";
import { testWith } from "../../permissions.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

const NET = { net: "127.0.0.1" };

/** Upgrades a request as a handler must not: its response is lost. */
function upgrade(request: Request): void {
  Deno.upgradeWebSocket(request);
}

/** Handlers that upgrade a request by themselves, and answer something else. */
const ROUTES: Readonly<Record<string, Route>> = {
  "an HTTP handler that returns another response": {
    GET(request) {
      upgrade(request);
      return new Response("another");
    },
  },
  "an HTTP handler that returns another response later": {
    async GET(request) {
      upgrade(request);
      await Promise.resolve();
      return new Response("another");
    },
  },
  "an HTTP handler that throws": {
    GET(request) {
      upgrade(request);
      throw new Error("a bug");
    },
  },
  "handshake() that accepts": {
    handshake: upgrade,
    frame() {},
  },
  "handshake() that accepts later": {
    async handshake(request) {
      upgrade(request);
      await Promise.resolve();
    },
    frame() {},
  },
  "handshake() that refuses": {
    handshake(request) {
      upgrade(request);
      return new Response("no", { status: 403 });
    },
    frame() {},
  },
  "handshake() that throws": {
    handshake(request) {
      upgrade(request);
      throw new Error("a bug");
    },
    frame() {},
  },
};

/** Resolves when a client's handshake has failed. */
async function failedHandshake(url: string): Promise<void> {
  const socket = new WebSocket(url);
  const closed = new Promise((resolve) => socket.onclose = resolve);
  await within(
    new Promise<void>((resolve, reject) => {
      socket.onerror = () => resolve();
      socket.onopen = () => reject(new Error("the handshake was accepted"));
    }),
    "the failed handshake",
  );
  await closed;
}

for (const [name, route] of Object.entries(ROUTES)) {
  testWith(
    NET,
    `the edge listener continues after ${name} has upgraded its request`,
    async () => {
      using log = new LogCapture("ERROR");
      await using server = await serve({
        routes: {
          "/fault": route,
          "/fine": { GET: () => new Response("fine") },
        },
        host: "127.0.0.1",
        port: 0,
        framePort: false,
        maxConnections: 1,
      });
      for (let attempt = 0; attempt < 3; attempt++) {
        await failedHandshake(`${server.urls.edge}/fault`);
        const fine = await fetch(`${server.urls.http}/fine`);
        assertEquals(await fine.text(), "fine");
        assertEquals(server.sessions.size, 0);
      }
      const lines = log.lines.filter((line) => line.includes("has upgraded"));
      assertEquals(lines.length, 3);
      assertMatch(lines[0]!, /The handler of \/fault has upgraded/);
    },
  );
}

testWith(
  NET,
  "a shutdown ends a handler that has upgraded its request and never answers",
  async () => {
    const asked = Promise.withResolvers<void>();
    const server = await serve({
      routes: {
        "/never": {
          GET(request) {
            upgrade(request);
            asked.resolve();
            return new Promise(() => {});
          },
        },
      },
      host: "127.0.0.1",
      port: 0,
      framePort: false,
    });
    const failed = failedHandshake(`${server.urls.edge}/never`);
    await asked.promise;
    assertEquals((await server.shutdown({ timeout: 50 })).inTime, false);
    await failed;
  },
);
