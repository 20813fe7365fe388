import { assertEquals } from "@std/assert";
import { Departures } from "../../../lib/edge/departures.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

/** A handshake whose peer can leave. */
function handshake(): { request: Request; leave: () => void } {
  const peer = new AbortController();
  const request = new Request("http://127.0.0.1/", { signal: peer.signal });
  return { request, leave: () => peer.abort() };
}

Deno.test("Departures: a peer that stays is there", async () => {
  assertEquals(await new Departures().isGone(handshake().request), false);
});

Deno.test("Departures: a peer that leaves meanwhile is gone", async () => {
  const { request, leave } = handshake();
  const isGone = new Departures().isGone(request);
  leave();
  assertEquals(await isGone, true);
});

Deno.test("Departures: behind one that was gone, it waits for timers", async () => {
  const departures = new Departures();
  const first = handshake();
  first.leave();
  assertEquals(await departures.isGone(first.request), true);
  const { request, leave } = handshake();
  // Fires before the timer of the same length that is set after it.
  setTimeout(leave, 0);
  assertEquals(await departures.isGone(request), true);
});
