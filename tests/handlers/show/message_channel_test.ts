import { assertEquals } from "@std/assert";
import { messageChannel } from "../../../handlers/show/message_channel.ts";
import {
  MAX_QUEUE_AGE,
  MAX_QUEUED,
  MAX_QUEUES,
  QueueStore,
} from "../../../handlers/show/queue_store.ts";
import { openHandler } from "../../../lib/testing/mod.ts";
import { answerTo } from "../fakes.ts";

/** Connects a client to a channel. */
async function connect(
  store: QueueStore,
  direction: "read" | "write",
  uuid = "a",
) {
  const fake = await openHandler(messageChannel(store), {
    url: `ws://localhost/channel?uuid=${uuid}&direction=${direction}`,
  });
  return {
    fake,
    send: (command: unknown) => fake.receive(JSON.stringify(command)),
    values: () => fake.messages.map((text) => JSON.parse(text as string)),
  };
}

Deno.test("/channel gives the messages of writers to the reader", async () => {
  const store = new QueueStore();
  const reader = await connect(store, "read");
  for (const value of ["one", { two: 2 }]) {
    const writer = await connect(store, "write");
    await writer.send(["message", value]);
  }
  const other = await connect(store, "write", "b");
  await other.send(["message", "elsewhere"]);
  assertEquals(reader.values(), ["one", { two: 2 }]);
});

Deno.test("/channel keeps messages for a reader that comes later", async () => {
  const store = new QueueStore();
  const writer = await connect(store, "write");
  await writer.send(["message", 1]);
  await writer.send(["message", 2]);
  await writer.fake.disconnect();
  const reader = await connect(store, "read");
  assertEquals(reader.values(), [1, 2]);
  assertEquals(store.held, 0);
});

Deno.test("/channel closes the reader when a writer says so", async () => {
  const store = new QueueStore();
  const reader = await connect(store, "read");
  const writer = await connect(store, "write");
  await writer.send(["disconnectReader"]);
  await writer.send(["message", "for the next one"]);
  assertEquals(reader.fake.closeSent?.code, 1000);
  const next = await connect(store, "read");
  assertEquals(next.values(), ["for the next one"]);
});

Deno.test("/channel closes a reader that comes after disconnectReader", async () => {
  const store = new QueueStore();
  const writer = await connect(store, "write");
  for (
    const command of [["message", 1], ["disconnectReader"], ["message", 2]]
  ) {
    await writer.send(command);
  }
  const first = await connect(store, "read");
  assertEquals([first.values(), first.fake.closeSent?.code], [[1], 1000]);
  const second = await connect(store, "read");
  assertEquals(second.values(), [2]);
});

Deno.test("/channel closes a reader that asks for it", async () => {
  const reader = await connect(new QueueStore(), "read");
  await reader.send(["close", null]);
  assertEquals(reader.fake.closeSent?.code, 1000);
});

Deno.test("/channel removes what waits on delete", async () => {
  const store = new QueueStore();
  const writer = await connect(store, "write");
  await writer.send(["message", 1]);
  await writer.send(["delete"]);
  assertEquals(store.held, 0);
  assertEquals((await connect(store, "read")).values(), []);
});

Deno.test("/channel closes a client whose message is no command", async () => {
  for (const message of ["hello", "{}", "[1]"]) {
    const writer = await connect(new QueueStore(), "write");
    await writer.fake.receive(message);
    assertEquals(writer.fake.closeSent?.code, 1008, message);
  }
});

Deno.test("/channel closes a writer when too much waits", async () => {
  const store = new QueueStore();
  const writer = await connect(store, "write");
  const value = "x".repeat(60_000);
  const fitting = Math.floor(MAX_QUEUED / (2 * (value.length + 2) + 64));
  for (let i = 0; i < fitting; i++) await writer.send(["message", value]);
  assertEquals(writer.fake.closeSent, undefined);
  await writer.send(["message", value]);
  assertEquals(writer.fake.closeSent?.code, 1013);
});

Deno.test("/channel refuses a second reader, too many channels and a bad query", async () => {
  const handler = messageChannel(new QueueStore());
  const statusOf = async (query: string) => {
    const request = new Request(`http://localhost/channel${query}`);
    const result = await answerTo(
      request,
      () => handler.handshake!(request, {} as never),
    );
    return result instanceof Response ? result.status : 101;
  };
  for (
    const query of ["", "?uuid=a", "?uuid=a&direction=up", "?direction=read"]
  ) {
    assertEquals(await statusOf(query), 400, query);
  }
  assertEquals(await statusOf("?uuid=a&direction=read&x=1"), 400);
  assertEquals(await statusOf("?uuid=a&direction=read"), 101);

  const store = new QueueStore();
  const full = messageChannel(store);
  store.join("a", () => {});
  const ask = async (query: string) => {
    const request = new Request(`http://localhost/channel${query}`);
    const result = await answerTo(
      request,
      () => full.handshake!(request, {} as never),
    );
    return (result as Response).status;
  };
  assertEquals(await ask("?uuid=a&direction=read"), 409);
  for (let i = 1; i < MAX_QUEUES; i++) store.join(`q${i}`, undefined);
  assertEquals(await ask("?uuid=b&direction=write"), 503);
});

Deno.test("QueueStore removes a left queue after its age", () => {
  let now = 0;
  const store = new QueueStore(undefined, () => now);
  const queue = store.join("a", undefined);
  store.send(queue, "waits");
  store.leave("a", queue, undefined);
  now = MAX_QUEUE_AGE - 1;
  store.check("b", true);
  assertEquals(store.held > 0, true);
  now = MAX_QUEUE_AGE;
  store.check("b", true);
  assertEquals(store.held, 0);
});
