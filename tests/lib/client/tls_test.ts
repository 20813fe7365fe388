import { assertEquals, assertRejects } from "@std/assert";
import {
  connect,
  DialError,
  NotResettableError,
} from "../../../lib/client/mod.ts";
import { makeChain } from "../../integration/support/chain.ts";
import { TLS_NEEDS } from "../../integration/support/tls_server.ts";
import { testWith } from "../../permissions.ts";

testWith(
  TLS_NEEDS,
  "connect() trusts caCerts, and cannot reset a wss: connection",
  async () => {
    await using chain = await makeChain();
    const [cert, key] = await Promise.all(
      [chain.cert, chain.key].map((path) => Deno.readTextFile(path)),
    );
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, cert: cert!, key: key!, onListen() {} },
      (request) => {
        const { socket, response } = Deno.upgradeWebSocket(request);
        socket.onmessage = ({ data }) => socket.send(data);
        return response;
      },
    );
    const url = `wss://localhost:${server.addr.port}/`;
    const error = await assertRejects(() => connect(url), DialError);
    assertEquals((error as DialError).failure, "certificate");

    await using connection = await connect(url, { caCerts: [chain.root] });
    await connection.send("text", "hello");
    assertEquals((await connection.nextMessage()).text(), "hello");
    await assertRejects(() => connection.reset(), NotResettableError);
    await connection.close(1000);
    assertEquals(connection.ending, "end");
  },
);
