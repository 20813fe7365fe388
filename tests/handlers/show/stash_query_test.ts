import { assertEquals, assertRejects } from "@std/assert";
import { stashMessages } from "../../../handlers/show/stash_messages.ts";
import { MAX_VALUES, StashStore } from "../../../handlers/show/stash_store.ts";
import {
  HandshakeRefusedError,
  openHandler,
} from "../../../lib/testing/mod.ts";

/** Connects with a query, and sends messages. */
async function ask(store: StashStore, query: string, ...messages: string[]) {
  const fake = await openHandler(stashMessages(store), {
    url: `ws://localhost/stash?${query}`,
  });
  for (const message of messages) await fake.receive(message);
  return fake;
}

const answerTo = async (store: StashStore, query: string) => {
  const { messages: [text], closeSent } = await ask(store, query, "echo");
  assertEquals(closeSent?.code, 1000);
  return JSON.parse(text as string);
};

Deno.test("/stash?action=put keeps a value, take returns it once", async () => {
  const store = new StashStore();
  const put = "action=put&key=a&value=x%20y&path=/mixed-content";
  assertEquals(await answerTo(store, put), { status: "success", result: "a" });
  const take = "action=take&key=a";
  assertEquals(await answerTo(store, take), {
    status: "blocked",
    result: "x y",
  });
  assertEquals(await answerTo(store, take), {
    status: "allowed",
    result: null,
  });
});

Deno.test("/stash?action=purge removes a value, or does nothing", async () => {
  const store = new StashStore();
  await answerTo(store, "action=put&key=a&value=1");
  await answerTo(store, "action=put&key=a&value=2");
  const purge = "action=purge&key=a";
  assertEquals(await answerTo(store, purge), {
    status: "success",
    result: "2",
  });
  assertEquals(await answerTo(store, purge), {
    status: "success",
    result: null,
  });
});

Deno.test("/stash with a query waits for the message echo", async () => {
  const store = new StashStore();
  const query = "action=put&key=a&value=1";
  const fake = await ask(store, query, '{"action":"get","key":"a"}', "other");
  assertEquals([fake.messages, fake.closeSent], [[], undefined]);
  assertEquals(store.get("a"), undefined);
});

Deno.test("/stash with a query closes with 1013 when the stash is full", async () => {
  const store = new StashStore();
  for (let i = 0; i < MAX_VALUES; i++) {
    store.set(`k${i}`, { bytes: new Uint8Array(1), isText: true });
  }
  const fake = await ask(store, "action=put&key=a&value=1", "echo");
  assertEquals([fake.messages, fake.closeSent?.code], [[], 1013]);
});

for (
  const query of [
    "action=put&key=a",
    "action=take",
    "action=take&key=a%20b",
    "action=other&key=a",
    "key=a",
    "action=take&key=a&more=1",
  ]
) {
  Deno.test(`/stash?${query} is refused with 400`, async () => {
    const error = await assertRejects(
      () => ask(new StashStore(), query),
      HandshakeRefusedError,
    );
    assertEquals(error.response.status, 400);
  });
}
