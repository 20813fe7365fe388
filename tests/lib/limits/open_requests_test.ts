import { assertEquals } from "@std/assert";
import { OpenRequests } from "../../../lib/limits/open_requests.ts";

/** Open requests whose ends are recorded. */
function openRequests(count: number) {
  const requests = new OpenRequests();
  const ended: (readonly [number, boolean])[] = [];
  const removes = Array.from(
    { length: count },
    (_, id) => requests.add((breaksOff) => ended.push([id, breaksOff])),
  );
  return { requests, ended, removes };
}

Deno.test("OpenRequests.endNewest() ends a share, the newest first, each once", () => {
  const { requests, ended } = openRequests(4);
  assertEquals(requests.endNewest(0.5), 2);
  assertEquals(ended, [[3, true], [2, true]]);
  assertEquals(requests.endNewest(1), 2);
  assertEquals(ended.slice(2), [[1, true], [0, true]]);
  assertEquals(requests.endNewest(1), 0);
});

Deno.test("OpenRequests.endNewest() ends one of few", () => {
  const { requests, ended } = openRequests(1);
  assertEquals(requests.endNewest(0.5), 1);
  assertEquals(ended, [[0, true]]);
});

Deno.test("OpenRequests.endAll() ends those that were not removed, and not their connections", () => {
  const { requests, ended, removes } = openRequests(3);
  removes[1]!();
  requests.endAll();
  assertEquals(ended, [[0, false], [2, false]]);
});
