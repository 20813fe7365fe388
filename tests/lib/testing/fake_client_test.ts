import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import {
  ConnectionClosedError,
  FakeConnection,
  FakeFrame,
  FragmentOrderError,
  InvalidPayloadError,
  openHandler,
  sent,
  sentClose,
} from "../../../lib/testing/mod.ts";
import type { Frame, WebSocketHandler } from "../../../lib/websocket.ts";

const echo: WebSocketHandler = {
  frame: (connection, frame) => connection.send(frame),
};

Deno.test("FakeClient calls the handler at once", async () => {
  const fake = await openHandler(echo);
  const received = fake.receive("a");
  assertEquals(fake.messages, ["a"]);
  await received;
});

Deno.test("FakeClient overwrites a frame when the handler has returned", async () => {
  const kept: Frame[] = [];
  const during: string[] = [];
  const fake = await openHandler({
    async frame(_, frame) {
      kept.push(frame);
      await Promise.resolve();
      during.push(frame.text());
    },
  });
  await fake.receive("abc");
  assertEquals(during, ["abc"]);
  assertEquals([...kept[0]!.payload], [0xff, 0xff, 0xff]);
});

Deno.test("FakeClient delivers the next frame when the handler's promise has settled", async () => {
  const gates = [0, 1].map(() => Promise.withResolvers<void>());
  const seen: string[] = [];
  const fake = await openHandler({
    async frame(_, frame) {
      seen.push(frame.text());
      await gates[seen.length - 1]!.promise;
    },
  });
  const [a, b] = [fake.receive("a"), fake.receive("b")];
  assertEquals(seen, ["a"]);
  gates[0]!.resolve();
  await a;
  assertEquals(seen, ["a", "b"]);
  gates[1]!.resolve();
  await b;
});

Deno.test("FakeClient keeps frames while reading is paused, and does not wait", async () => {
  const fake = await openHandler({
    open: (connection) => connection.pauseReading(),
    frame: (connection, frame) => connection.send(frame),
  });
  await fake.receive("a");
  await fake.receive("b");
  assertEquals(fake.messages, []);
  fake.connection.resumeReading();
  assertEquals(fake.messages, ["a", "b"]);
});

Deno.test("FakeClient keeps the handler's errors", async () => {
  const bug = new Error("a bug");
  const fake = await openHandler({
    frame() {
      throw bug;
    },
    close: () => Promise.reject(bug),
  });
  await fake.receive("a");
  assertEquals(fake.closeSent, { code: 1011, reason: "the handler failed" });
  await fake.close(1011);
  assertEquals(fake.errors, [bug, bug]);
});

Deno.test("FakeClient refuses frames that a client may not send", async () => {
  const fake = await openHandler(echo);
  await assertRejects(
    () => fake.receive("a", { opcode: "continuation" }),
    FragmentOrderError,
  );
  await assertRejects(
    () => fake.receive(Uint8Array.of(0xff), { opcode: "text" }),
    InvalidPayloadError,
  );
  await assertRejects(() => fake.ping("x".repeat(126)), InvalidPayloadError);
  await assertRejects(() => fake.close(1005), InvalidPayloadError);
  assertEquals(fake.sent, []);
});

Deno.test("FakeClient plays the end of the connection once", async () => {
  let closes = 0;
  const fake = await openHandler({ frame() {}, close: () => void closes++ });
  assertEquals(fake.closed, undefined);
  await fake.disconnect();
  await fake.disconnect();
  await fake.close(1000);
  await fake.receive("late");
  assertEquals(fake.closed, { code: 1006, reason: "", wasClean: false });
  assertEquals(closes, 1);
  assertEquals(fake.sent, []);
});

Deno.test("FakeClient drops frames that wait when the client disconnects", async () => {
  const gate = Promise.withResolvers<void>();
  const seen: string[] = [];
  const fake = await openHandler({
    frame(_, frame) {
      seen.push(frame.text());
      return gate.promise;
    },
  });
  const received = [fake.receive("a"), fake.receive("b")];
  await fake.disconnect();
  gate.resolve();
  await Promise.all(received);
  assertEquals(seen, ["a"]);
});

Deno.test("openHandler() gives the state of handshake to the connection", async () => {
  const fake = await openHandler<{ count: number }>({
    handshake: () => ({ state: { count: 1 } }),
    frame: (connection) => void connection.state.count++,
  });
  await fake.receive("");
  assertEquals(fake.connection.state, { count: 2 });
});

Deno.test("openHandler() calls handshake for a query only, if the handler says so", async () => {
  const asked: string[] = [];
  const handler: WebSocketHandler = {
    handshakes: "query",
    handshake: ({ url }) => void asked.push(url),
    frame() {},
  };
  for (const path of ["/a", "/a?x", "/a#?"]) {
    await openHandler(handler, { url: `ws://localhost${path}` });
  }
  assertEquals(asked, ["http://localhost/a?x"]);
});

for (
  const [name, options, extras, expected] of [
    ["is offered", { compression: true }, {}, true],
    ["is not offered", {}, {}, false],
    ["is off", { compression: true }, { compression: false }, false],
    [
      "is offered to the edge listener",
      {
        compression: true,
        listener: "edge",
      },
      {},
      false,
    ],
  ] as const
) {
  Deno.test(`openHandler() sets capabilities.compression if it ${name}`, async () => {
    const handler = { handshake: () => extras, frame() {} };
    const { connection } = await openHandler(handler, options);
    assertEquals(connection.capabilities.compression, expected);
  });
}

Deno.test("FakeConnection records charges, an abort and a pause", () => {
  const connection = new FakeConnection();
  connection.charge(10);
  connection.charge(-3);
  connection.pauseReading();
  assertEquals([connection.charged, connection.isPaused], [7, true]);
  connection.abort();
  assert(connection.isAborted && !connection.isOpen);
});

Deno.test("FakeConnection.flushed() waits until the client has read", async () => {
  const connection = new FakeConnection();
  await connection.flushed();
  connection.bufferedAmount = 1;
  let isFlushed = false;
  const flushed = connection.flushed().then(() => isFlushed = true);
  await Promise.resolve();
  assertEquals(isFlushed, false);
  connection.bufferedAmount = 0;
  await flushed;
});

Deno.test("FakeConnection.flushed() rejects if the connection ends before the client reads", async () => {
  const aborted = new FakeConnection();
  aborted.bufferedAmount = 1;
  const flushed = aborted.flushed();
  aborted.abort();
  await assertRejects(() => flushed, ConnectionClosedError);

  const fake = await openHandler(echo);
  fake.connection.bufferedAmount = 1;
  const pending = fake.connection.flushed();
  await fake.disconnect();
  await assertRejects(() => pending, ConnectionClosedError);
  await assertRejects(() => fake.connection.flushed(), ConnectionClosedError);
});

Deno.test("FakeConnection.runWork() runs queued work, but not what it queues", async () => {
  const connection = new FakeConnection();
  connection.queueWork(async () => {
    await Promise.resolve();
    connection.send("first");
    connection.queueWork(() => connection.send("third"));
  });
  connection.queueWork(() => connection.send("second"));
  await connection.runWork();
  assertEquals(connection.messages, ["first", "second"]);
  assertEquals(connection.queuedWork, 1);
});

Deno.test("FakeConnection.runWork() throws the error of the work", async () => {
  const connection = new FakeConnection();
  connection.queueWork(() => Promise.reject(new Error("a bug")));
  await assertRejects(() => connection.runWork(), Error, "a bug");
});

Deno.test("FakeConnection.messages joins fragments around control frames", () => {
  const connection = new FakeConnection();
  const euro = new TextEncoder().encode("€");
  connection.send(euro.subarray(0, 1), { opcode: "text", final: false });
  connection.ping();
  connection.send(euro.subarray(1), { opcode: "continuation" });
  connection.send(Uint8Array.of(1));
  connection.send("open", { final: false });
  assertEquals(connection.messages, ["€", Uint8Array.of(1)]);
});

Deno.test("FakeConnection gives each connection another id", () => {
  const ids = [new FakeConnection().id, new FakeConnection().id];
  assert(ids[0] !== ids[1], `${ids}`);
});

Deno.test("sent() and sentClose() make what FakeConnection records", () => {
  const connection = new FakeConnection();
  connection.send(new FakeFrame("text", "a", { final: false }));
  connection.send(new FakeFrame("continuation"));
  connection.close(1000, "bye");
  assertEquals(connection.sent, [
    sent("text", "a", false),
    sent("continuation"),
    sentClose(1000, "bye"),
  ]);
});

Deno.test("openHandler() gives the parameters of a pattern", async () => {
  const seen: unknown[] = [];
  const fake = await openHandler({
    handshake: (_, { params }) => void seen.push(params),
    frame() {},
  }, { path: "/rooms/:name", url: "ws://localhost/rooms/a%20b" });
  seen.push(fake.connection.params, fake.connection.path);
  assertEquals(seen, [{ name: "a b" }, { name: "a b" }, "/rooms/:name"]);
});

Deno.test("openHandler() refuses a value that is no handler", async () => {
  for (const handler of [undefined, null, {}, { frame: 5 }]) {
    await assertRejects(
      () => openHandler(handler as unknown as WebSocketHandler),
      TypeError,
      "handler is",
    );
  }
});

Deno.test("FakeConnection.queueWork() refuses work that is no function", () => {
  const connection = new FakeConnection();
  assertThrows(
    () => connection.queueWork(5 as unknown as () => void),
    TypeError,
    "work is 5",
  );
  assertEquals(connection.queuedWork, 0);
});
