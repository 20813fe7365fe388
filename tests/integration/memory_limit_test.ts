import { assert, assertEquals } from "@std/assert";
import { connect } from "./client.ts";
import { RawPeer } from "./raw.ts";
import { suite } from "./suite.ts";
import { frame, OPCODE } from "./wire.ts";

const MIB = 2 ** 20;

const env = {
  SEND_MEMORY_LIMIT: "24MiB",
  SEND_BUFFER_LIMIT: "16MiB",
  MAX_PAYLOAD: "16MiB",
};

suite("edge listener: SEND_MEMORY_LIMIT", env, async (server, step) => {
  await step(
    "peers that read nothing are cut off together, not others",
    async () => {
      const message = frame(OPCODE.binary, new Uint8Array(14 * MIB));
      using peers = new DisposableStack();
      const since = server.lines.length;
      for (let i = 0; i < 4; i++) {
        const peer = await RawPeer.upgrade(server.address("edge"), "/ws");
        peers.use(peer);
        await peer.write(message);
      }
      const line = await server.logged(
        /Sock \S+ is cut off: \d+ bytes wait for it, and SEND_MEMORY_LIMIT/,
        since,
      );
      assert(Number(/(\d+) bytes/.exec(line)![1]) > MIB, line);
      await using honest = await connect(server.url("edge", "/ws"));
      honest.send("echo");
      assertEquals(await honest.next(), "echo");
    },
  );
});
