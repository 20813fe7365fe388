import { assert, assertEquals, assertRejects } from "@std/assert";
import {
  connect as connectStrictly,
  RefusedError,
} from "../../../lib/client/mod.ts";
import { connect } from "../../integration/support/client.ts";
import { RawClient } from "../../integration/support/raw.ts";
import { LISTENERS, suite } from "../../integration/support/suite.ts";
import type { Server } from "../../integration/support/server.ts";
import { closeFrame } from "../../integration/support/wire.ts";

/** A rule of a verdict. */
interface Rule {
  readonly id: string;
  readonly status: string;
}

/** Reads a journal whose connections are over. */
async function journalOf(server: Server, name: string) {
  const url = server.url("edge", `/journal/${name}?wait=closed&format=json`);
  const response = await fetch(url.replace("ws:", "http:"));
  assertEquals(response.status, 200);
  return await response.json();
}

/** The result of the rule about faults. */
async function reactionIn(server: Server, name: string): Promise<string> {
  const { connections } = await journalOf(server, name);
  const rules: Rule[] = connections[0].verdict.rules;
  return rules.find(({ id }) => id === "fault-reaction")!.status;
}

for (const { name } of LISTENERS) {
  suite(`${name} listener: plans in the journal`, {}, async (server, step) => {
    await step("journal records the connection", async () => {
      await using client = await connect(
        server.url(name, `/do/journal:${name}/text:hello/close:4000`),
      );
      assertEquals(await client.next(), "hello");
      await client.closed;
      const { connections } = await journalOf(server, name);
      assertEquals(connections.length, 1);
      const texts = connections[0].entries.map((entry: { text?: string }) =>
        entry.text
      );
      assert(texts.includes("hello"));
    });

    await step("journal records a refusal", async () => {
      const journal = `${name}-refused`;
      const url = server.url(name, `/do/journal:${journal}/status:503`);
      const socket = new WebSocket(url);
      await new Promise((resolve) => socket.onerror = resolve);
      const { connections } = await journalOf(server, journal);
      assertEquals(connections.length, 1);
      assert(JSON.stringify(connections[0].response).includes("503"));
    });
  });
}

suite(
  "frame listener: named plans in the journal",
  {},
  async (server, step) => {
    const at = server.address("frame");

    for (
      const [fault, reaction] of [
        ["masked-frame", "passed"],
        ["invalid-utf8", "passed"],
        ["split-code-point", "passed"],
      ] as const
    ) {
      await step(`the verdict on ws is ${reaction} for ${fault}`, async () => {
        const path = `/fault/${fault}?journal=ws-${fault}`;
        await using client = await connect(server.url("frame", path));
        if (fault === "split-code-point") {
          assertEquals(await client.next(), "a€");
          client.close(1000);
        }
        await client.closed;
        assertEquals(await reactionIn(server, `ws-${fault}`), reaction);
      });
    }

    await step("the verdict on a client that continues is failed", async () => {
      using client = await RawClient.upgrade(
        at,
        "/fault/rsv2?journal=raw-rsv2",
      );
      await client.bytes(7);
      await client.write(closeFrame(1000));
      await client.end();
      assertEquals(await reactionIn(server, "raw-rsv2"), "failed");
    });

    await step(
      "a fault of subprotocols is judged if the client offers them",
      async () => {
        for (const offers of [true, false]) {
          const path = `/fault/subprotocol-case?journal=case-${offers}`;
          {
            using client = await RawClient.upgrade(
              at,
              path,
              offers ? { "Sec-WebSocket-Protocol": "chat" } : {},
            );
            await client.write(closeFrame(1000));
            await client.end();
          }
          assertEquals(
            await reactionIn(server, `case-${offers}`),
            offers ? "failed" : "not tested",
          );
        }
      },
    );

    await step("the verdict on a wrong Sec-WebSocket-Accept", async () => {
      const url = server.url("frame", "/fault/wrong-accept?journal=accept");
      await assertRejects(() => connectStrictly(url), RefusedError);
      assertEquals(await reactionIn(server, "accept"), "passed");
    });
  },
);
