import { assertEquals } from "@std/assert";
import { journaled } from "../../../handlers/journal/journaled.ts";
import { Journals } from "../../../handlers/journal/journals.ts";
import { recordingOf } from "../../../handlers/journal/recording.ts";
import { judge } from "../../../handlers/journal/verdict/verdict.ts";
import {
  type ClientConnection,
  connect,
  encodeFrame,
} from "../../../lib/client/mod.ts";
import { setupLog } from "../../../lib/log/log.ts";
import { Router } from "../../../lib/routing/router.ts";
import type { HandshakeExtras } from "../../../lib/websocket.ts";
import type { Wire } from "../../../lib/wire.ts";
import { testWith } from "../../permissions.ts";
import { listenBoth, serviceOf } from "../../service.ts";

setupLog({ level: "CRITICAL", format: "text", colors: false });

/** Takes the connection over, sends a masked frame, and reads to the end. */
function masksFrames(request: Request): HandshakeExtras {
  const recording = recordingOf(request)!;
  return {
    async takeOver(wire: Wire) {
      await wire.write(wire.response);
      recording.fault("masked-frame", {
        reaction: "fail",
        section: "RFC 6455 §5.1",
      });
      await wire.write(encodeFrame("text", "masked"));
      while (await wire.read() !== undefined);
      wire.close();
    },
  };
}

/** What the rule about faults says after a client's reaction. */
async function reaction(
  act: (connection: ClientConnection) => Promise<void>,
): Promise<readonly [string, readonly string[]]> {
  const journals = new Journals();
  const route = { handshake: masksFrames, frame() {} };
  await using server = listenBoth(serviceOf({
    router: new Router(journaled({ "/": route }, journals)),
  }));
  const { port } = server.address.frame;
  const ended = Promise.withResolvers<void>();
  journals.watch("fault", () => {
    if (journals.get("fault")!.connections[0]!.isEnded) ended.resolve();
  });
  {
    const url = `ws://127.0.0.1:${port}/?journal=fault`;
    await using connection = await connect(url, { tolerant: true });
    assertEquals((await connection.nextFrame()).payload.length, 6);
    await act(connection);
    await connection.closeWrite();
    await ended.promise;
  }
  const { connections } = journals.get("fault")!;
  const { rules } = judge(connections[0]!, connections);
  const { status } = rules.find(({ rule }) => rule.id === "fault-reaction")!;
  const shown = connections[0]!.entries.map(({ kind, from }) =>
    `${from} ${kind}`
  );
  return [status, shown];
}

const PLAYED = [
  "client request",
  "server response",
  "server fault",
  "server frame",
];

testWith(
  { net: true },
  "a fault on a taken-over connection is recorded, and the client's CLOSE judged",
  async () => {
    assertEquals(await reaction((connection) => connection.sendClose(1002)), [
      "passed",
      [...PLAYED, "client frame", "client fin", "server fin", "client end"],
    ]);
  },
);

testWith(
  { net: true },
  "a client that ends TCP after a fault has failed the connection",
  async () => {
    assertEquals(await reaction(() => Promise.resolve()), [
      "passed",
      [...PLAYED, "client fin", "server fin", "client end"],
    ]);
  },
);

testWith(
  { net: true },
  "a client that closes with 1000 after a fault has not noticed it",
  async () => {
    const [status] = await reaction((connection) => connection.sendClose(1000));
    assertEquals(status, "failed");
  },
);
