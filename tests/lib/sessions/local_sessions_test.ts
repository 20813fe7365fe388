import { assertEquals, assertRejects } from "@std/assert";
import {
  FragmentOrderError,
  InvalidPayloadError,
} from "../../../lib/protocol/errors.ts";
import { Sessions } from "../../../lib/sessions/sessions.ts";
import { LocalSessions } from "../../../lib/sessions/local_sessions.ts";
import { WorkQueue, WorkQueueFullError } from "../../../lib/work_queue.ts";
import { FakeConnection, sent } from "../../../lib/testing/mod.ts";

/** A connection whose work runs on a queue. */
class QueuedConnection extends FakeConnection {
  override readonly openedAt = 0;
  readonly #queue: WorkQueue;

  constructor(queue: WorkQueue, id: string, path = "/ws") {
    super({ id, path });
    this.#queue = queue;
  }

  override queueWork(work: () => void): void {
    this.#queue.add(work);
  }
}

const LIMIT = 100;

function setUp(...paths: string[]) {
  const queue = new WorkQueue({ onError: console.error });
  const sessions = new Sessions(10);
  const connections = paths.map((path, index) => {
    const connection = new QueuedConnection(queue, `id-${index}`, path);
    sessions.reserve();
    sessions.add(connection);
    return connection;
  });
  return { calls: new LocalSessions(sessions, LIMIT), sessions, connections };
}

Deno.test("LocalSessions.send() sends through the work queue and resolves then", async () => {
  const { calls, connections: [a, b] } = setUp("/ws", "/ws");
  const outcome = calls.send("id-1", "hello");
  assertEquals(b!.sent, []);
  assertEquals(await outcome, "sent");
  assertEquals(b!.sent, [sent("text", "hello")]);
  assertEquals(a!.sent, []);
});

Deno.test("LocalSessions.send() sends bytes as binary", async () => {
  const { calls, connections: [a] } = setUp("/ws");
  assertEquals(await calls.send("id-0", Uint8Array.of(1, 2)), "sent");
  assertEquals(a!.sent, [sent("binary", Uint8Array.of(1, 2))]);
});

Deno.test("LocalSessions.send() keeps the order of the messages", async () => {
  const { calls, connections: [a] } = setUp("/ws");
  const texts = Array.from({ length: 1000 }, (_, index) => String(index));
  await Promise.all(texts.map((text) => calls.send("id-0", text)));
  assertEquals(a!.sent, texts.map((text) => sent("text", text)));
});

Deno.test("LocalSessions.send() is gone for an unknown session", async () => {
  const { calls } = setUp("/ws");
  assertEquals(await calls.send("id-7", "hello"), "gone");
});

Deno.test("LocalSessions.send() is gone for a session that closes before the work runs", async () => {
  const { calls, connections: [a] } = setUp("/ws");
  const outcome = calls.send("id-0", "hello");
  a!.close(1000);
  assertEquals(await outcome, "gone");
  assertEquals(a!.sent.length, 1, "CLOSE alone");
});

Deno.test("LocalSessions.send() is full when the send buffer is above its limit", async () => {
  const { calls, connections: [a] } = setUp("/ws");
  a!.bufferedAmount = LIMIT;
  assertEquals(await calls.send("id-0", "hello"), "sent");
  a!.bufferedAmount = LIMIT + 1;
  assertEquals(await calls.send("id-0", "hello"), "full");
  assertEquals(a!.sent.length, 1);
});

Deno.test("LocalSessions.send() is interleaved inside a fragmented message", async () => {
  const { calls, connections: [a] } = setUp("/ws");
  a!.send = () => {
    throw new FragmentOrderError("on purpose");
  };
  assertEquals(await calls.send("id-0", "hello"), "interleaved");
});

Deno.test("LocalSessions.send() rejects with an error of the connection", async () => {
  const { calls, connections: [a] } = setUp("/ws");
  a!.send = () => {
    throw new RangeError("on purpose");
  };
  await assertRejects(() => calls.send("id-0", "hello"), RangeError);
});

Deno.test("LocalSessions.send() is busy when the work queue is full", async () => {
  const { calls, connections: [a] } = setUp("/ws");
  a!.queueWork = () => {
    throw new WorkQueueFullError(1);
  };
  assertEquals(await calls.send("id-0", "hello"), "busy");
});

Deno.test("LocalSessions.sendAll() sends to all sessions, or to those of a route", async () => {
  const { calls, connections: [a, b, c] } = setUp("/ws", "/auth", "/ws");
  c!.bufferedAmount = LIMIT + 1;
  assertEquals(await calls.sendAll("all"), {
    sent: 2,
    missed: 1,
    partial: false,
  });
  assertEquals(await calls.sendAll("some", { route: "/auth" }), {
    sent: 1,
    missed: 0,
    partial: false,
  });
  assertEquals(a!.sent, [sent("text", "all")]);
  assertEquals(b!.sent, [sent("text", "all"), sent("text", "some")]);
  assertEquals(c!.sent, []);
});

Deno.test("LocalSessions.close() starts the closing handshake once", async () => {
  const { calls, connections: [a] } = setUp("/ws");
  assertEquals(await calls.close("id-0", 4000, "why"), "closing");
  assertEquals(a!.sent.map(({ opcode }) => opcode), ["close"]);
  assertEquals(await calls.close("id-0", 4000, "why"), "gone");
  assertEquals(await calls.close("id-7", 4000, "why"), "gone");
});

Deno.test("LocalSessions.close() rejects a code that may not be sent, for any id", async () => {
  const { calls, connections: [a] } = setUp("/ws");
  for (const id of ["id-0", "id-7"]) {
    await assertRejects(() => calls.close(id, 1005, ""), InvalidPayloadError);
  }
  assertEquals(a!.sent, []);
});

Deno.test("LocalSessions.list() describes every session", async () => {
  const { calls, sessions } = setUp("/ws");
  const { sessions: [first, ...others], partial } = await calls.list();
  const { age, ...rest } = first!;
  assertEquals(age > 1e6, true, "a fake is as old as the epoch");
  assertEquals(rest, {
    id: "id-0",
    instance: sessions.instance,
    listener: "frame",
    route: "/ws",
    address: "127.0.0.1:50000",
    protocol: "",
    received: { messages: 0, bytes: 0 },
    sent: { messages: 0, bytes: 0 },
    buffered: 0,
  });
  assertEquals(others, []);
  assertEquals(partial, false);
});
