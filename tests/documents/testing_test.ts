import { assertEquals } from "@std/assert";
import { testWith } from "../permissions.ts";
import { runExamples } from "./examples.ts";

testWith(
  { read: true, run: true },
  "lib/testing/README.md has examples that print their comments",
  async () => {
    assertEquals(await runExamples("lib/testing/README.md"), 2);
  },
);
