import { assert, assertEquals } from "@std/assert";
import { LongAnswers } from "../../lib/long_answers.ts";

// Off by default since Deno 2.8.
Deno.test.sanitizer({ ops: true, resources: true });

Deno.test("LongAnswers.begin() gives places up to the limit", () => {
  const answers = new LongAnswers(2);
  assert(answers.begin());
  assert(answers.begin());
  assertEquals(answers.begin(), undefined);
  assertEquals(answers.size, 2);
});

Deno.test("LongAnswers.begin() gives a place again that was given back, once", () => {
  const answers = new LongAnswers(2);
  const first = answers.begin()!;
  answers.begin();
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  assertEquals(answers.size, 1);
  assert(answers.begin());
  assertEquals(answers.begin(), undefined);
});

Deno.test("LongAnswers.shutdown() tells those under way and admits nobody", async () => {
  const answers = new LongAnswers(2);
  let told = false;
  answers.stopping.addEventListener("abort", () => told = true);
  using _place = answers.begin();
  await answers.shutdown();
  assert(told);
  assertEquals(answers.begin(), undefined);
});
