import { assert, assertEquals, assertInstanceOf } from "@std/assert";
import {
  channel,
  MAX_CHANNELS,
  MAX_MEMBERS,
  MAX_WAITING,
} from "../../../handlers/show/channel.ts";
import {
  FakeFrame,
  HandshakeRefusedError,
  openHandler,
} from "../../../lib/testing/mod.ts";
import { yieldToOthers } from "../../../lib/scheduling/scheduler.ts";

/** Connects clients to one handler. */
function clientsOf(handler = channel()) {
  return (name: string) =>
    openHandler(handler, {
      path: "/channel/:name",
      url: `http://h/channel/${name}`,
    });
}

async function statusOf(opening: Promise<unknown>): Promise<number> {
  const error = await opening.then(() => undefined, (error) => error);
  assert(error instanceof HandshakeRefusedError);
  return error.response.status;
}

Deno.test("/channel relays texts and bytes to all other clients of the channel", async () => {
  const connect = clientsOf();
  const [a, b, c] = [
    await connect("x"),
    await connect("x"),
    await connect("x"),
  ];
  const other = await connect("y");
  await a.receive("hello");
  await b.receive(new Uint8Array([1, 2]));
  assertEquals(a.messages, [new Uint8Array([1, 2])]);
  assertEquals(b.messages, ["hello"]);
  assertEquals(c.messages, ["hello", new Uint8Array([1, 2])]);
  assertEquals(other.messages, []);
});

Deno.test("/channel relays a message in slices, in order, where that takes long", async () => {
  const connect = clientsOf();
  const [sender, ...others] = await Promise.all(
    Array.from({ length: 20 }, () => connect("x")),
  );
  for (const { connection } of others) {
    const send = connection.send.bind(connection);
    connection.send = (...args: Parameters<typeof send>) => {
      for (const end = performance.now() + 1; performance.now() < end;);
      send(...args);
    };
  }
  let turns = 0;
  const count = () => {
    turns++;
    if (turns < 1000) yieldToOthers(count);
  };
  yieldToOthers(count);
  await Promise.all([sender!.receive("first"), sender!.receive("second")]);
  turns += 1000;
  for (const { messages } of others) {
    assertEquals(messages, ["first", "second"]);
  }
  assert(turns > 1000 + others.length, `${turns}`);
});

Deno.test("/channel sends nothing to a client that has left", async () => {
  const connect = clientsOf();
  const [a, b] = [await connect("x"), await connect("x")];
  await b.close(1000);
  await a.receive("hello");
  assertEquals(b.messages, []);
});

Deno.test("/channel closes a client that reads too slowly, and serves the others", async () => {
  const connect = clientsOf();
  const [a, slow, b] = [
    await connect("x"),
    await connect("x"),
    await connect("x"),
  ];
  slow.connection.bufferedAmount = MAX_WAITING;
  await a.receive("hello");
  assertEquals(slow.closeSent?.code, 1008);
  assertEquals([slow.messages, b.messages], [[], ["hello"]]);
});

Deno.test("/channel refuses a name that is no token, and a client too many", async () => {
  const connect = clientsOf();
  assertEquals(await statusOf(connect("a%20b")), 400);
  for (let i = 0; i < MAX_MEMBERS; i++) await connect("x");
  assertEquals(await statusOf(connect("x")), 503);
  await connect("y");
});

Deno.test("/channel closes a client whose place was taken during its handshake", async () => {
  const handler = channel();
  const connect = clientsOf(handler);
  for (let i = 0; i < MAX_MEMBERS - 1; i++) await connect("x");
  const late = clientsOf({ ...handler, handshake() {} });
  await connect("x");
  assertEquals((await late("x")).closeSent?.code, 1013);
});

Deno.test("/channel forgets a channel without clients", async () => {
  const connect = clientsOf();
  for (let i = 0; i < MAX_CHANNELS; i++) {
    const client = await connect(`${i}`);
    if (i === 0) await client.close(1000);
  }
  await connect("new");
  assertEquals(await statusOf(connect("another")), 503);
});

Deno.test("/channel lets other connections run before the next message when a slice is over", async () => {
  const handler = channel();
  const connect = clientsOf(handler);
  const [a] = [await connect("x"), await connect("x")];
  const frame = new FakeFrame("text", "hello");
  const { promise: othersRun, resolve } = Promise.withResolvers<void>();
  yieldToOthers(resolve);
  let pending: unknown;
  while (pending === undefined) {
    pending = handler.frame(a.connection, frame);
  }
  assertInstanceOf(pending, Promise);
  await othersRun;
  await pending;
});
