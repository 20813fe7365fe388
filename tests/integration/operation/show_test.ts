import { assertEquals } from "@std/assert";
import { connect as connectRaw } from "../../../lib/client/mod.ts";
import { connect } from "../support/client.ts";
import { LISTENERS, suite } from "../support/suite.ts";

suite("the routes that show what a client does", {}, async (server, step) => {
  const { port } = server.address("edge");
  const base = `http://127.0.0.1:${port}`;

  for (const { name: listener } of LISTENERS) {
    await step(
      `/info sends the handshake on the ${listener} listener`,
      async () => {
        const url = server.url(listener, "/info?a=1&token=SECRET");
        await using connection = await connectRaw(url, {
          headers: [["X-Test", "yes"]],
        });
        const message = await connection.nextMessage();
        const about = JSON.parse(message.text());
        assertEquals(about.listener, listener);
        assertEquals(about.query, [["a", "1"], ["token", "***"]]);
        const name = listener === "frame" ? "X-Test" : "x-test";
        const field = about.fields.find(([other]: string[]) => other === name);
        assertEquals([field, about.raw], [[name, "yes"], listener === "frame"]);
      },
    );

    await step(`/echo/… echoes on the ${listener} listener`, async () => {
      await using client = await connect(
        server.url(listener, "/echo/a/b?hello=x"),
      );
      assertEquals(await client.next(), "x");
      client.send("hi");
      assertEquals(await client.next(), "hi");
    });

    await step(`/stash keeps a value on the ${listener} listener`, async () => {
      const path = `/stash/${listener}`;
      const waiting = fetch(`${base}${path}?wait=10`);
      {
        await using client = await connect(server.url(listener, path));
        client.send("kept");
        client.close();
        await client.closed;
      }
      await using client = await connect(server.url(listener, path));
      assertEquals(await client.next(), "kept");
      assertEquals(await (await waiting).text(), "kept");
      const put = await fetch(base + path, { method: "PUT", body: "new" });
      assertEquals(put.status, 204);
      assertEquals(await (await fetch(base + path)).text(), "new");
    });
  }

  await step("/channel relays between both listeners", async () => {
    await using edge = await connect(server.url("edge", "/channel/c"));
    await using frame = await connect(server.url("frame", "/channel/c"));
    edge.send("from the edge");
    assertEquals(await frame.next(), "from the edge");
    frame.send(new Uint8Array([1, 2]));
    assertEquals(await edge.next(), new Uint8Array([1, 2]));
  });

  await step("/info answers a GET", async () => {
    const response = await fetch(`${base}/info`, { headers: { "x-a": "b" } });
    const { fields } = await response.json();
    assertEquals(
      fields.find(([name]: string[]) => name === "x-a"),
      ["x-a", "b"],
    );
  });
});
