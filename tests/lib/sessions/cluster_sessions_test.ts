import { assertEquals } from "@std/assert";
import { Bus } from "../../../lib/cluster/bus/bus.ts";
import type { RemoteSessions } from "../../../lib/sessions/remote_sessions.ts";
import { connectSessions } from "../../../lib/sessions/connect.ts";
import { Sessions } from "../../../lib/sessions/sessions.ts";
import { FakeConnection, sent } from "../../../lib/testing/mod.ts";
import { FakeNetwork } from "../cluster/bus/fake_channel.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

interface Instance {
  readonly remoteSessions: RemoteSessions;
  readonly client: FakeConnection;
}

/** Two instances with one connection each, whose queued work runs at once. */
async function withInstances(
  fn: (a: Instance, b: Instance, network: FakeNetwork) => Promise<void>,
): Promise<void> {
  const network = new FakeNetwork();
  const instances = [0, 1].map(() => {
    const sessions = new Sessions(1);
    const client: FakeConnection = Object.assign(
      new FakeConnection({
        id: sessions.nextId(),
        path: "/fake",
      }),
      {
        queueWork: (work: () => void) => work(),
      },
    );
    sessions.reserve();
    sessions.add(client);
    return { client, ...connectSessions(sessions, 1000, network.open) };
  });
  try {
    await new Promise((resolve) => setTimeout(resolve, 0));
    await fn(instances[0]!, instances[1]!, network);
  } finally {
    for (const { listeners } of instances) {
      for (const listener of listeners) await listener.shutdown();
    }
  }
}

Deno.test("connectSessions() without a channel reaches its own sessions", async () => {
  const { remoteSessions, listeners } = connectSessions(
    new Sessions(1),
    1000,
    undefined,
  );
  assertEquals(await remoteSessions.list(), { sessions: [], partial: false });
  assertEquals(listeners, []);
});

Deno.test("ClusterSessions.list() lists the sessions of all instances, its own first", async () => {
  await withInstances(async (a, b) => {
    const { sessions, partial } = await b.remoteSessions.list();
    assertEquals(sessions.map(({ id }) => id), [b.client.id, a.client.id]);
    assertEquals(partial, false);
  });
});

Deno.test("ClusterSessions.send() reaches any session, as text or binary", async () => {
  await withInstances(async (a, b) => {
    for (const { client } of [a, b]) {
      assertEquals(await a.remoteSessions.send(client.id, "€"), "sent");
      assertEquals(
        await a.remoteSessions.send(client.id, Uint8Array.of(7)),
        "sent",
      );
      assertEquals(client.sent, [sent("text", "€"), sent("binary", "\x07")]);
    }
    assertEquals(await a.remoteSessions.send(`${b.client.id}0`, "x"), "gone");
    assertEquals(await a.remoteSessions.send("x", "x"), "gone");
  });
});

Deno.test("ClusterSessions.sendAll() counts the sessions of all instances", async () => {
  await withInstances(async (a, b) => {
    assertEquals(
      await a.remoteSessions.sendAll("x", { path: "/fake" }),
      { sent: 2, missed: 0, partial: false },
    );
    assertEquals([a.client.sent.length, b.client.sent.length], [1, 1]);
    for (const target of [{ route: "/other" }, { path: "/other" }]) {
      assertEquals((await a.remoteSessions.sendAll("x", target)).sent, 0);
    }
  });
});

Deno.test("ClusterSessions.close() closes any session", async () => {
  await withInstances(async (a, b) => {
    assertEquals(
      await a.remoteSessions.close(b.client.id, 4000, "x"),
      "closing",
    );
    assertEquals(b.client.isOpen, false);
    assertEquals(await a.remoteSessions.close(b.client.id, 4000, "x"), "gone");
  });
});

Deno.test("ClusterSessions reaches its own sessions while the channel is closed", async () => {
  await withInstances(async (a, b, network) => {
    network.channel(a.client.id.split("-")[0]!).isOpen = false;
    assertEquals((await a.remoteSessions.list()).partial, true);
    assertEquals(await a.remoteSessions.send(a.client.id, "x"), "sent");
    assertEquals(await a.remoteSessions.send(b.client.id, "x"), "unreachable");
    assertEquals(
      await a.remoteSessions.close(b.client.id, 4000, ""),
      "unreachable",
    );
  });
});

Deno.test("Bus sends no reply to an unknown request", async () => {
  await withInstances(async (a, _b, network) => {
    const bus = new Bus(
      "cccccccc",
      network.open,
      () => Promise.resolve(undefined),
    );
    const instance = a.client.id.split("-")[0]!;
    const reply = await bus.request(instance, { call: "nonsense" });
    assertEquals(reply, { kind: "silent" });
    await bus.shutdown();
  });
});

/** Replies that no instance sends. */
const MALFORMED: readonly unknown[] = [
  null,
  1,
  "sent!",
  [],
  {},
  { sessions: null, partial: false },
  { sessions: [null], partial: false },
  { sessions: [{ id: "cccccccc-1" }], partial: false },
  { sessions: [], partial: "no" },
  { sent: "1", missed: 0, partial: false },
  { sent: -1, missed: 0, partial: false },
  { sent: 1e300, missed: 0, partial: false },
];

/** A session as an instance lists it. */
const SESSION = {
  id: "cccccccc-1",
  instance: "cccccccc",
  listener: "edge",
  route: "/ws",
  address: "192.0.2.1:1",
  protocol: "",
  age: 1.5,
  received: { messages: 1, bytes: 2 },
  sent: { messages: 3, bytes: 4 },
  buffered: 0,
};

/** Adds an instance that sends one reply to every request. */
async function withReply(
  answer: unknown,
  fn: (a: Instance) => Promise<void>,
): Promise<void> {
  await withInstances(async (a, _b, network) => {
    const stranger = new Bus(
      "cccccccc",
      network.open,
      () => Promise.resolve(answer),
    );
    await new Promise((resolve) => setTimeout(resolve, 0));
    try {
      await fn(a);
    } finally {
      await stranger.shutdown();
    }
  });
}

for (const answer of MALFORMED) {
  Deno.test(`ClusterSessions ignores the reply ${JSON.stringify(answer)}`, async () => {
    await withReply(answer, async ({ remoteSessions }) => {
      const { sessions, partial } = await remoteSessions.list();
      assertEquals([sessions.length, partial], [2, true]);
      const counts = await remoteSessions.sendAll("x");
      assertEquals(counts, { sent: 2, missed: 0, partial: true });
      assertEquals(await remoteSessions.send("cccccccc-1", "x"), "unreachable");
      assertEquals(
        await remoteSessions.close("cccccccc-1", 1000, ""),
        "unreachable",
      );
    });
  });
}

Deno.test("ClusterSessions.list() ignores unknown fields of a session", async () => {
  const answer = { sessions: [{ ...SESSION, x: 1 }], partial: false };
  await withReply(answer, async ({ remoteSessions }) => {
    const { sessions, partial } = await remoteSessions.list();
    assertEquals(sessions[2] as unknown, SESSION);
    assertEquals([sessions.length, partial], [3, false]);
  });
});

for (
  const [name, value] of [
    ["id", "dddddddd-1"],
    ["id", 1],
    ["instance", "elsewhere"],
    ["listener", "other"],
    ["route", null],
    ["address", "a".repeat(1025)],
    ["age", "old"],
    ["age", -1],
    ["received", null],
    ["sent", { messages: 1 }],
    ["buffered", 0.5],
  ] as const
) {
  Deno.test(`ClusterSessions.list() ignores a session with ${name} ${String(value).slice(0, 10)}`, async () => {
    const answer = {
      sessions: [{ ...SESSION, [name]: value }],
      partial: false,
    };
    await withReply(answer, async ({ remoteSessions }) => {
      const { sessions, partial } = await remoteSessions.list();
      assertEquals([sessions.length, partial], [2, true]);
    });
  });
}
