import { assertEquals } from "@std/assert";
import { piecedBody } from "../../../lib/http/pieced_body.ts";
import { nextSlice, yieldToOthers } from "../../../lib/scheduling/scheduler.ts";

// Off by default in Deno 2.9.
Deno.test.sanitizer({ ops: true, resources: true });

const PIECES = ["one", "zwölf", "", "three"];

/** Makes a body, and notes what it does. */
function make() {
  const stop = new AbortController();
  const made = { stop, taken: 0, held: 0, done: 0, response: new Response() };
  function* pieces() {
    for (const piece of PIECES) {
      made.taken++;
      yield piece;
    }
  }
  const body = piecedBody(pieces(), {
    stopping: stop.signal,
    charge: (bytes) => made.held += bytes,
    done: () => made.done++,
  });
  made.response = new Response(body);
  return made;
}

Deno.test("piecedBody() sends all pieces", async () => {
  const made = make();
  assertEquals(await made.response.text(), PIECES.join(""));
  assertEquals([made.held, made.done], [0, 1]);
});

Deno.test("piecedBody() makes no piece before the client has read the last one", async () => {
  const made = make();
  const reader = made.response.body!.getReader();
  assertEquals(made.taken, 0);
  assertEquals((await reader.read()).value?.length, 3);
  assertEquals([made.taken, made.held, made.done], [1, 3, 0]);
  await reader.cancel();
  assertEquals([made.taken, made.held, made.done], [1, 0, 1]);
});

Deno.test("piecedBody() lets other connections run before each piece", async () => {
  const made = make();
  let others = 0;
  const other = () => {
    others++;
    if (made.done === 0) yieldToOthers(other);
  };
  yieldToOthers(other);
  await made.response.text();
  await nextSlice();
  assertEquals(others >= PIECES.length, true);
});

Deno.test("piecedBody() makes the rest when the service stops", async () => {
  const made = make();
  made.stop.abort();
  assertEquals(await made.response.text(), PIECES.join(""));
  assertEquals([made.held, made.done], [0, 1]);
});
