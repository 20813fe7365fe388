import { assertEquals } from "@std/assert";
import {
  MAX_WAITS,
  stashMessages,
} from "../../../handlers/show/stash_messages.ts";
import { MAX_VALUES, StashStore } from "../../../handlers/show/stash_store.ts";
import { openHandler } from "../../../lib/testing/mod.ts";

/** Connects a client that speaks JSON. */
async function connect(store = new StashStore()) {
  const fake = await openHandler(stashMessages(store));
  return {
    store,
    fake,
    send: (command: unknown) => fake.receive(JSON.stringify(command)),
    answers: () => fake.messages.map((text) => JSON.parse(text as string)),
  };
}

Deno.test("/stash returns a value of JSON once", async () => {
  const { send, answers, store } = await connect();
  await send({ action: "set", key: "a", value: { x: [1, null] } });
  await send({ action: "get", key: "a" });
  assertEquals(answers(), [
    { success: true },
    { success: true, value: { x: [1, null] } },
  ]);
  assertEquals(store.get("a"), undefined);
});

Deno.test("/stash waits for a value of another client", async () => {
  const { store, send, answers } = await connect();
  await send({ action: "get", key: "a" });
  assertEquals(answers(), []);
  const other = await connect(store);
  await other.send({ action: "set", key: "b", value: 1 });
  await other.send({ action: "set", key: "a", value: 2 });
  assertEquals(answers(), [{ success: true, value: 2 }]);
});

Deno.test("/stash gives one value to one of two clients that wait", async () => {
  const first = await connect();
  const store = first.store;
  const other = await connect(store);
  await first.send({ action: "get", key: "a" });
  await other.send({ action: "get", key: "a" });
  store.set("a", { bytes: new TextEncoder().encode("1"), isText: true });
  store.set("a", { bytes: new TextEncoder().encode("2"), isText: true });
  assertEquals([first.answers()[0].value, other.answers()[0].value], [1, 2]);
});

Deno.test("/stash stops waiting for a client that has left", async () => {
  const { store, fake, send } = await connect();
  await send({ action: "get", key: "a" });
  await fake.disconnect();
  store.set("a", { bytes: new TextEncoder().encode("1"), isText: true });
  const later = await connect(store);
  await later.send({ action: "get", key: "a" });
  assertEquals(later.answers(), [{ success: true, value: 1 }]);
});

Deno.test("/stash returns a value that is no JSON as a text", async () => {
  const { store, send, answers } = await connect();
  store.set("a", { bytes: new TextEncoder().encode("{x"), isText: true });
  await send({ action: "get", key: "a" });
  assertEquals(answers(), [{ success: true, value: "{x" }]);
});

for (
  const command of [
    null,
    "text",
    {},
    { action: "set", key: "a" },
    { action: "get", key: 5 },
    { action: "get", key: "a b" },
    { action: "delete", key: "a" },
  ]
) {
  Deno.test(`/stash refuses ${JSON.stringify(command)}`, async () => {
    const { send, answers } = await connect();
    await send(command);
    const [{ success, message }] = answers();
    assertEquals([success, typeof message], [false, "string"]);
  });
}

Deno.test("/stash refuses a message that is no JSON, and a value too many", async () => {
  const { store, fake, send, answers } = await connect();
  await fake.receive("{");
  for (let i = 0; i < MAX_VALUES; i++) {
    store.set(`${i}`, { bytes: new Uint8Array(1), isText: false });
  }
  await send({ action: "set", key: "new", value: 1 });
  assertEquals(answers().map(({ success }) => success), [false, false]);
});

Deno.test("/stash refuses a client that waits for too many values", async () => {
  const { send, answers } = await connect();
  for (let i = 0; i <= MAX_WAITS; i++) {
    await send({ action: "get", key: `${i}` });
  }
  assertEquals(answers().map(({ success }) => success), [false]);
  await send({ action: "set", key: "0", value: 7 });
  assertEquals(answers().slice(1), [
    { success: true, value: 7 },
    { success: true },
  ]);
});
