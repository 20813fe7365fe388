import { assert, assertEquals } from "@std/assert";
import { connect } from "../../integration/support/client.ts";
import { RawClient } from "../../integration/support/raw.ts";
import { LISTENERS, suite } from "../../integration/support/suite.ts";

for (const { name } of LISTENERS) {
  suite(
    `${name} listener: secrets for the origins of ALLOWED_ORIGINS`,
    { ALLOWED_ORIGINS: "http://own.test,null" },
    async (server, step) => {
      for (
        const [origin, text] of [["http://own.test", "a=1"], ["null", "a=***"]]
      ) {
        await step(`show-field sends ${text} to ${origin}`, async () => {
          const fields = { Cookie: "a=1", Origin: origin! };
          using client = await RawClient.upgrade(
            server.address(name),
            "/do/show-field:cookie",
            fields,
          );
          const [, length] = await client.bytes(2);
          const bytes = await client.bytes(length!);
          assertEquals(new TextDecoder().decode(bytes), text);
        });
      }
    },
  );

  suite(
    `${name} listener: answers that test suites expect`,
    {},
    async (server, step) => {
      const open = (plan: string) => connect(server.url(name, `/do/${plan}`));

      /** The text that a plan with one text sends to a request with fields. */
      async function shown(
        plan: string,
        fields: Record<string, string>,
      ): Promise<string> {
        const at = server.address(name);
        using client = await RawClient.upgrade(at, `/do/${plan}`, fields);
        const [, length] = await client.bytes(2);
        return new TextDecoder().decode(await client.bytes(length!));
      }

      await step("show-field sends a field, or its text", async () => {
        const plan = "show-field:Referer:not%20sent";
        assertEquals(
          await shown(plan, { Referer: "http://a/b" }),
          "http://a/b",
        );
        assertEquals(await shown(plan, {}), "not sent");
        assertEquals(await shown("show-field:cookie", {}), "");
      });

      await step(
        "show-field masks secrets for pages of another host",
        async () => {
          const { hostname } = server.address(name);
          const host = `${hostname}:${server.address(name).port}`;
          const cases: [origin: string | undefined, text: string][] = [
            [undefined, "a=1"],
            [`http://${hostname}:1`, "a=1"],
            ["http://evil.test", "a=***"],
            ["null", "a=***"],
          ];
          for (const [origin, text] of cases) {
            const fields = {
              Host: host,
              Cookie: "a=1",
              ...(origin !== undefined && { Origin: origin }),
            };
            assertEquals(await shown("show-field:cookie", fields), text);
          }
        },
      );

      await step("show-query sends the query as it came", async () => {
        assertEquals(await shown("show-query?a=%20&b", {}), "a=%20&b");
      });

      await step("show-subprotocol sends the chosen one", async () => {
        const offer = { "Sec-WebSocket-Protocol": "first, second" };
        const plan = "subprotocol:first/show-subprotocol";
        await using client = await connect(server.url(name, `/do/${plan}`), {
          protocols: ["first", "second"],
        });
        assertEquals(await client.next(), "first");
        assertEquals(await shown("show-subprotocol", offer), "");
      });

      await step("show-time sends seconds", async () => {
        await using client = await open("wait:50/show-time");
        const seconds = Number(await client.next());
        assert(seconds >= 0.05 && seconds < 20, String(seconds));
      });

      await step("expect tells whether a message is the text", async () => {
        await using client = await open(
          "expect:/expect:a:b/expect:c/close:4000",
        );
        for (const text of ["", "a:b", "d"]) client.send(text);
        assertEquals(await client.next(), "pass");
        assertEquals(await client.next(), "pass");
        assertEquals(await client.next(), "fail");
        assertEquals((await client.closed).code, 4000);
      });

      await step("echo-length answers one message at a time", async () => {
        await using client = await open("echo-length:50");
        const start = performance.now();
        for (const text of ["", "€", "four"]) client.send(text);
        assertEquals(await client.next(), "0");
        assertEquals(await client.next(), "3");
        assertEquals(await client.next(), "4");
        assert(performance.now() - start >= 90);
      });
    },
  );
}

suite("frame listener: echo-raw", {}, async (server, step) => {
  await step("the payload of a message is sent without a frame", async () => {
    await using client = await connect(server.url("frame", "/do/echo-raw"));
    client.send(Uint8Array.fromHex("81026869"));
    assertEquals(await client.next(), "hi");
    client.send(Uint8Array.fromHex("8300"));
    assertEquals((await client.closed).code, 1006);
  });
});
