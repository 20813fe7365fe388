import { assertEquals } from "@std/assert";
import readme from "../../lib/server/README.md" with { type: "text" };
import { EXIT_CODE } from "../../lib/process/exit.ts";

Deno.test("lib/server/README.md has every exit code", () => {
  const codes = [...readme.matchAll(/^\| (\d+) +\|/gm)].map(([, code]) =>
    Number(code)
  );
  assertEquals(codes, Object.values(EXIT_CODE));
});
