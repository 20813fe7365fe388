import { assertEquals } from "@std/assert";
import { connect } from "../support/client.ts";
import { suite } from "../support/suite.ts";

const TEXT = JSON.stringify(
  Array.from({ length: 500 }, (_, i) => ({ id: i, name: `näme ${i}` })),
);
const BITS = [undefined, 8, 9, 12, 15];

/** Every combination of the parameters that the `ws` package can offer. */
const OFFERS = [false, true].flatMap((serverNoContextTakeover) =>
  [false, true].flatMap((clientNoContextTakeover) =>
    BITS.flatMap((serverMaxWindowBits) =>
      BITS.map((clientMaxWindowBits) => ({
        serverNoContextTakeover,
        clientNoContextTakeover,
        ...(serverMaxWindowBits && { serverMaxWindowBits }),
        ...(clientMaxWindowBits && { clientMaxWindowBits }),
      }))
    )
  )
);

suite(
  "frame listener: compression, the ws package",
  {},
  async (server, step) => {
    for (const offer of OFFERS) {
      await step(`echoes with ${JSON.stringify(offer)}`, async () => {
        await using client = await connect(server.url("frame", "/ws"), {
          options: { perMessageDeflate: { ...offer, threshold: 0 } },
        });
        assertEquals(client.socket.extensions, "permessage-deflate");
        const sent = [TEXT, "", "short", TEXT, "é".repeat(70_000), TEXT];
        for (const message of sent) client.send(message);
        for (const message of sent) assertEquals(await client.next(), message);
        const bytes = crypto.getRandomValues(new Uint8Array(60_000));
        for (let i = 0; i < 2; i++) {
          client.send(bytes);
          assertEquals(await client.next(), bytes);
        }
        client.close(3000, "done");
        assertEquals(await client.closed, { code: 3000, reason: "done" });
      });
    }

    for (const path of ["/ws", "/frames", "/ws_partial", "/control"]) {
      await step(
        `${path} keeps the order of large and small messages`,
        async () => {
          await using client = await connect(server.url("frame", path), {
            options: { perMessageDeflate: { threshold: 1024 } },
          });
          const sent: string[] = [];
          for (let i = 0; i < 60; i++) {
            const digits = crypto.getRandomValues(new Uint8Array(50)).toHex();
            sent.push(
              `${i} ${digits.repeat(1 + (i * 397) % 900)}`,
              `small ${i}`,
            );
          }
          for (const message of sent) client.send(message);
          for (const message of sent) {
            assertEquals(await client.next(), message);
          }
        },
      );
    }

    await step(
      "a PING between compressed messages is answered in order",
      async () => {
        await using client = await connect(server.url("frame", "/ws"), {
          options: { perMessageDeflate: true },
        });
        client.send(TEXT);
        client.socket.ping("between");
        client.send(TEXT);
        assertEquals(await client.pong(), "between");
        assertEquals(await client.next(), TEXT);
        assertEquals(await client.next(), TEXT);
      },
    );
  },
);

suite(
  "frame listener: COMPRESSION=off",
  { COMPRESSION: "off" },
  async (server, step) => {
    await step("messages are echoed without compression", async () => {
      await using client = await connect(server.url("frame", "/ws"), {
        options: { perMessageDeflate: true },
      });
      assertEquals(client.socket.extensions, "");
      client.send(TEXT);
      assertEquals(await client.next(), TEXT);
    });
  },
);
