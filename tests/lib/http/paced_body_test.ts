import { assertEquals } from "@std/assert";
import { pacedBody } from "../../../lib/http/paced_body.ts";

// Off by default in Deno 2.9.
Deno.test.sanitizer({ ops: true, resources: true });

const LONG = "0123456789".repeat(20_000);

/** Makes a body and counts the calls of `done`. */
function make(text: string) {
  const stop = new AbortController();
  const made = { stop, done: 0, response: new Response() };
  const body = pacedBody(text, stop.signal, () => made.done++);
  made.response = new Response(body);
  return made;
}

for (const text of ["", "short", LONG, "ü".repeat(65_536)]) {
  Deno.test(`pacedBody() sends all of ${text.length} characters`, async () => {
    const made = make(text);
    assertEquals(await made.response.text(), text);
    assertEquals(made.done, 1);
  });
}

Deno.test("pacedBody() calls done at once for a short text", async () => {
  const made = make("short");
  assertEquals(made.done, 1);
  await made.response.body?.cancel();
});

Deno.test("pacedBody() does not call done while a long text is unread", async () => {
  const made = make(LONG);
  const reader = made.response.body!.getReader();
  assertEquals((await reader.read()).value?.length, 65_536);
  assertEquals(made.done, 0);
  await reader.cancel();
  assertEquals(made.done, 1);
});

Deno.test("pacedBody() hands over the rest when the service stops", async () => {
  const made = make(LONG);
  made.stop.abort();
  assertEquals(made.done, 1);
  assertEquals(await made.response.text(), LONG);
  assertEquals(made.done, 1);
});
