import { assert, assertEquals, assertThrows } from "@std/assert";
import { stash } from "../../../handlers/show/stash.ts";
import {
  MAX_VALUE,
  MAX_VALUE_AGE,
  MAX_VALUES,
  MAX_VALUES_BYTES,
  StashStore,
} from "../../../handlers/show/stash_store.ts";
import { LongRunningRequests } from "../../../lib/limits/long_running_requests.ts";
import { RefusedError } from "../../../lib/protocol/http_error.ts";
import {
  HandshakeRefusedError,
  openHandler,
} from "../../../lib/testing/mod.ts";
import { answerOf, HTTP_INFO } from "../fakes.ts";

class Service {
  readonly store = new StashStore();
  readonly requests = new LongRunningRequests(2);
  readonly route = stash(this.store, this.requests);

  async fetch(
    path: string,
    method = "GET",
    body?: BodyInit,
  ): Promise<Response> {
    const url = new URL(path, "http://localhost/stash/");
    const request = new Request(url, { method, ...(body && { body }) });
    const key = decodeURIComponent(url.pathname.split("/").at(-1)!);
    const handler = this.route[(method === "HEAD" ? "GET" : method) as "GET"]!;
    return await answerOf(handler, request, { ...HTTP_INFO, params: { key } });
  }

  connect(key: string) {
    const url = `http://h/stash/${key}`;
    return openHandler(this.route, { path: "/stash/:key", url });
  }
}

async function shown(response: Response): Promise<unknown[]> {
  const type = response.headers.get("content-type");
  return [response.status, type, await response.text()];
}

const TEXT = "text/plain; charset=utf-8";

for (const method of ["PUT", "POST"]) {
  Deno.test(`${method} /stash/KEY keeps a value for GET`, async () => {
    const service = new Service();
    assertEquals((await service.fetch("a", method, "one")).status, 204);
    assertEquals((await service.fetch("a", method, "two")).status, 204);
    assertEquals(await shown(await service.fetch("a")), [200, TEXT, "two"]);
    assertEquals((await service.fetch("b")).status, 404);
    assertEquals(service.store.held, 3);
  });
}

Deno.test("GET /stash/KEY gives bytes that are no text as such", async () => {
  const service = new Service();
  await service.fetch("a", "PUT", new Uint8Array([255]));
  const response = await service.fetch("a");
  assertEquals(
    response.headers.get("content-type"),
    "application/octet-stream",
  );
  assertEquals(await response.bytes(), new Uint8Array([255]));
});

Deno.test("DELETE /stash/KEY removes a value", async () => {
  const service = new Service();
  await service.fetch("a", "PUT", "one");
  assertEquals((await service.fetch("a", "DELETE")).status, 204);
  assertEquals((await service.fetch("a", "DELETE")).status, 404);
  assertEquals(service.store.held, 0);
});

Deno.test("GET /stash/KEY?take=on removes the value, HEAD does not", async () => {
  const service = new Service();
  await service.fetch("a", "PUT", "one");
  assertEquals((await service.fetch("a?take=on", "HEAD")).status, 200);
  assertEquals((await shown(await service.fetch("a?take=on")))[2], "one");
  assertEquals((await service.fetch("a?take=on")).status, 404);
});

Deno.test("GET /stash/KEY?wait=S waits for a value", async () => {
  const service = new Service();
  const waiting = service.fetch("a?wait=10");
  await service.fetch("a", "PUT", "one");
  assertEquals((await shown(await waiting))[2], "one");
  assertEquals((await service.fetch("b?wait=0.01")).status, 404);
  assertEquals(service.requests.size, 0);
});

Deno.test("/stash refuses what is too long, unknown parameters and names", async () => {
  const service = new Service();
  const long = "x".repeat(MAX_VALUE + 1);
  assertEquals((await service.fetch("a", "PUT", long)).status, 413);
  assertEquals((await service.fetch("a?x=1")).status, 400);
  assertEquals((await service.fetch("a%20b")).status, 400);
  const error = await service.connect("a%20b").catch((error) => error);
  assert(error instanceof HandshakeRefusedError);
  assertEquals(error.response.status, 400);
});

Deno.test("a WebSocket gets the value when it opens, and its messages become the value", async () => {
  const service = new Service();
  const first = await service.connect("a");
  assertEquals(first.messages, []);
  await first.receive("one");
  await first.receive("two");
  const second = await service.connect("a");
  assertEquals(second.messages, ["two"]);
  await second.receive(new Uint8Array([7]));
  assertEquals((await service.connect("a")).messages, [new Uint8Array([7])]);
});

Deno.test("a WebSocket is closed with 1013 when the stash is full", async () => {
  const service = new Service();
  for (let i = 0; i < MAX_VALUES; i++) {
    service.store.set(`${i}`, { bytes: new Uint8Array(1), isText: false });
  }
  const client = await service.connect("new");
  await client.receive("value");
  assertEquals(client.closeSent?.code, 1013);
});

Deno.test("StashStore holds no more than its limits, also when memory is tight", () => {
  const account = {
    isTight: false,
    total: 0,
    charge: (n: number) => void (account.total += n),
  };
  const store = new StashStore(account);
  const value = { bytes: new Uint8Array(MAX_VALUE), isText: false };
  for (let i = 0; i < MAX_VALUES_BYTES / MAX_VALUE; i++) {
    store.set(`${i}`, value);
  }
  assertEquals(account.total, MAX_VALUES_BYTES);
  assertThrows(() => store.set("new", value), RefusedError);
  store.set("0", { ...value, bytes: new Uint8Array(5) });
  account.isTight = true;
  assertThrows(
    () => store.set("0", { ...value, bytes: new Uint8Array(6) }),
    RefusedError,
  );
  assertEquals(account.total, store.held);
});

Deno.test("StashStore removes a value after its age", () => {
  let now = 0;
  const store = new StashStore(undefined, () => now);
  store.set("a", { bytes: new Uint8Array(3), isText: true });
  now = MAX_VALUE_AGE - 1;
  assert(store.get("a"));
  now = MAX_VALUE_AGE;
  assertEquals([store.get("a"), store.held], [undefined, 0]);
});
