import { assertEquals } from "@std/assert";
import { setupLog } from "../../../lib/log/log.ts";
import { NotSupportedError } from "../../../lib/protocol/errors.ts";
import { Router } from "../../../lib/routing/router.ts";
import type {
  HandshakeExtras,
  WebSocketHandler,
} from "../../../lib/websocket.ts";
import { testWith } from "../../permissions.ts";
import { listenBoth, serviceOf } from "../../service.ts";
import { RawClient } from "../support/raw.ts";
import { LISTENERS, NEEDS } from "../support/suite.ts";
import { frame, handshake, OPCODE } from "../support/wire.ts";

setupLog({ level: "CRITICAL", format: "text", colors: false });

/** Starts both listeners with one route. */
function serve(route: WebSocketHandler) {
  return listenBoth(serviceOf({
    router: new Router({ "/": route }),
  }));
}

/** A route whose handshake returns these extras. */
function withExtras(extras: HandshakeExtras): WebSocketHandler {
  return {
    subprotocols: ["echo"],
    handshake: () => extras,
    frame() {},
  };
}

for (const { name } of LISTENERS) {
  for (
    const [offer, protocol, answer] of [
      [undefined, "forced", "forced"],
      ["echo", "forced", "forced"],
      ["echo", "", null],
      ["echo", undefined, "echo"],
    ] as const
  ) {
    testWith(
      NEEDS,
      `${name} listener: the subprotocol is ${answer} when ${offer} is offered and "${protocol}" forced`,
      async () => {
        const open: string[] = [];
        await using server = serve({
          ...withExtras(protocol === undefined ? {} : { protocol }),
          open(connection) {
            open.push(connection.protocol);
            connection.send("open");
          },
        });
        using client = await RawClient.connect(
          server.address[name],
          handshake("/", { "Sec-WebSocket-Protocol": offer }),
        );
        const { status, headers } = await client.response();
        assertEquals(status, 101);
        assertEquals(headers.get("sec-websocket-protocol"), answer);
        assertEquals(await client.text(), "open");
        assertEquals(open, [answer ?? ""]);
      },
    );
  }

  testWith(
    NEEDS,
    `${name} listener: a handshake passes the connection to another handler`,
    async () => {
      const calls: string[] = [];
      const closed = Promise.withResolvers<void>();
      const other: WebSocketHandler<{ name: string }> = {
        handshake: () => void calls.push("handshake"),
        open: ({ state }) => void calls.push(`open ${state.name}`),
        frame: (connection) => connection.send(connection.state.name),
        close() {
          calls.push("close");
          closed.resolve();
        },
      };
      await using server = serve(
        withExtras({
          handler: other as WebSocketHandler,
          state: { name: "Ada" },
        }),
      );
      {
        using client = await RawClient.upgrade(server.address[name], "/");
        await client.write(frame(OPCODE.text, "name"));
        assertEquals(await client.text(), "Ada");
      }
      await closed.promise;
      assertEquals(calls, ["open Ada", "close"]);
    },
  );

  testWith(
    NEEDS,
    `${name} listener: compression: false negotiates no permessage-deflate`,
    async () => {
      await using server = serve(withExtras({ compression: false }));
      using client = await RawClient.connect(
        server.address[name],
        handshake("/", { "Sec-WebSocket-Extensions": "permessage-deflate" }),
      );
      const { status, headers } = await client.response();
      assertEquals(status, 101);
      assertEquals(headers.get("sec-websocket-extensions"), null);
    },
  );
}

testWith(
  NEEDS,
  "edge listener: abort(), pauseReading() and resumeReading() are not supported",
  async () => {
    await using server = serve({
      frame(connection) {
        for (const act of ["abort", "pauseReading", "resumeReading"] as const) {
          try {
            connection[act]();
          } catch (error) {
            const isNamed = error instanceof NotSupportedError;
            connection.send(isNamed ? error.message : String(error));
          }
        }
      },
    });
    using client = await RawClient.upgrade(server.address.edge, "/");
    await client.write(frame(OPCODE.text, "go"));
    const where = "use the frame listener";
    assertEquals(
      [await client.text(), await client.text(), await client.text()],
      [
        `the edge listener cannot abort a connection: ${where}`,
        `the edge listener cannot pause reading: ${where}`,
        `the edge listener cannot resume reading: ${where}`,
      ],
    );
  },
);
