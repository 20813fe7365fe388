import { assertEquals } from "@std/assert";
import { repeated } from "../integration/support/within.ts";
import { testWith } from "../permissions.ts";
import { TestClient } from "./client.ts";
import { recorder } from "./recorder.ts";
import { serve } from "./server.ts";
import { OPCODE, ping, pong, serverFrame, text } from "./wire.ts";

const NET = { net: true } as const;

const VANISHED = { code: 1006, reason: "", wasClean: false };

testWith(
  NET,
  "§5.5.2 a silent client gets one PING, then it is disconnected",
  async () => {
    await using server = serve({ limits: { idleTimeout: 400 } });
    using rawClient = await TestClient.open(server.address);
    await rawClient.expect(serverFrame("ping"));
    await rawClient.expectEnd();
    rawClient[Symbol.dispose]();
    assertEquals(await server.ended(), [VANISHED]);
  },
);

for (
  const [what, answer] of [
    ["PONG", pong()],
    ["a PONG that does not match", pong("else")],
    ["a part of a frame", text("")],
  ] as const
) {
  testWith(
    NET,
    `§5.5.2 a client that answers the PING with ${what} stays connected`,
    repeated(async () => {
      await using server = serve({ limits: { idleTimeout: 1000 } });
      {
        using rawClient = await TestClient.open(server.address, "/frames");
        const pieces = what === "a part of a frame"
          ? [
            answer.subarray(0, 1),
            answer.subarray(1, 2),
            answer.subarray(2, 4),
          ]
          : [answer, answer, answer];
        for (const piece of pieces) {
          await rawClient.expect(serverFrame("ping"));
          await rawClient.write(piece);
        }
        if (what === "a part of a frame") {
          await rawClient.write(answer.subarray(4));
          await rawClient.expect(serverFrame("text", ""));
        }
        await rawClient.close();
      }
      assertEquals(await server.ended(), [
        { code: 1000, reason: "", wasClean: true },
      ]);
    }),
  );
}

testWith(
  NET,
  "§5.5.3 /control reports the PONG to a keep-alive PING",
  repeated(async () => {
    await using server = serve({ limits: { idleTimeout: 1000 } });
    using rawClient = await TestClient.open(server.address, "/control");
    await rawClient.expect(serverFrame("ping"));
    await rawClient.write(pong());
    assertEquals(JSON.parse(await rawClient.text()).opcode, "pong");
  }),
);

testWith(
  NET,
  "a client whose handler is slow does not count as silent",
  repeated(async () => {
    const released = Promise.withResolvers<void>();
    const { handler, next } = recorder({}, async (connection, frame) => {
      await released.promise;
      connection.send(frame);
    });
    await using server = serve({
      limits: { idleTimeout: 400 },
      routes: { "/held": handler },
    });
    using rawClient = await TestClient.open(server.address, "/held");
    await rawClient.write(text("patience"));
    await next();
    for (let i = 0; i < 2; i++) {
      using silent = await TestClient.open(server.address);
      await silent.expect(serverFrame("ping"));
      await silent.expectEnd();
      assertEquals(await server.nextClosed(), VANISHED);
    }
    // Nothing is read meanwhile; the PING finds out whether the client is connected.
    await rawClient.expect(serverFrame("ping"));
    released.resolve();
    let answer = await rawClient.frame();
    while (answer.opcode === OPCODE.ping) answer = await rawClient.frame();
    assertEquals(new TextDecoder().decode(answer.payload), "patience");
    await rawClient.write(ping("still here"));
    await rawClient.expect(serverFrame("pong", "still here"));
    await rawClient.close();
  }),
);

testWith(
  NET,
  "a silent client does not delay other clients",
  repeated(async () => {
    await using server = serve({ limits: { idleTimeout: 1000 } });
    using silent = await TestClient.open(server.address);
    using busy = await TestClient.open(server.address);
    let gone = false;
    const end = silent.expect(serverFrame("ping")).then(() =>
      silent.expectEnd()
    )
      .then(() => gone = true);
    for (let i = 0; !gone; i++) {
      await busy.write(text(`${i}`));
      assertEquals(await busy.text(), `${i}`);
    }
    await end;
    await busy.close();
  }),
);
