import { assert, assertEquals, assertRejects } from "@std/assert";
import { CHUNK, pacedBody } from "../../../lib/http/paced_body.ts";
import { RefusedError } from "../../../lib/protocol/http_error.ts";
import { nextSlice, yieldToOthers } from "../../../lib/scheduling/scheduler.ts";

// Off by default in Deno 2.9.
Deno.test.sanitizer({ ops: true, resources: true });

/** Makes a body, and notes what it does. */
function make(texts: readonly string[]) {
  const made = {
    taken: 0,
    charged: 0,
    ends: 0,
    reclaim: new AbortController(),
    response: new Response(),
  };
  const pieces = texts.values().map((text) => {
    made.taken++;
    return text;
  });
  const body = pacedBody(pieces, {
    reclaimed: made.reclaim.signal,
    charge: (bytes) => made.charged += bytes,
    [Symbol.dispose]: () => made.ends++,
  });
  made.response = new Response(body);
  return made;
}

const LONG = Array.from("abcde", (letter) => letter.repeat(CHUNK));

const TEXTS: readonly (readonly string[])[] = [
  [],
  [""],
  ["one", "zwölf", "", "three"],
  LONG,
  [LONG.join("")],
  ["a", "𝄞".repeat(CHUNK), "b"],
];

for (const texts of TEXTS) {
  const lengths = texts.map(({ length }) => length);
  Deno.test(`pacedBody() sends pieces of ${lengths} characters`, async () => {
    const made = make(texts);
    assertEquals(await made.response.text(), texts.join(""));
    assertEquals([made.taken, made.ends], [texts.length, 1]);
  });
}

Deno.test("pacedBody() makes no chunk before the client has read the last one", async () => {
  const made = make(LONG);
  const reader = made.response.body!.getReader();
  assertEquals(made.taken, 0);
  assertEquals((await reader.read()).value?.length, CHUNK);
  assertEquals([made.taken, made.charged, made.ends], [1, CHUNK, 0]);
  await reader.cancel();
  assertEquals([made.taken, made.ends], [1, 1]);
});

Deno.test("pacedBody() charges the rest of a long piece, and what the runtime holds", async () => {
  const made = make(["x".repeat(20 * CHUNK), ...Array(40).fill(LONG[0])]);
  const reader = made.response.body!.getReader();
  await reader.read();
  assertEquals(made.charged, 20 * CHUNK);
  while (!(await reader.read()).done) continue;
  assertEquals(made.charged, 25 * CHUNK);
});

Deno.test("pacedBody() breaks off when the memory is reclaimed", async () => {
  const made = make(LONG);
  const reader = made.response.body!.getReader();
  await reader.read();
  made.reclaim.abort();
  await assertRejects(() => reader.read(), RefusedError);
  assertEquals([made.taken, made.ends], [1, 1]);
});

Deno.test("pacedBody() gathers short pieces", async () => {
  const made = make(["ä", "", "b"]);
  const reader = made.response.body!.getReader();
  assertEquals((await reader.read()).value?.length, 3);
  assertEquals((await reader.read()).done, true);
});

Deno.test("pacedBody() lets other connections run before each chunk", async () => {
  const made = make(LONG);
  let others = 0;
  const other = () => {
    others++;
    if (made.ends === 0) yieldToOthers(other);
  };
  yieldToOthers(other);
  await made.response.text();
  await nextSlice();
  assert(others >= LONG.length);
});
