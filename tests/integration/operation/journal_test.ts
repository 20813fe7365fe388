import { assert, assertEquals } from "@std/assert";
import {
  type ClientConnection,
  connect,
  connectUnchecked,
} from "../../../lib/client/mod.ts";
import { connect as connectWs } from "../support/client.ts";
import type { Server } from "../support/server.ts";
import { LISTENERS, suite } from "../support/suite.ts";

/** What the tests read of a rule. */
interface JudgedRule {
  readonly id: string;
  readonly status: string;
  readonly detail: string | null;
}

/** What the tests read of a connection. */
interface Recorded {
  readonly state: string;
  readonly shows: string;
  readonly listener: string;
  readonly request: { line: string; fields: [string, string][]; raw: boolean };
  readonly response: { line: string; fields: [string, string][] };
  readonly entries: Record<string, unknown>[];
  readonly end: Record<string, unknown>;
  readonly verdict: { readonly failed: number; readonly rules: JudgedRule[] };
}

/** Reads a journal when all of its connections are over. */
async function closed(server: Server, name: string): Promise<Recorded[]> {
  const { port } = server.address("edge");
  const url = `http://127.0.0.1:${port}/journal/${name}?wait=closed&timeout=40`;
  const response = await fetch(url);
  const text = await response.text();
  assertEquals(response.status, 200, text);
  const { wait, connections } = JSON.parse(text);
  assertEquals(wait.met, true, text);
  return connections;
}

/** The rules with a result. */
function rulesWith(status: string, { verdict }: Recorded): string[] {
  return verdict.rules.filter((rule) => rule.status === status)
    .map(({ id }) => id);
}

/** Entries as `client text hello`. */
function lines({ entries }: Recorded): string[] {
  return entries.map(({ from, type, opcode, code, text }) =>
    [from, opcode ?? type, code ?? text].filter((part) => part !== undefined)
      .join(" ")
  );
}

/** Closes as RFC 6455 §7.1.1 says: the server ends TCP. */
async function close(connection: ClientConnection): Promise<void> {
  await connection.close(1000, "bye");
}

/** What a client does wrong, and the rules that the verdict says it has broken. */
const FAULTS: Readonly<
  Record<
    string,
    readonly [
      rules: readonly string[],
      act: (connection: ClientConnection) => Promise<void>,
    ]
  >
> = {
  "a frame without a mask": [["masked"], async (connection) => {
    await connection.send("text", "x", { mask: "none" });
    await connection.nextMessage();
    await connection.sendClose(1002);
  }],
  "the same mask for each frame": [
    ["mask-fresh"],
    async (connection) => {
      const mask = new Uint8Array([1, 2, 3, 4]);
      for (let i = 0; i < 3; i++) await connection.send("text", "x", { mask });
      await close(connection);
    },
  ],
  "a reserved bit": [["reserved-bits"], async (connection) => {
    await connection.send("text", "x", { rsv: 1 });
    await connection.nextMessage();
    await connection.sendClose(1002);
  }],
  "a text that is not UTF-8": [["utf8"], async (connection) => {
    await connection.send("text", new Uint8Array([0xff]));
    await connection.nextMessage();
    await connection.sendClose(1007);
  }],
  "a frame after CLOSE": [["nothing-after-close"], async (connection) => {
    const { write } = connection;
    const frames: Uint8Array[] = [];
    connection.write = (bytes) => Promise.resolve(void frames.push(bytes));
    await connection.sendClose(1000);
    await connection.send("text", "late");
    connection.write = write;
    await connection.write(
      new Uint8Array(frames.flatMap((frame) => [...frame])),
    );
    await connection.nextMessage();
  }],
  "no CLOSE": [["close-handshake"], (connection) => connection.closeWrite()],
  "a reset": [["close-handshake"], (connection) => connection.reset()],
  "a code that may not be sent": [["close-payload"], async (connection) => {
    await connection.sendClose(1005);
    await connection.nextMessage();
  }],
};

suite("the journal of a connection", {}, async (server, step) => {
  for (const { name: listener } of LISTENERS) {
    await step(
      `has messages, CLOSE and end on the ${listener} listener`,
      async () => {
        const name = `life-${listener}`;
        const url = server.url(listener, `/ws?journal=${name}`);
        {
          await using client = await connectWs(url);
          client.send("hello");
          assertEquals(await client.next(), "hello");
          client.close(1000, "bye");
          await client.closed;
        }
        const [record, ...others] = await closed(server, name);
        assertEquals(others, []);
        const { state, shows, end } = record!;
        assertEquals([state, record!.listener], ["closed", listener]);
        assertEquals(shows, listener === "frame" ? "frames" : "messages");
        assertEquals(end["closeStartedBy"], "client");
        assertEquals(end["clientCode"], 1000);
        const seen = lines(record!);
        for (const line of ["client text hello", "server text hello"]) {
          assert(seen.includes(line), seen.join("\n"));
        }
        assertEquals(rulesWith("failed", record!), []);
      },
    );

    await step(`hides secrets on the ${listener} listener`, async () => {
      const name = `secrets-${listener}`;
      const url = server.url(listener, `/auth?journal=${name}&token=SECRET`);
      await using connection = await connectUnchecked(url, {
        headers: [["Cookie", "id=SECRET"], ["X-Api-Key", "SECRET"]],
      });
      assertEquals(connection.handshake.response.status, 401);
      const [record] = await closed(server, name);
      assertEquals(record!.state, "refused");
      const text = JSON.stringify(record);
      assert(!text.includes("SECRET"), text);
      assert(text.includes("id=***"), text);
    });

    await step(
      `has a handshake that the ${listener} listener refuses`,
      async () => {
        const name = `refused-${listener}`;
        const url = server.url(listener, `/ws?journal=${name}`);
        await using connection = await connectUnchecked(url, {
          headers: [["Sec-WebSocket-Version", "12"]],
        });
        assertEquals(connection.handshake.response.status, 426);
        const [record] = await closed(server, name);
        assertEquals(record!.state, "refused");
        assertEquals(rulesWith("failed", record!), ["required-fields"]);
      },
    );

    await step(
      `lists the connections of a name on the ${listener} listener`,
      async () => {
        const name = `list-${listener}`;
        const url = server.url(listener, `/ws_partial?journal=${name}`);
        const key = "AQIDBAUGBwgJCgsMDQ4PEA==";
        for (let i = 0; i < 2; i++) {
          await using connection = await connectUnchecked(url, {
            headers: [["Sec-WebSocket-Key", key]],
          });
          await close(connection);
        }
        const records = await closed(server, name);
        assertEquals(records.length, 2);
        for (const record of records) {
          assertEquals(rulesWith("failed", record), ["key-fresh"]);
        }
      },
    );
  }

  await step(
    "has order and case of the fields on the frame listener",
    async () => {
      const url = server.url("frame", "/ws?journal=fields");
      {
        await using connection = await connect(url, {
          headers: [["x-LAST", "1"], ["X-first", "2"]],
        });
        await close(connection);
      }
      const [{ request, response }] = await closed(server, "fields") as [
        Recorded,
      ];
      assertEquals(request.raw, true);
      assertEquals(request.line, "GET /ws?journal=fields HTTP/1.1");
      const own = request.fields.filter(([name]) => /^x-/i.test(name));
      assertEquals(own, [["x-LAST", "1"], ["X-first", "2"]]);
      assertEquals(response.line, "HTTP/1.1 101 Switching Protocols");
    },
  );

  await step(
    "has every frame of both sides on the frame listener",
    async () => {
      const url = server.url("frame", "/frames?journal=frames&report=1");
      {
        await using connection = await connect(url);
        await connection.send("text", "Hel", { final: false });
        await connection.send("ping", "p");
        await connection.send("continuation", "lo");
        for (let i = 0; i < 4; i++) await connection.nextFrame();
        await close(connection);
      }
      const [record] = await closed(server, "frames");
      const seen = lines(record!);
      for (
        const line of [
          "client text Hel",
          "client ping p",
          "server pong p",
          "client continuation lo",
          "server continuation lo",
          "client close 1000",
          "server close 1000",
        ]
      ) assert(seen.includes(line), `${line}\n${seen.join("\n")}`);
      assertEquals(rulesWith("failed", record!), []);
    },
  );

  await step("judges compressed messages of the frame listener", async () => {
    const url = server.url("frame", "/ws?journal=deflate");
    {
      await using client = await connectWs(url, {
        options: { perMessageDeflate: { threshold: 0 } },
      });
      for (let i = 0; i < 3; i++) {
        client.send("hello ".repeat(50));
        await client.next();
      }
      client.close(1000);
      await client.closed;
    }
    const [record] = await closed(server, "deflate");
    const passed = rulesWith("passed", record!);
    assert(passed.includes("rsv1") && passed.includes("deflate-data"));
    assertEquals(rulesWith("failed", record!), []);
  });

  for (const [fault, [rules, act]] of Object.entries(FAULTS)) {
    await step(`judges ${fault} on the frame listener`, async () => {
      const name = fault.replaceAll(" ", "-");
      const url = server.url("frame", `/ws?journal=${name}`);
      {
        await using connection = await connect(url, {
          resettable: true,
          tolerant: true,
        });
        await act(connection);
      }
      const [record] = await closed(server, name);
      const failed = rulesWith("failed", record!);
      for (const rule of rules) assert(failed.includes(rule), failed.join());
    });
  }

  await step("keeps the first bytes of a frame of 16 MiB", async () => {
    const url = server.url("frame", "/frames?journal=large");
    {
      await using connection = await connect(url);
      const sent = connection.send("binary", new Uint8Array(16 * 2 ** 20));
      await connection.nextFrame();
      await sent;
      await close(connection);
    }
    const [record] = await closed(server, "large");
    const large = record!.entries.filter(({ length }) => length === 2 ** 24);
    assertEquals(large.map(({ from, complete }) => [from, complete]), [
      ["client", true],
      ["server", true],
    ]);
    assert(JSON.stringify(record).length < 20_000);
  });

  await step("is not there without ?journal=", async () => {
    await using connection = await connect(server.url("frame", "/ws"));
    await close(connection);
    const { port } = server.address("edge");
    for (const path of ["/journal", "/journal/"]) {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      await response.body?.cancel();
      assertEquals(response.status, 404);
    }
  });
});
