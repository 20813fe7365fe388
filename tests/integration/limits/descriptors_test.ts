import { assert, assertEquals } from "@std/assert";
import { testWith } from "../../permissions.ts";
import { NEEDS, startAll } from "../support/suite.ts";
import { within } from "../support/within.ts";

/** File descriptors of the service: its own, and some for clients. */
const LIMIT = 100;

/** Clients: more than there are file descriptors for. */
const CLIENTS = LIMIT + 50;

const HANDSHAKE = new TextEncoder().encode(
  "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n" +
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
);

/** A client that has sent its handshake. */
interface Client {
  readonly conn: Deno.Conn;
  /** Resolves with whether an answer came. */
  readonly answer: Promise<boolean>;
}

async function connect(address: Deno.ConnectOptions): Promise<Client> {
  const conn = await Deno.connect(address);
  await conn.write(HANDSHAKE);
  const answer = conn.read(new Uint8Array(12)).then(
    (count) => count !== null,
    () => false,
  );
  return { conn, answer };
}

const NAME =
  "frame listener: clients are accepted once file descriptors are free again";

/** Only Linux can change the limit of another process. */
const ON_LINUX = Deno.build.os === "linux" ? "" : " (ignored: needs Linux)";

testWith(NEEDS, NAME + ON_LINUX, {
  ignore: ON_LINUX !== "",
  fn: async () => {
    await using server = await startAll({});
    const limiting = new Deno.Command("prlimit", {
      args: ["--pid", String(server.pid), `--nofile=${LIMIT}:`],
    });
    assert((await limiting.output()).success, "prlimit set the limit");
    const address = server.address("frame");
    const clients: Client[] = [];
    for (let i = 0; i < CLIENTS; i++) clients.push(await connect(address));
    await within(clients[0]!.answer, "the first answer");
    const early = clients.splice(0, CLIENTS - 20);
    for (const { conn } of early) conn.close();
    for (const { answer } of clients) {
      assert(await within(answer, "the answer to a client that waited"));
    }
    const last = await connect(address);
    assertEquals(await within(last.answer, "the answer to a new client"), true);
    for (const { conn } of [...clients, last]) conn.close();
    await Promise.all(early.map(({ answer }) => answer));
  },
});
