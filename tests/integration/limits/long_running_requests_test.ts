import { assertEquals, assertMatch } from "@std/assert";
import { RawClient } from "../support/raw.ts";
import type { Server } from "../support/server.ts";
import { suite } from "../support/suite.ts";
import { requestHead } from "../support/wire.ts";
import { eventually } from "../support/within.ts";

/** The share of one address: long-running requests, and MiB of their bodies. */
const SHARE = { requests: 125, bodies: 8 };

const MIB = 2 ** 20;

/** Characters that JSON writes as six. */
const CONTROL = "\u0001".repeat(MIB);

/** Sends a request as a proxy would. */
function send(
  server: Server,
  client: string,
  path: string,
  body = "",
): Promise<RawClient> {
  const head = requestHead(path, {
    "Host": "127.0.0.1",
    "X-Forwarded-For": client,
    "Content-Length": String(body.length),
  }, body === "" ? "GET" : "POST");
  return RawClient.connect(server.address("edge"), head + body);
}

async function status(
  server: Server,
  client: string,
  path: string,
  body?: string,
): Promise<number> {
  using rawClient = await send(server, client, path, body);
  const { status, headers } = await rawClient.response();
  if (status === 429) assertMatch(headers.get("retry-after"), /^[1-9]\d*$/);
  return status;
}

/** Further requests, one of which must be refused. */
const FURTHER = SHARE.bodies;

/** Milliseconds until a request without an answer counts as accepted. */
const ACCEPTED_AFTER = 500;

/**
 * Sends requests whose answers do not end, until one more is refused. The service
 * refuses several bodies that exceed the share at the same time; then further ones
 * are held.
 */
async function hold(
  server: Server,
  count: number,
  client: string,
  path: string,
  body?: string,
): Promise<DisposableStack> {
  const rawClients = new DisposableStack();
  for (let i = 0; i < count; i++) {
    rawClients.use(await send(server, client, path, body));
  }
  for (let i = 0; i < FURTHER; i++) {
    const rawClient = rawClients.use(await send(server, client, path, body));
    if (await isRefused(rawClient)) return rawClients;
  }
  rawClients.dispose();
  throw new Error(`no 429 for ${client}`);
}

/** Whether the answer begins with status 429; reads nothing after the status. */
async function isRefused(rawClient: RawClient): Promise<boolean> {
  const start = new Uint8Array("HTTP/1.1 429".length);
  const { promise: accepted, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ACCEPTED_AFTER);
  await Promise.race([rawClient.conn.read(start).catch(() => {}), accepted]);
  clearTimeout(timer);
  return new TextDecoder().decode(start) === "HTTP/1.1 429";
}

async function untilServed(server: Server, client: string): Promise<void> {
  await eventually(
    async () => await status(server, client, "/http") === 200,
    `a 200 for ${client}`,
  );
}

const PROXIED = { TRUST_PROXY: "1" };

suite("long-running requests", PROXIED, async (server, step) => {
  for (const path of ["/sse", "/http?delay=60000"]) {
    await step(
      `${path} of one address leaves slots for other addresses`,
      async () => {
        const rawClients = await hold(
          server,
          SHARE.requests,
          "192.0.2.1",
          path,
        );
        assertEquals(await status(server, "192.0.2.1", "/sse"), 429);
        assertEquals(await status(server, "192.0.2.2", "/http"), 200);
        rawClients.dispose();
        await untilServed(server, "192.0.2.1");
      },
    );
  }

  await step(
    "bodies of one address leave memory for other addresses",
    async () => {
      const body = "a".repeat(MIB);
      const path = "/http?delay=60000";
      const { bodies } = SHARE;
      using _clients = await hold(server, bodies, "192.0.2.3", path, body);
      assertEquals(await status(server, "192.0.2.4", "/http", body), 200);
    },
  );

  await step("an answer that is not read holds its slot", async () => {
    const { bodies } = SHARE;
    const rawClients = await hold(
      server,
      bodies,
      "192.0.2.5",
      "/http",
      CONTROL,
    );
    assertEquals(await status(server, "192.0.2.6", "/http", CONTROL), 200);
    rawClients.dispose();
    await untilServed(server, "192.0.2.5");
  });
});

const FEW = { ...PROXIED, MAX_CONNECTIONS_PER_IP: "2" };

suite(
  "long-running requests with MAX_CONNECTIONS_PER_IP",
  FEW,
  async (server, step) => {
    await step(
      "MAX_CONNECTIONS_PER_IP is their limit when it is lower",
      async () => {
        using _clients = await hold(server, 2, "192.0.2.1", "/sse");
        assertEquals(await status(server, "192.0.2.2", "/sse"), 200);
        const { hostname, port } = server.address("edge");
        const response = await fetch(`http://${hostname}:${port}/metrics`);
        assertMatch(
          await response.text(),
          /refusals_total\{listener="edge",limit="MAX_CONNECTIONS_PER_IP"\} [1-9]/,
        );
      },
    );
  },
);
