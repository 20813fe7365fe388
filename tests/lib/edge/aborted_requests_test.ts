import { assertEquals } from "@std/assert";
import { setImmediate } from "node:timers";
import { AbortedRequests } from "../../../lib/edge/aborted_requests.ts";
import { eventually } from "../../integration/support/within.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

const CLIENT = "192.0.2.1";

/** A handshake whose peer can leave. */
function handshake(): { request: Request; leave: () => void } {
  const peer = new AbortController();
  const request = new Request("http://127.0.0.1/", { signal: peer.signal });
  return { request, leave: () => peer.abort() };
}

Deno.test("AbortedRequests: a peer that stays is there", async () => {
  const { request } = handshake();
  assertEquals(await new AbortedRequests().isGone(request), false);
});

Deno.test("AbortedRequests: a peer that leaves meanwhile is gone", async () => {
  const { request, leave } = handshake();
  const isGone = new AbortedRequests().isGone(request);
  leave();
  assertEquals(await isGone, true);
});

Deno.test("AbortedRequests: waits for what reaches the signal in the next turn only", async () => {
  const { request, leave } = handshake();
  const isGone = new AbortedRequests().isGone(request);
  // Runs behind the immediate that was set first.
  setImmediate(leave);
  assertEquals(await isGone, true);
});

Deno.test("AbortedRequests: an address is checked for some time after a failed upgrade", async () => {
  const abortedRequests = new AbortedRequests(20);
  assertEquals(abortedRequests.mayUpgradeAtOnce(CLIENT), true);
  abortedRequests.failed(CLIENT);
  abortedRequests.failed(CLIENT);
  assertEquals(abortedRequests.mayUpgradeAtOnce(CLIENT), false);
  assertEquals(abortedRequests.mayUpgradeAtOnce("192.0.2.2"), true);
  await eventually(
    () =>
      Promise.resolve(abortedRequests.mayUpgradeAtOnce(CLIENT) || undefined),
    "the end of the time",
  );
});

Deno.test("AbortedRequests: clear() stops the clock", () => {
  const abortedRequests = new AbortedRequests();
  abortedRequests.failed(CLIENT);
  abortedRequests.clear();
  assertEquals(abortedRequests.mayUpgradeAtOnce(CLIENT), true);
});
