import { assertEquals } from "@std/assert";
import { setImmediate } from "node:timers";
import { Departures } from "../../../lib/edge/aborted_requests.ts";
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

Deno.test("Departures: a peer that stays is there", async () => {
  const { request } = handshake();
  assertEquals(await new Departures().isGone(request), false);
});

Deno.test("Departures: a peer that leaves meanwhile is gone", async () => {
  const { request, leave } = handshake();
  const isGone = new Departures().isGone(request);
  leave();
  assertEquals(await isGone, true);
});

Deno.test("Departures: waits for what reaches the signal in the next turn only", async () => {
  const { request, leave } = handshake();
  const isGone = new Departures().isGone(request);
  // Runs behind the immediate that was set first.
  setImmediate(leave);
  assertEquals(await isGone, true);
});

Deno.test("Departures: an address is checked for some time after a failed upgrade", async () => {
  const departures = new Departures(20);
  assertEquals(departures.mayUpgradeAtOnce(CLIENT), true);
  departures.failed(CLIENT);
  departures.failed(CLIENT);
  assertEquals(departures.mayUpgradeAtOnce(CLIENT), false);
  assertEquals(departures.mayUpgradeAtOnce("192.0.2.2"), true);
  await eventually(
    () => Promise.resolve(departures.mayUpgradeAtOnce(CLIENT) || undefined),
    "the end of the time",
  );
});

Deno.test("Departures: clear() stops the clock", () => {
  const departures = new Departures();
  departures.failed(CLIENT);
  departures.clear();
  assertEquals(departures.mayUpgradeAtOnce(CLIENT), true);
});
