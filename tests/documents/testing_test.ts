import { assertEquals } from "@std/assert";
import { testWith } from "../permissions.ts";
import { runDeno } from "../program.ts";
import { runExamples } from "./examples.ts";

testWith(
  { read: true, run: true },
  "lib/testing/README.md has examples that print their comments",
  async () => {
    assertEquals(await runExamples("lib/testing/README.md"), 2);
  },
);

testWith(
  { read: true, run: true },
  "the examples in the doc comments of lib/client and lib/testing run",
  async () => {
    const { code, out, error } = await runDeno([
      "test",
      "--doc",
      "--lock=tests/deno.lock",
      "--allow-net",
      "lib/client/*.ts",
      "lib/testing/*.ts",
    ]);
    assertEquals(code, 0, out + error);
  },
);
