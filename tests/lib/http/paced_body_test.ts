import { assertEquals } from "@std/assert";
import { CHUNK, cutText, pacedBody } from "../../../lib/http/paced_body.ts";
import { nextSlice, yieldToOthers } from "../../../lib/scheduling/scheduler.ts";

// Off by default in Deno 2.9.
Deno.test.sanitizer({ ops: true, resources: true });

/** Makes a body, and notes what it does. */
function make(texts: readonly string[]) {
  const made = { taken: 0, held: 0, done: 0, response: new Response() };
  const pieces = texts.values().map((text) => {
    made.taken++;
    return text;
  });
  const body = pacedBody(pieces, {
    charge: (bytes) => made.held += bytes,
    done: () => made.done++,
  });
  made.response = new Response(body);
  return made;
}

const LONG = Array.from("abcde", (letter) => letter.repeat(CHUNK));

for (const texts of [[], [""], ["one", "zwölf", "", "three"], LONG]) {
  Deno.test(`pacedBody() sends all of ${texts.length} pieces`, async () => {
    const made = make(texts);
    assertEquals(await made.response.text(), texts.join(""));
    assertEquals([made.taken, made.held, made.done], [texts.length, 0, 1]);
  });
}

Deno.test("pacedBody() makes no chunk before the client has read the last one", async () => {
  const made = make(LONG);
  const reader = made.response.body!.getReader();
  assertEquals(made.taken, 0);
  assertEquals((await reader.read()).value?.length, CHUNK);
  assertEquals([made.taken, made.held, made.done], [1, CHUNK, 0]);
  await reader.cancel();
  assertEquals([made.taken, made.held, made.done], [1, 0, 1]);
});

Deno.test("pacedBody() gathers short pieces", async () => {
  const made = make(["ä", "", "b"]);
  const reader = made.response.body!.getReader();
  const first = await reader.read();
  assertEquals([made.taken, made.held], [3, 3]);
  assertEquals(first.value?.length, 3);
  assertEquals((await reader.read()).done, true);
});

Deno.test("pacedBody() lets other connections run before each chunk", async () => {
  const made = make(LONG);
  let others = 0;
  const other = () => {
    others++;
    if (made.done === 0) yieldToOthers(other);
  };
  yieldToOthers(other);
  await made.response.text();
  await nextSlice();
  assertEquals(others >= LONG.length, true);
});

for (const text of ["", "a", "𝄞".repeat(CHUNK), `a${"𝄞".repeat(CHUNK)}`]) {
  Deno.test(`cutText() cuts ${text.length} characters between code points`, () => {
    const pieces = [...cutText(text)];
    assertEquals(pieces.join(""), text);
    assertEquals(pieces.every((piece) => piece.isWellFormed()), true);
    assertEquals(pieces.every(({ length }) => length <= CHUNK + 1), true);
  });
}
