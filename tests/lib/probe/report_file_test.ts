import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../../lib/config/arguments.ts";
import { openReportFile } from "../../../lib/probe/report_file.ts";
import { testWith } from "../../permissions.ts";
import { runProgram } from "../../program.ts";

const MODULE = new URL("../../../lib/probe/report_file.ts", import.meta.url);

Deno.test({
  name: "openReportFile() reports a missing permission in one line",
  permissions: "none",
  fn() {
    const error = assertThrows(() => openReportFile("x.xml"), UsageError);
    assertEquals(
      (error as Error).message,
      '--junit: cannot write "x.xml": no permission: --allow-write is needed',
    );
  },
});

testWith(
  { read: true, write: true, run: true },
  "openReportFile() revokes the write permission and keeps the file open",
  async () => {
    const path = await Deno.makeTempFile();
    try {
      for (const asked of [path, undefined]) {
        const { code, out, error } = await runProgram(`
          import { openReportFile } from ${JSON.stringify(MODULE.href)};
          const state = (path) =>
            Deno.permissions.querySync({ name: "write", path }).state;
          const path = ${JSON.stringify(path)};
          const before = state();
          using file = openReportFile(${JSON.stringify(asked)});
          console.log(before, state(), state(path));
          file.write("a longer text");
          file.write("text");
        `);
        assertEquals([code, out, error], [0, "granted prompt prompt\n", ""]);
      }
      assertEquals(await Deno.readTextFile(path), "text");
    } finally {
      await Deno.remove(path);
    }
  },
);
