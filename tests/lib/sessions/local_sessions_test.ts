import { assertEquals, assertRejects } from "@std/assert";
import {
  FragmentOrderError,
  InvalidPayloadError,
} from "../../../lib/protocol/errors.ts";
import { Sessions } from "../../../lib/sessions/sessions.ts";
import { LocalCalls } from "../../../lib/sessions/local_sessions.ts";
import { WorkQueue, WorkQueueFullError } from "../../../lib/work_queue.ts";
import { FakeConnection, sent } from "../../handlers/fakes.ts";

/** A connection whose work runs on a queue. */
class QueuedConnection extends FakeConnection {
  override readonly id: string;
  override readonly path: string;
  override bufferedAmount = 0;
  readonly #queue: WorkQueue;

  constructor(queue: WorkQueue, id: string, path = "/ws") {
    super("frame");
    this.#queue = queue;
    this.id = id;
    this.path = path;
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
  return { calls: new LocalCalls(sessions, LIMIT), sessions, connections };
}

Deno.test("LocalCalls.send() sends by the work queue, and says when", async () => {
  const { calls, connections: [a, b] } = setUp("/ws", "/ws");
  const outcome = calls.send("id-1", "hello");
  assertEquals(b!.sent, []);
  assertEquals(await outcome, "sent");
  assertEquals(b!.sent, [sent("text", "hello")]);
  assertEquals(a!.sent, []);
});

Deno.test("LocalCalls.send() sends bytes as binary", async () => {
  const { calls, connections: [a] } = setUp("/ws");
  assertEquals(await calls.send("id-0", Uint8Array.of(1, 2)), "sent");
  assertEquals(a!.sent, [sent("binary", Uint8Array.of(1, 2))]);
});

Deno.test("LocalCalls.send() keeps the order of the calls", async () => {
  const { calls, connections: [a] } = setUp("/ws");
  const texts = Array.from({ length: 1000 }, (_, index) => String(index));
  await Promise.all(texts.map((text) => calls.send("id-0", text)));
  assertEquals(a!.sent, texts.map((text) => sent("text", text)));
});

Deno.test("LocalCalls.send() knows a session that is gone", async () => {
  const { calls } = setUp("/ws");
  assertEquals(await calls.send("id-7", "hello"), "gone");
});

Deno.test("LocalCalls.send() knows a session that goes before its turn", async () => {
  const { calls, connections: [a] } = setUp("/ws");
  const outcome = calls.send("id-0", "hello");
  a!.close(1000);
  assertEquals(await outcome, "gone");
  assertEquals(a!.sent.length, 1, "CLOSE alone");
});

Deno.test("LocalCalls.send() leaves a peer alone whose buffer is full", async () => {
  const { calls, connections: [a] } = setUp("/ws");
  a!.bufferedAmount = LIMIT;
  assertEquals(await calls.send("id-0", "hello"), "sent");
  a!.bufferedAmount = LIMIT + 1;
  assertEquals(await calls.send("id-0", "hello"), "full");
  assertEquals(a!.sent.length, 1);
});

Deno.test("LocalCalls.send() does not break into a fragmented message", async () => {
  const { calls, connections: [a] } = setUp("/ws");
  a!.send = () => {
    throw new FragmentOrderError("on purpose");
  };
  assertEquals(await calls.send("id-0", "hello"), "interleaved");
});

Deno.test("LocalCalls.send() passes on an error of the connection's", async () => {
  const { calls, connections: [a] } = setUp("/ws");
  a!.send = () => {
    throw new RangeError("on purpose");
  };
  await assertRejects(() => calls.send("id-0", "hello"), RangeError);
});

Deno.test("LocalCalls.send() knows that the work queue is full", async () => {
  const { calls, connections: [a] } = setUp("/ws");
  a!.queueWork = () => {
    throw new WorkQueueFullError(1);
  };
  assertEquals(await calls.send("id-0", "hello"), "busy");
});

Deno.test("LocalCalls.sendAll() sends to all, or to those of a route", async () => {
  const { calls, connections: [a, b, c] } = setUp("/ws", "/auth", "/ws");
  c!.bufferedAmount = LIMIT + 1;
  assertEquals(await calls.sendAll("all"), {
    sent: 2,
    missed: 1,
    partial: false,
  });
  assertEquals(await calls.sendAll("some", "/auth"), {
    sent: 1,
    missed: 0,
    partial: false,
  });
  assertEquals(a!.sent, [sent("text", "all")]);
  assertEquals(b!.sent, [sent("text", "all"), sent("text", "some")]);
  assertEquals(c!.sent, []);
});

Deno.test("LocalCalls.close() starts the closing handshake once", async () => {
  const { calls, connections: [a] } = setUp("/ws");
  assertEquals(await calls.close("id-0", 4000, "why"), "closing");
  assertEquals(a!.sent.map(({ opcode }) => opcode), ["close"]);
  assertEquals(await calls.close("id-0", 4000, "why"), "gone");
  assertEquals(await calls.close("id-7", 4000, "why"), "gone");
});

Deno.test("LocalCalls.close() refuses a code that may not be sent, whoever is there", async () => {
  const { calls, connections: [a] } = setUp("/ws");
  for (const id of ["id-0", "id-7"]) {
    await assertRejects(() => calls.close(id, 1005, ""), InvalidPayloadError);
  }
  assertEquals(a!.sent, []);
});

Deno.test("LocalCalls.list() describes every session", async () => {
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
