import { assertEquals } from "@std/assert";
import { CLIENTS } from "../support/client.ts";
import { RawClient } from "../support/raw.ts";
import { LISTENERS, suite } from "../support/suite.ts";
import { handshake } from "../support/wire.ts";

/** Offers, and the server's choice: it prefers echo to chat. */
const OFFERS: Readonly<Record<string, [string | string[], string | null]>> = {
  "a known one": ["chat", "chat"],
  "a,b": ["other,chat", "chat"],
  "a, b": ["other, chat", "chat"],
  "a list in another order than the server's": ["chat,echo", "echo"],
  "two fields": [["chat", "echo"], "echo"],
  "two fields, one of them a list": [["other", "foo,chat"], "chat"],
  "no known one": ["other, foo", null],
  "one that differs in case": ["ECHO", null],
};

for (const { name } of LISTENERS) {
  suite(`${name} listener: subprotocols`, {}, async (server, step) => {
    for (const [title, [offer, chosen]] of Object.entries(OFFERS)) {
      await step(`${title}: ${chosen ?? "no field, a warning"}`, async () => {
        const since = server.lines.length;
        using rawClient = await RawClient.connect(
          server.address(name),
          handshake("/ws", { "Sec-WebSocket-Protocol": offer }),
        );
        const { status, headers } = await rawClient.response();
        assertEquals(status, 101);
        assertEquals(headers.get("sec-websocket-protocol"), chosen);
        if (chosen === null) await server.logged(/^W .*subprotocol/, since);
      });
    }

    for (const [client, connect] of Object.entries(CLIENTS)) {
      await step(`${client} gets the server's choice`, async () => {
        const protocols = ["other", "chat", "echo"];
        await using rawClient = await connect(server.url(name, "/ws"), {
          protocols,
        });
        assertEquals(rawClient.protocol, "echo");
      });
    }

    await step("a route without subprotocols chooses none", async () => {
      using rawClient = await RawClient.connect(
        server.address(name),
        handshake("/ws_partial", { "Sec-WebSocket-Protocol": "echo" }),
      );
      const { status, headers } = await rawClient.response();
      assertEquals(status, 101);
      assertEquals(headers.get("sec-websocket-protocol"), null);
    });
  });
}
