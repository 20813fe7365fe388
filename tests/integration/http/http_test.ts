import { assert, assertEquals, assertMatch } from "@std/assert";
import { exchange, RawClient } from "../support/raw.ts";
import type { Server } from "../support/server.ts";
import { LISTENERS, type Step, suite } from "../support/suite.ts";
import { requestHead } from "../support/wire.ts";
import { within } from "../support/within.ts";

const WEBSOCKET_PATHS = ["/ws", "/ws_partial", "/auth", "/control"];

for (const { name, capabilities } of LISTENERS) {
  suite(`${name} listener: plain HTTP`, {}, async (server, step) => {
    const { port } = server.address(name);
    const get = async (path: string, init?: RequestInit) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
      const { status, headers } = response;
      return { status, headers, body: await response.text() };
    };
    await health(server, name, step, get);
    if (capabilities.http) await httpRoutes(server, step, get);
    else await pointsToEdge(server, step, get);
  });
}

type Get = (
  path: string,
  init?: RequestInit,
) => Promise<{ status: number; headers: Headers; body: string }>;

async function health(server: Server, name: string, step: Step, get: Get) {
  await step("GET /healthz is 200 ok", async () => {
    const { status, headers, body } = await get("/healthz");
    assertEquals([status, body], [200, "ok"]);
    assertEquals(headers.get("cache-control"), "no-store");
  });

  await step("HEAD /healthz is 200 without a body", async () => {
    const { status, headers, body } = await get("/healthz", { method: "HEAD" });
    assertEquals([status, body], [200, ""]);
    assertEquals(headers.get("content-length"), "2");
  });

  for (const version of ["1.0", "1.1"]) {
    for (const method of ["GET", "HEAD"]) {
      await step(
        `${method} /healthz in HTTP/${version} without a Host`,
        async () => {
          using client = await RawClient.connect(
            server.address(name),
            `${method} /healthz HTTP/${version}\r\nConnection: close\r\n\r\n`,
          );
          const text = new TextDecoder().decode(
            await within(client.end(), "the end"),
          );
          assertMatch(text, /^HTTP\/1\.[01] 200 OK\r\n/);
          const body = method === "HEAD" ? "" : "ok";
          assertEquals(text.split("\r\n\r\n")[1], body);
        },
      );
    }
  }
}

async function httpRoutes(server: Server, step: Step, get: Get) {
  await step("other methods are 405 with Allow", async () => {
    for (const path of ["/healthz", "/"]) {
      for (const method of ["POST", "PUT", "DELETE", "OPTIONS"]) {
        const { status, headers } = await get(path, { method });
        assertEquals(status, 405, `${method} ${path}`);
        assertEquals(headers.get("allow"), "GET, HEAD");
      }
    }
  });

  await step("GET / lists every route and every listener", async () => {
    const { status, headers, body } = await get("/");
    assertEquals(status, 200);
    assertMatch(headers.get("content-type"), /^text\/plain/);
    for (const listener of LISTENERS) {
      for (const path of WEBSOCKET_PATHS) {
        const url = server.url(listener.name, path);
        assert(body.includes(`${url}\n`), `no ${url} in\n${body}`);
      }
    }
    assertMatch(body, /\/healthz$/m);
  });

  await step("GET / is the console for a browser", async () => {
    const accept = "text/html,*/*;q=0.8";
    const { status, headers, body } = await get("/", { headers: { accept } });
    assertEquals(status, 200);
    assertMatch(headers.get("content-type"), /^text\/html/);
    assertMatch(body, /<title>ws-echo-server<\/title>/);
  });

  await step("GET / has nothing of the request in the page", async () => {
    const head = requestHead("/?<script>", {
      Host: "<script>.example",
      Accept: "text/html",
    });
    const { body } = await exchange(server.address("edge"), head);
    assert(!body.includes(".example"), body);
  });

  await step("404 for an unknown path, as text", async () => {
    const { status, headers, body } = await get("/nope");
    assertEquals(status, 404);
    assertMatch(headers.get("content-type"), /^text\/plain/);
    assertMatch(body, /\w+ \w+/);
  });

  await step("404 for an unknown path, as JSON by Accept", async () => {
    const headers = { accept: "application/json" };
    const { status, body } = await get("/nope", { headers });
    assertEquals(status, 404);
    const { message, ...rest } = JSON.parse(body);
    assertEquals(rest, { status: 404, error: "Not Found" });
    assertMatch(message, /\w+ \w+/);
  });

  await step("405 for POST on a WebSocket path, as JSON", async () => {
    const headers = { accept: "text/plain;q=0.1, application/json" };
    const body = "some body";
    const response = await get("/ws", { method: "POST", headers, body });
    assertEquals(response.status, 405);
    assertEquals(response.headers.get("allow"), "GET");
    assertEquals(JSON.parse(response.body).status, 405);
  });
}

async function pointsToEdge(server: Server, step: Step, get: Get) {
  await step("other paths are 426 with the edge address", async () => {
    for (const path of ["/", "/metrics", "/nope"]) {
      const { status, headers, body } = await get(path);
      assertEquals(status, 426, path);
      assertEquals(headers.get("upgrade"), "websocket", path);
      assertMatch(body, new RegExp(`:${server.address("edge").port}\\b`), path);
    }
  });

  await step("the refusal closes the connection", async () => {
    const head = requestHead("/http");
    const { headers } = await exchange(server.address("frame"), head);
    assertMatch(headers.get("connection"), /\bclose\b/i);
  });
}
