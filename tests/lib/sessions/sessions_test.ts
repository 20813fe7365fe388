import { assert, assertEquals, assertMatch } from "@std/assert";
import { Sessions } from "../../../lib/sessions/sessions.ts";
import type { Connection } from "../../../lib/websocket.ts";
import { FakeConnection, sent, sentClose } from "../../../lib/testing/mod.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

function connection(id: string): FakeConnection {
  return Object.assign(new FakeConnection({ listener: "edge" }), { id });
}

/** Sessions with an open connection for every id. */
function sessionsOf(...connections: Connection[]): Sessions {
  const sessions = new Sessions(connections.length);
  for (const connection of connections) {
    sessions.reserve();
    sessions.add(connection);
  }
  return sessions;
}

/** Whether a promise has settled once the microtasks that are due have run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(() => settled = true);
  await new Promise((resolve) => setTimeout(resolve, 0));
  return settled;
}

Deno.test("Sessions.reserve() gives slots up to the limit", () => {
  const sessions = new Sessions(2);
  assertEquals(sessions.reserve(), true);
  assertEquals(sessions.reserve(), true);
  assertEquals(sessions.reserve(), false);
  assertEquals(sessions.size, 2);
});

Deno.test("Sessions.reserve() gives a released slot again", () => {
  const sessions = new Sessions(1);
  sessions.reserve();
  sessions.release();
  assertEquals(sessions.size, 0);
  assertEquals(sessions.reserve(), true);
});

Deno.test("Sessions.reserve() counts open connections", () => {
  const sessions = sessionsOf(connection("a"));
  assertEquals(sessions.reserve(), false);
});

Deno.test("Sessions.reserve() gives the slot of a closed connection", () => {
  const a = connection("a");
  const sessions = sessionsOf(a);
  sessions.remove(a);
  assertEquals(sessions.reserve(), true);
});

Deno.test("Sessions.add() turns a reserved slot into a session", () => {
  const sessions = new Sessions(2);
  sessions.reserve();
  sessions.add(connection("a"));
  assertEquals(sessions.size, 1);
});

Deno.test("Sessions.remove() removes once", () => {
  const a = connection("a");
  const sessions = sessionsOf(a, connection("b"));
  sessions.remove(a);
  sessions.remove(a);
  assertEquals(sessions.size, 1);
});

Deno.test("Sessions.get() finds an open connection by its id", () => {
  const b = connection("b");
  const sessions = sessionsOf(connection("a"), b);
  assert(sessions.get("b") === b);
});

Deno.test("Sessions.get() finds neither unknown nor closed connections", () => {
  const a = connection("a");
  const sessions = sessionsOf(a);
  sessions.remove(a);
  assertEquals(sessions.get("a"), undefined);
  assertEquals(sessions.get("b"), undefined);
});

Deno.test("Sessions.list() has the open connections, oldest first", () => {
  const [c, a, b] = [connection("c"), connection("a"), connection("b")];
  const sessions = sessionsOf(c, a, b);
  sessions.remove(a);
  assertEquals([...sessions.list()].map(({ id }) => id), ["c", "b"]);
});

Deno.test("Sessions.list() leaves out handshakes", () => {
  const sessions = new Sessions(1);
  sessions.reserve();
  assertEquals([...sessions.list()], []);
});

Deno.test("Sessions.nextId() never gives an id twice, in no instance", () => {
  const instances = [new Sessions(1), new Sessions(1)];
  const ids = instances.flatMap((sessions) => [
    sessions.nextId(),
    sessions.nextId(),
    sessions.nextId(),
  ]);
  assertEquals(new Set(ids).size, ids.length);
});

Deno.test("Sessions.nextId() gives ids that fit a log line", () => {
  assertMatch(new Sessions(1).nextId(), /^[0-9a-f]{8}-1$/);
});

Deno.test("Sessions.closeAll() closes every connection with code and reason", () => {
  const connections = [connection("a"), connection("b"), connection("c")];
  sessionsOf(...connections).closeAll(1001, "bye");
  for (const { sent: frames } of connections) {
    assertEquals(frames, [
      sent("close", new Uint8Array([0x03, 0xe9, 0x62, 0x79, 0x65])),
    ]);
  }
});

Deno.test("Sessions.closeAll() reaches all when closing removes at once", () => {
  const closed: string[] = [];
  const connections = ["a", "b", "c"].map((id) => {
    const leaving: FakeConnection = connection(id);
    leaving.close = () => {
      closed.push(id);
      sessions.remove(leaving);
    };
    return leaving;
  });
  const sessions = sessionsOf(...connections);
  sessions.closeAll(1001, "bye");
  assertEquals(closed, ["a", "b", "c"]);
  assertEquals(sessions.size, 0);
});

Deno.test("Sessions.emptied() resolves at once without connections", async () => {
  assert(await isSettled(new Sessions(1).emptied()));
});

Deno.test("Sessions.emptied() waits for the last connection", async () => {
  const [a, b] = [connection("a"), connection("b")];
  const sessions = sessionsOf(a, b);
  const emptied = sessions.emptied();
  sessions.remove(a);
  assertEquals(await isSettled(emptied), false);
  sessions.remove(b);
  await emptied;
});

Deno.test("Sessions.emptied() waits for a handshake that fails", async () => {
  const sessions = new Sessions(1);
  sessions.reserve();
  const emptied = sessions.emptied();
  assertEquals(await isSettled(emptied), false);
  sessions.release();
  await emptied;
});

Deno.test("Sessions.emptied() waits for a handshake when the last connection has closed", async () => {
  const a = connection("a");
  const sessions = new Sessions(2);
  sessions.reserve();
  sessions.add(a);
  sessions.reserve();
  const emptied = sessions.emptied();
  sessions.remove(a);
  assertEquals(await isSettled(emptied), false);
  sessions.release();
  await emptied;
});

Deno.test("Sessions.emptied() waits for a handshake that becomes a session", async () => {
  const a = connection("a");
  const sessions = new Sessions(1);
  sessions.reserve();
  const emptied = sessions.emptied();
  sessions.add(a);
  assertEquals(await isSettled(emptied), false);
  sessions.remove(a);
  await emptied;
});

Deno.test("Sessions.emptied() resolves every promise", async () => {
  const a = connection("a");
  const sessions = sessionsOf(a);
  const waiting = Promise.all([sessions.emptied(), sessions.emptied()]);
  sessions.remove(a);
  await waiting;
});

Deno.test("Sessions.emptied() waits again after it resolved", async () => {
  const a = connection("a");
  const sessions = sessionsOf(a);
  const first = sessions.emptied();
  sessions.remove(a);
  await first;
  sessions.reserve();
  const second = sessions.emptied();
  assertEquals(await isSettled(second), false);
  sessions.release();
  await second;
});

/** A connection that was heard at that time. */
function heard(id: string, lastActivity: number): FakeConnection {
  return Object.assign(connection(id), { lastActivity });
}

function purging(...connections: Connection[]): Sessions {
  const sessions = new Sessions(connections.length, { purge: true });
  for (const connection of connections) {
    sessions.reserve();
    sessions.add(connection);
  }
  return sessions;
}

Deno.test("Sessions.reserve() closes the least recently active connection with purge", () => {
  const [a, b, c] = [heard("a", 3), heard("b", 1), heard("c", 2)];
  const sessions = purging(a, b, c);
  assertEquals(sessions.reserve(), true);
  assertEquals(a.sent, []);
  assertEquals(b.sent, [
    sentClose(1013, "a new connection takes the slot"),
  ]);
  assertEquals(c.sent, []);
  assertEquals(sessions.reserve(), true);
  assertEquals(c.isOpen, false, "the next one in turn");
});

Deno.test("Sessions.reserve() refuses while as many purged connections as slots are closing", () => {
  const [a, b] = [heard("a", 1), heard("b", 2)];
  const sessions = purging(a, b);
  assertEquals([sessions.reserve(), sessions.reserve()], [true, true]);
  assertEquals(sessions.reserve(), false);
  sessions.remove(a);
  assertEquals(
    sessions.reserve(),
    false,
    "the slots belong to new connections",
  );
  sessions.release();
  assertEquals(sessions.reserve(), true);
});

Deno.test("Sessions.reserve() purges no connection while a slot is free", () => {
  const a = heard("a", 1);
  const sessions = new Sessions(2, { purge: true });
  sessions.reserve();
  sessions.add(a);
  assertEquals(sessions.reserve(), true);
  assertEquals(a.isOpen, true);
});

Deno.test("Sessions.isClosed is true after closeAll()", () => {
  const sessions = sessionsOf(connection("a"));
  assertEquals(sessions.isClosed, false);
  sessions.closeAll(1001, "bye");
  assertEquals(sessions.isClosed, true);
});
