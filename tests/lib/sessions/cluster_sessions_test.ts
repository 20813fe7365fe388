import { assertEquals } from "@std/assert";
import { Bus } from "../../../lib/cluster/bus/bus.ts";
import type { RemoteSessions } from "../../../lib/sessions/remote_sessions.ts";
import { connectSessions } from "../../../lib/sessions/connect.ts";
import { Sessions } from "../../../lib/sessions/sessions.ts";
import { FakeConnection, sent } from "../../handlers/fakes.ts";
import { FakeNetwork } from "../cluster/bus/fake_channel.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

interface Instance {
  readonly calls: RemoteSessions;
  readonly peer: FakeConnection;
}

/** Two instances with a peer each; work that is queued runs at once. */
async function withInstances(
  fn: (a: Instance, b: Instance, network: FakeNetwork) => Promise<void>,
): Promise<void> {
  const network = new FakeNetwork();
  const instances = [0, 1].map(() => {
    const sessions = new Sessions(1);
    const peer: FakeConnection = Object.assign(new FakeConnection("frame"), {
      id: sessions.nextId(),
      queueWork: (work: () => void) => work(),
    });
    sessions.reserve();
    sessions.add(peer);
    return { peer, ...connectSessions(sessions, 1000, network.open) };
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

Deno.test("connectSessions() without a channel reaches its own", async () => {
  const { calls, listeners } = connectSessions(
    new Sessions(1),
    1000,
    undefined,
  );
  assertEquals(await calls.list(), { sessions: [], partial: false });
  assertEquals(listeners, []);
});

Deno.test("SharedCalls.list() has the sessions of all, its own first", async () => {
  await withInstances(async (a, b) => {
    const { sessions, partial } = await b.calls.list();
    assertEquals(sessions.map(({ id }) => id), [b.peer.id, a.peer.id]);
    assertEquals(partial, false);
  });
});

Deno.test("SharedCalls.send() reaches any session, as text or binary", async () => {
  await withInstances(async (a, b) => {
    for (const { peer } of [a, b]) {
      assertEquals(await a.calls.send(peer.id, "€"), "sent");
      assertEquals(await a.calls.send(peer.id, Uint8Array.of(7)), "sent");
      assertEquals(peer.sent, [sent("text", "€"), sent("binary", "\x07")]);
    }
    assertEquals(await a.calls.send(`${b.peer.id}0`, "x"), "gone");
    assertEquals(await a.calls.send("x", "x"), "gone");
  });
});

Deno.test("SharedCalls.sendAll() counts those of all instances", async () => {
  await withInstances(async (a, b) => {
    assertEquals(
      await a.calls.sendAll("x", "/fake"),
      { sent: 2, missed: 0, partial: false },
    );
    assertEquals([a.peer.sent.length, b.peer.sent.length], [1, 1]);
    assertEquals((await a.calls.sendAll("x", "/other")).sent, 0);
  });
});

Deno.test("SharedCalls.close() closes any session", async () => {
  await withInstances(async (a, b) => {
    assertEquals(await a.calls.close(b.peer.id, 4000, "x"), "closing");
    assertEquals(b.peer.isOpen, false);
    assertEquals(await a.calls.close(b.peer.id, 4000, "x"), "gone");
  });
});

Deno.test("SharedCalls reaches its own when nobody can be asked", async () => {
  await withInstances(async (a, b, network) => {
    network.channel(a.peer.id.split("-")[0]!).isOpen = false;
    assertEquals((await a.calls.list()).partial, true);
    assertEquals(await a.calls.send(a.peer.id, "x"), "sent");
    assertEquals(await a.calls.send(b.peer.id, "x"), "unreachable");
    assertEquals(await a.calls.close(b.peer.id, 4000, ""), "unreachable");
  });
});

Deno.test("Bus answers nothing to a question that nobody understands", async () => {
  await withInstances(async (a, _b, network) => {
    const bus = new Bus(
      "cccccccc",
      network.open,
      () => Promise.resolve(undefined),
    );
    const instance = a.peer.id.split("-")[0]!;
    const reply = await bus.ask(instance, { call: "nonsense" });
    assertEquals(reply, { kind: "silent" });
    await bus.shutdown();
  });
});

/** What no instance answers. */
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

/** Adds an instance that answers every question alike. */
async function withStranger(
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
  Deno.test(`SharedCalls passes over the answer ${JSON.stringify(answer)}`, async () => {
    await withStranger(answer, async ({ calls }) => {
      const { sessions, partial } = await calls.list();
      assertEquals([sessions.length, partial], [2, true]);
      const counts = await calls.sendAll("x");
      assertEquals(counts, { sent: 2, missed: 0, partial: true });
      assertEquals(await calls.send("cccccccc-1", "x"), "unreachable");
      assertEquals(await calls.close("cccccccc-1", 1000, ""), "unreachable");
    });
  });
}

Deno.test("SharedCalls.list() takes of a session what it knows", async () => {
  const answer = { sessions: [{ ...SESSION, x: 1 }], partial: false };
  await withStranger(answer, async ({ calls }) => {
    const { sessions, partial } = await calls.list();
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
  Deno.test(`SharedCalls.list() passes over a session with ${name} ${String(value).slice(0, 10)}`, async () => {
    const answer = {
      sessions: [{ ...SESSION, [name]: value }],
      partial: false,
    };
    await withStranger(answer, async ({ calls }) => {
      const { sessions, partial } = await calls.list();
      assertEquals([sessions.length, partial], [2, true]);
    });
  });
}
