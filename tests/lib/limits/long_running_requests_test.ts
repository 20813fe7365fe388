import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { clientsBehind } from "../../../lib/limits/address/client_address.ts";
import { LongRunningRequests } from "../../../lib/limits/long_running_requests.ts";
import { OpenRequests } from "../../../lib/limits/open_requests.ts";
import { MemoryAccount } from "../../../lib/memory/account.ts";
import { NO_OBSERVER } from "../../../lib/observer.ts";
import { RefusedError } from "../../../lib/protocol/http_error.ts";
import { HTTP_INFO as INFO } from "../../handlers/fakes.ts";

const MIB = 2 ** 20;

const REQUEST = new Request("http://a.test/");

// Off by default in Deno 2.9.
Deno.test.sanitizer({ ops: true, resources: true });

/** Takes a slot; returns the status of a refusal. */
function statusOf(
  requests: LongRunningRequests,
  ...[request, info]: Parameters<LongRunningRequests["begin"]>
): number | undefined {
  try {
    requests.begin(request, info);
    return undefined;
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    return error.answer.status;
  }
}

Deno.test("LongRunningRequests.begin() takes slots up to the limit", () => {
  const requests = new LongRunningRequests(2);
  requests.begin(REQUEST, INFO);
  requests.begin(REQUEST, INFO);
  assertEquals(statusOf(requests, REQUEST, INFO), 503);
  assertEquals(requests.size, 2);
});

Deno.test("LongRunningRequests.begin() reuses a released slot; a second release changes nothing", () => {
  const requests = new LongRunningRequests(2);
  const first = requests.begin(REQUEST, INFO);
  requests.begin(REQUEST, INFO);
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  assertEquals(requests.size, 1);
  requests.begin(REQUEST, INFO);
  assertEquals(statusOf(requests, REQUEST, INFO), 503);
});

Deno.test("LongRunningRequests.shutdown() aborts requests and refuses new ones", async () => {
  const requests = new LongRunningRequests(2);
  let aborted = false;
  requests.stopping.addEventListener("abort", () => aborted = true);
  using _slot = requests.begin(REQUEST, INFO);
  await requests.shutdown();
  assert(aborted);
  assertEquals(statusOf(requests, REQUEST, INFO), 503);
});

function from(hostname: string) {
  return { remoteAddr: { transport: "tcp", hostname, port: 1 } as const };
}

Deno.test("LongRunningRequests.begin() refuses only the client that has reached its limit", () => {
  const refused: string[] = [];
  const requests = new LongRunningRequests(10, {
    limit: 2,
    observer: { ...NO_OBSERVER, limited: (limit) => refused.push(limit) },
  });
  const slot = requests.begin(REQUEST, from("192.0.2.1"));
  requests.begin(REQUEST, from("192.0.2.1"));
  const { answer } = assertThrows(
    () => requests.begin(REQUEST, from("192.0.2.1")),
    RefusedError,
  );
  assertEquals(answer.status, 429);
  assertEquals(answer.headers, { "retry-after": "5" });
  assertEquals(refused, ["MAX_CONNECTIONS_PER_IP"]);
  requests.begin(REQUEST, from("192.0.2.2"));
  assertEquals(requests.size, 3);
  slot[Symbol.dispose]();
  slot[Symbol.dispose]();
  requests.begin(REQUEST, from("192.0.2.1"));
  assertEquals(statusOf(requests, REQUEST, from("192.0.2.1")), 429);
});

Deno.test("LongRunningRequests.begin() counts by client behind a proxy, and by /64 network", () => {
  const clientOf = clientsBehind(1);
  const requests = new LongRunningRequests(10, { limit: 1, clientOf });
  for (
    const [address, status] of [
      ["192.0.2.1", undefined],
      ["192.0.2.2", undefined],
      ["192.0.2.1", 429],
      ["2001:db8::1", undefined],
      ["2001:db8::2", 429],
    ] as const
  ) {
    const headers = { "x-forwarded-for": `made.up, ${address}` };
    const request = new Request("http://a.test/", { headers });
    assertEquals(statusOf(requests, request, INFO), status, address);
  }
});

Deno.test("LongRunningRequests ends the requests that hold most when memory is full", async () => {
  const memory = new MemoryAccount(8 * MIB);
  const limited: string[] = [];
  const observer = {
    ...NO_OBSERVER,
    limited: (limit: string) => void limited.push(limit),
  };
  const requests = new LongRunningRequests(
    10,
    { limit: 10, observer },
    { memory, openRequests: new OpenRequests() },
  );
  const sizes = [4 * MIB, MIB, 100_000, 3 * MIB];
  const slots = sizes.map((size) => {
    const slot = requests.begin(REQUEST, INFO);
    slot.charge(size);
    return slot;
  });
  await Promise.resolve();
  assertEquals(
    slots.map(({ reclaimed }) => reclaimed.aborted),
    [true, false, false, true],
  );
  assertEquals(limited, ["MEMORY_LIMIT", "MEMORY_LIMIT"]);
  for (const slot of slots) slot[Symbol.dispose]();
  assertEquals([memory.total, requests.size], [0, 0]);
  memory.stop();
});

/** Limits of long-running requests, and the service that may end them. */
function owned() {
  const memory = new MemoryAccount(8 * MIB);
  const openRequests = new OpenRequests();
  const owner = { memory, openRequests };
  return {
    requests: new LongRunningRequests(10, undefined, owner),
    openRequests,
  };
}

Deno.test("RequestSlot.wait() ends with 503 where the request is ended", async () => {
  const { requests, openRequests } = owned();
  using slot = requests.begin(REQUEST, INFO);
  const waiting = assertRejects(() => slot.wait(60_000), RefusedError);
  openRequests.endSome(1);
  assertEquals((await waiting).answer.status, 503);
});

Deno.test("RequestSlot.wait() ends with the service, the client and other signals", async () => {
  const { requests } = owned();
  const leaving = new AbortController();
  const request = new Request("http://a.test/", { signal: leaving.signal });
  using slot = requests.begin(request, INFO);
  assertEquals(await slot.wait(1), true);
  const other = new AbortController();
  const ended = slot.wait(60_000, [other.signal]);
  other.abort();
  assertEquals(await ended, false);
  const left = slot.wait(60_000);
  leaving.abort();
  assertEquals(await left, false);
  using second = requests.begin(REQUEST, INFO);
  const stopped = second.wait(60_000);
  await requests.shutdown();
  assertEquals(await stopped, false);
});

Deno.test("RequestSlot.wait() does not wait for a HEAD", async () => {
  const { requests } = owned();
  const head = new Request("http://a.test/", { method: "HEAD" });
  using slot = requests.begin(head, INFO);
  assertEquals(await slot.wait(60_000), false);
});

Deno.test("A released slot is no open request", () => {
  const { requests, openRequests } = owned();
  const slot = requests.begin(REQUEST, INFO);
  slot[Symbol.dispose]();
  assertEquals(openRequests.endSome(1), 0);
});
