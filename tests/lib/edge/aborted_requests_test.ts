import { assertEquals } from "@std/assert";
import { setImmediate } from "node:timers";
import { AbortedRequests } from "../../../lib/edge/aborted_requests.ts";
import { eventually } from "../../integration/support/within.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

const CLIENT = "192.0.2.1";

/** A handshake whose client can disconnect. */
function handshake(): { request: Request; disconnect: () => void } {
  const client = new AbortController();
  const request = new Request("http://127.0.0.1/", { signal: client.signal });
  return { request, disconnect: () => client.abort() };
}

Deno.test("AbortedRequests.isAborted() is false when the client stays connected", async () => {
  const { request } = handshake();
  assertEquals(await new AbortedRequests().isAborted(request), false);
});

Deno.test("AbortedRequests.isAborted() is true when the client disconnects meanwhile", async () => {
  const { request, disconnect } = handshake();
  const isAborted = new AbortedRequests().isAborted(request);
  disconnect();
  assertEquals(await isAborted, true);
});

Deno.test("AbortedRequests.isAborted() is true when the signal aborts one turn later", async () => {
  const { request, disconnect } = handshake();
  const isAborted = new AbortedRequests().isAborted(request);
  // Runs after the immediate that isAborted() has set.
  setImmediate(disconnect);
  assertEquals(await isAborted, true);
});

Deno.test("AbortedRequests.mayUpgradeAtOnce() is false for an address until its failed upgrades expire", async () => {
  const abortedRequests = new AbortedRequests(20);
  assertEquals(abortedRequests.mayUpgradeAtOnce(CLIENT), true);
  abortedRequests.upgradeFailed(CLIENT);
  abortedRequests.upgradeFailed(CLIENT);
  assertEquals(abortedRequests.mayUpgradeAtOnce(CLIENT), false);
  assertEquals(abortedRequests.mayUpgradeAtOnce("192.0.2.2"), true);
  await eventually(
    () =>
      Promise.resolve(abortedRequests.mayUpgradeAtOnce(CLIENT) || undefined),
    "the expiry of the failures",
  );
});

Deno.test("AbortedRequests.clear() forgets failures and stops the timer", () => {
  const abortedRequests = new AbortedRequests();
  abortedRequests.upgradeFailed(CLIENT);
  abortedRequests.clear();
  assertEquals(abortedRequests.mayUpgradeAtOnce(CLIENT), true);
});
