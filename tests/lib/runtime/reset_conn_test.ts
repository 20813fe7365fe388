import { assert, assertEquals, assertRejects } from "@std/assert";
import { resetConn } from "../../../lib/runtime/reset_conn.ts";
import { testWith } from "../../permissions.ts";

/** Both ends of a TCP connection; the client has sent a byte that is not read. */
async function connect() {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  const accepting = listener.accept();
  const client = await Deno.connect({ hostname: "127.0.0.1", port });
  const server = await accepting;
  await client.write(new Uint8Array(1));
  await server.write(new Uint8Array(1));
  return { client, server };
}

const buffer = new Uint8Array(10);

testWith({ net: true }, "resetConn() sends RST without FIN", async () => {
  const { client, server } = await connect();
  using _client = client;
  assertEquals(await client.read(buffer), 1);
  assert(await resetConn(server));
  await assertRejects(() => client.read(buffer), Deno.errors.ConnectionReset);
});

testWith(
  { net: true },
  "runtime still sends FIN at the close of a connection with unread data",
  async () => {
    const { client, server } = await connect();
    using _client = client;
    assertEquals(await client.read(buffer), 1);
    server.close();
    assertEquals(await client.read(buffer), null);
  },
);

testWith(
  { net: true },
  "resetConn() closes a connection with TLS, and returns false",
  async () => {
    const { client, server } = await connect();
    using _client = client;
    let closes = 0;
    // Like a TLS connection, which the runtime cannot reset.
    const secure = Object.assign(Object.create(server), {
      handshake() {},
      close() {
        closes++;
        server.close();
      },
    });
    assertEquals([await resetConn(secure), closes], [false, 1]);
    assertEquals(await client.read(buffer), 1);
    assertEquals(await client.read(buffer), null);
  },
);
