import { assert, assertEquals } from "@std/assert";
import { testWith } from "../../permissions.ts";
import { startServer } from "../support/server.ts";
import { NEEDS } from "../support/suite.ts";
import { within } from "../support/within.ts";

/** Descriptors that the service may have: its own, and some for peers. */
const LIMIT = 100;

/** Peers that knock: more than there are descriptors for. */
const PEERS = LIMIT + 50;

const HANDSHAKE = new TextEncoder().encode(
  "GET /ws HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n" +
    "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
);

/** A peer that has sent its handshake. */
interface Peer {
  readonly conn: Deno.Conn;
  /** Whether it was answered, as far as is known. */
  readonly answer: Promise<boolean>;
}

async function knock(address: Deno.ConnectOptions): Promise<Peer> {
  const conn = await Deno.connect(address);
  await conn.write(HANDSHAKE);
  const answer = conn.read(new Uint8Array(12)).then(
    (count) => count !== null,
    () => false,
  );
  return { conn, answer };
}

const NAME =
  "frame listener: who found no file descriptor left is accepted when there are some again";

/** Only there a process's limit can be set from outside. */
const ON_LINUX = Deno.build.os === "linux" ? "" : " (ignored: needs Linux)";

testWith({ ...NEEDS, run: true }, NAME + ON_LINUX, {
  ignore: ON_LINUX !== "",
  fn: async () => {
    await using server = await startServer({}, {
      listeners: ["edge", "frame"],
    });
    const limiting = new Deno.Command("prlimit", {
      args: ["--pid", String(server.pid), `--nofile=${LIMIT}:`],
    });
    assert((await limiting.output()).success, "prlimit set the limit");
    const address = server.address("frame");
    const peers: Peer[] = [];
    for (let i = 0; i < PEERS; i++) peers.push(await knock(address));
    await within(peers[0]!.answer, "the first answer");
    const early = peers.splice(0, PEERS - 20);
    for (const { conn } of early) conn.close();
    for (const { answer } of peers) {
      assert(await within(answer, "the answer to one who had to wait"));
    }
    const last = await knock(address);
    assertEquals(await within(last.answer, "the answer to a newcomer"), true);
    for (const { conn } of [...peers, last]) conn.close();
    await Promise.all(early.map(({ answer }) => answer));
  },
});
