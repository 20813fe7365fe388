import { assertEquals, assertMatch } from "@std/assert";
import { CLIENTS, connect } from "../support/client.ts";
import { RawClient } from "../support/raw.ts";
import { LISTENERS, suite } from "../support/suite.ts";
import { closeFrame, frame, OPCODE } from "../support/wire.ts";

const REASON = "bye, ünd až přiště 😀";

const CODES: readonly [code: number | undefined, reason: string | undefined][] =
  [
    [1000, undefined],
    [1000, REASON],
    [3000, REASON],
    [4999, "x".repeat(123)],
    [undefined, undefined],
  ];

for (const { name } of LISTENERS) {
  const env = { CLOSE_TIMEOUT: "60" };
  suite(`${name} listener: closing`, env, async (server, step) => {
    for (const path of ["/ws", "/ws_partial", "/auth?token=valid"]) {
      for (const [client, connect] of Object.entries(CLIENTS)) {
        for (const [code, reason] of CODES) {
          const title = `${path} passes ${code ?? "no code"} and ` +
            `${reason?.length ?? "no"} characters back to ${client}`;
          await step(title, async () => {
            await using rawClient = await connect(server.url(name, path));
            rawClient.close(code, reason);
            const expected = { code: code ?? 1005, reason: reason ?? "" };
            assertEquals(await rawClient.closed, expected);
          });
        }
      }
    }

    await step("the server ends the TCP connection after CLOSE", async () => {
      using rawClient = await RawClient.upgrade(server.address(name), "/ws");
      await rawClient.write(closeFrame(1000));
      assertEquals(await rawClient.closeCode(), 1000);
      assertEquals((await rawClient.end()).length, 0);
    });

    await step(
      "a message before CLOSE is echoed before the CLOSE",
      async () => {
        using rawClient = await RawClient.upgrade(server.address(name), "/ws");
        await rawClient.write(
          Uint8Array.of(...frame(OPCODE.text, "last"), ...closeFrame(4000)),
        );
        assertEquals(await rawClient.text(), "last");
        assertEquals(await rawClient.closeCode(), 4000);
      },
    );

    await step("a message after CLOSE is not answered", async () => {
      using rawClient = await RawClient.upgrade(server.address(name), "/ws");
      await rawClient.write(
        Uint8Array.of(...closeFrame(1000), ...frame(OPCODE.text, "late")),
      );
      assertEquals(await rawClient.closeCode(), 1000);
      assertEquals((await rawClient.end()).length, 0);
    });

    await step("the log has the close code", async () => {
      const since = server.lines.length;
      await using rawClient = await connect(server.url(name, "/ws"));
      rawClient.close(3456);
      await rawClient.closed;
      await server.logged(/Connection of sock \S+ closed with 3456 /, since);
    });

    await step(
      "a client that disconnects without a CLOSE is logged with 1006",
      async () => {
        const since = server.lines.length;
        const rawClient = await RawClient.upgrade(server.address(name), "/ws");
        rawClient[Symbol.dispose]();
        const line = await server.logged(
          /Connection of sock \S+ closed/,
          since,
        );
        assertMatch(line, /closed with 1006 /);
      },
    );
  });
}
