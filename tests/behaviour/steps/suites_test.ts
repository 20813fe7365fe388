import { assert, assertEquals } from "@std/assert";
import { SUITES } from "../../../handlers/script/suites/table.ts";
import { connect } from "../../integration/support/client.ts";
import { RawClient } from "../../integration/support/raw.ts";
import { suite } from "../../integration/support/suite.ts";
import { handshake } from "../../integration/support/wire.ts";

suite(
  "frame listener: the paths of client test suites",
  {},
  async (server, step, concurrentSteps) => {
    const at = server.address("frame");

    /** The first bytes of the answer, or what the journal has without an answer. */
    async function answerTo(path: string, isSilent: boolean): Promise<string> {
      const journal = crypto.randomUUID();
      const url = `${path}${path.includes("?") ? "&" : "?"}journal=${journal}`;
      using client = await RawClient.connect(at, handshake(url));
      if (!isSilent) {
        const bytes = await client.bytes("HTTP/1.1 101".length);
        return new TextDecoder("latin1").decode(bytes);
      }
      // A handshake that is not refused stays without an answer.
      const query = "wait=open&timeout=1&format=json";
      const response = await fetch(
        server.url("edge", `/journal/${journal}?${query}`)
          .replace("ws:", "http:"),
      );
      const { connections } = await response.json();
      return JSON.stringify(connections[0].response);
    }

    const rows = SUITES.flatMap(({ name, rows }) =>
      rows.filter(({ path }) => path !== "").map((row) => ({
        ...row,
        name: `${name}: ${row.name}`,
      }))
    );
    await concurrentSteps(Object.fromEntries(
      rows.map(({ name, path, answer = 101 }) => [
        `${name} is answered with ${answer}`,
        async () => {
          const found = await answerTo(path, answer === "none");
          if (answer === "none") assertEquals(found, "null");
          else if (answer === "junk") assert(!found.startsWith("HTTP/"), found);
          else assertEquals(found, `HTTP/1.1 ${answer}`);
        },
      ]),
    ));

    await step(
      "send-backpressure sends 16 messages of 1 MiB, and the seconds",
      async () => {
        const { path } = rows.find(({ name }) =>
          name.endsWith(" send-backpressure")
        )!;
        await using client = await connect(server.url("frame", path));
        const lengths: number[] = [];
        for (let i = 0; i < 17; i++) {
          lengths.push((await client.next() as Uint8Array).length);
        }
        assertEquals(lengths, [0, ...Array(16).fill(1048576)]);
        assert(Number(await client.next()) > 0);
        assertEquals((await client.closed).code, 1000);
      },
    );

    await step("/channel relays to a reader that comes later", async () => {
      const url = server.url("frame", "/channel?uuid=suite&direction=");
      {
        await using writer = await connect(`${url}write`);
        writer.send('["message",{"a":1}]');
        writer.close(1000);
        await writer.closed;
      }
      await using reader = await connect(`${url}read`);
      assertEquals(await reader.next(), '{"a":1}');
    });
  },
);

Deno.test("each suite of the catalogue has situations with different names", () => {
  for (const { name, rows } of SUITES) {
    assertEquals(new Set(rows.map(({ name }) => name)).size, rows.length, name);
    for (const { path, note } of rows) {
      assert(path !== "" || note !== undefined);
    }
  }
});

Deno.test("the path of a situation is an example of its template", () => {
  const rows = SUITES.flatMap(({ rows }) => rows);
  for (const { name, path, template } of rows) {
    const [, ...parameters] = name.split(/[?&]/);
    if (template === undefined) continue;
    const parts = template.split(/\{\+?\w+\}/).map((part) =>
      RegExp.escape(part)
    );
    assert(new RegExp(`^${parts.join("[^/:;]+")}$`).test(path), name);
    // Every variable is the query, or a parameter that the request has.
    for (const [, variable] of template.matchAll(/\{\+?(\w+)\}/g)) {
      assert(["query", ...parameters].includes(variable!), name);
    }
  }
});
