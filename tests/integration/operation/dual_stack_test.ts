/** The default HOST: IPv4 and IPv6. */

import { assert, assertEquals } from "@std/assert";
import { permitted, testWith } from "../../permissions.ts";
import { connect } from "../support/client.ts";
import { RawClient } from "../support/raw.ts";
import { startServer } from "../support/server.ts";
import { LISTENERS, NEEDS, startAll } from "../support/suite.ts";
import { handshake } from "../support/wire.ts";

/** Whether the machine has IPv6; false without the permission to try. */
function hasIpv6(): boolean {
  if (!permitted({ name: "net" })) return false;
  try {
    Deno.listen({ hostname: "::1", port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}

const HOSTS = hasIpv6() ? ["127.0.0.1", "[::1]", "localhost"] : ["127.0.0.1"];

/** The default of HOST. */
const ANY = { HOST: "" };

testWith(
  NEEDS,
  "the default HOST accepts IPv4 and IPv6 on both listeners",
  async () => {
    await using server = await startAll(ANY);
    for (const { name } of LISTENERS) {
      const { port } = server.address(name);
      for (const host of HOSTS) {
        await using client = await connect(`ws://${host}:${port}/ws`);
        client.send(host);
        assertEquals(await client.next(), host);
      }
    }
  },
);

testWith(
  NEEDS,
  "an IPv4 client has its IPv4 address in the HTTP echo and in the list of sessions",
  async () => {
    const ADMIN_TOKEN = "secret";
    await using server = await startAll({ ...ANY, ADMIN_TOKEN });
    const base = `http://127.0.0.1:${server.address("edge").port}`;
    const { remoteAddress } = await (await fetch(`${base}/http`)).json();
    assert(/^127\.0\.0\.1:\d+$/.test(remoteAddress), remoteAddress);
    for (const { name } of LISTENERS) {
      using _client = await RawClient.upgrade(server.address(name), "/ws");
      const headers = { authorization: `Bearer ${ADMIN_TOKEN}` };
      const response = await fetch(`${base}/sessions`, { headers });
      const { sessions } = await response.json();
      for (const { address } of sessions) {
        assert(/^127\.0\.0\.1:\d+$/.test(address), address);
      }
      assertEquals(sessions.length > 0, true);
    }
  },
);

testWith(
  NEEDS,
  "MAX_CONNECTIONS_PER_IP counts an IPv4 client as one address on both listeners",
  async () => {
    await using server = await startAll({
      ...ANY,
      MAX_CONNECTIONS_PER_IP: "1",
    });
    for (const { name } of LISTENERS) {
      using _client = await RawClient.upgrade(server.address(name), "/ws");
      using second = await RawClient.connect(
        server.address(name),
        handshake("/ws"),
      );
      assertEquals((await second.response()).status, 429);
    }
  },
);

testWith(NEEDS, "the start logs the machine's addresses before the port", {
  ignore: !permitted({ name: "sys", kind: "networkInterfaces" }),
  async fn() {
    await using server = await startServer(ANY);
    const messages = server.lines.map((line) => line.replace(/^.*?: /, ""));
    const port = messages.findIndex((line) => line.startsWith("Starting"));
    const own = Deno.networkInterfaces()
      .filter(({ family, address }) =>
        family === "IPv4" && !address.startsWith("127.")
      )
      .map(({ address }) => `IPv4 address: ${address}`);
    assertEquals(messages.slice(0, port), [...new Set(own)]);
  },
});

testWith(NEEDS, "the start logs no address when HOST is loopback", async () => {
  await using server = await startServer({ HOST: "127.0.0.1" });
  assert(!server.lines.some((line) => line.includes("IPv4 address")));
});
