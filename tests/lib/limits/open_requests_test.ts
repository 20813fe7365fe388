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

Deno.test("OpenRequests.endSome() ends the newest, then the oldest, each once", () => {
  const { requests, ended } = openRequests(8);
  assertEquals(requests.endSome(0.25), 2);
  assertEquals(ended, [[7, true], [6, true]]);
  assertEquals(requests.endSome(0.5), 3);
  assertEquals(ended.slice(2), [[0, true], [1, true], [2, true]]);
  assertEquals(requests.endSome(1), 3);
  assertEquals(ended.slice(5), [[5, true], [4, true], [3, true]]);
  assertEquals(requests.endSome(1), 0);
});

Deno.test("OpenRequests.endSome() ends one of few", () => {
  const { requests, ended } = openRequests(1);
  assertEquals(requests.endSome(0.5), 1);
  assertEquals(ended, [[0, true]]);
});

Deno.test("OpenRequests.endAll() ends those that were not removed, and not their connections", () => {
  const { requests, ended, removes } = openRequests(3);
  removes[1]!();
  requests.endAll();
  assertEquals(ended, [[0, false], [2, false]]);
});
