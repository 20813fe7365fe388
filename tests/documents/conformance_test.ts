import { assertEquals } from "@std/assert";
import { HELP } from "../../handlers/conformance/cli/arguments.ts";
import { conformanceRoutes } from "../../handlers/conformance/conformance.ts";
import { PARAMETERS } from "../../handlers/conformance/query.ts";
import { FILE_NAMES } from "../../handlers/conformance/reports/report_files.ts";
import { CASES } from "../../lib/conformance/cases.ts";
import {
  BEHAVIORS,
  countVerdicts,
} from "../../lib/conformance/reports/counts.ts";
import { readExpected } from "../../lib/conformance/reports/expected.ts";
import { Router } from "../../lib/routing/router.ts";
import type { WebSocketHandler } from "../../lib/websocket.ts";
import { DRIVERS } from "../conformance/drivers/drivers.ts";
import { MUTATIONS } from "../conformance/faulty/mutations.ts";
import { testWith } from "../permissions.ts";
import { listenBoth, serviceOf } from "../service.ts";
import { runExamples } from "./examples.ts";
import { tableRows } from "./table_rows.ts";

const echo: WebSocketHandler = {
  frame: (connection, frame) => connection.send(frame),
};

/** The first column of a table, without code marks. */
async function column(path: string, head: string): Promise<string[]> {
  const rows = await tableRows(path, head);
  return rows.map(([cell]) => cell!.replaceAll("`", ""));
}

testWith(
  { read: true, net: true, run: true },
  "lib/conformance/README.md has examples that print their comments",
  async () => {
    const router = new Router({ "/ws": echo });
    await using server = listenBoth(serviceOf({ router }));
    const host = `127.0.0.1:${server.address.frame.port}`;
    const count = await runExamples(
      "lib/conformance/README.md",
      (example) => example.replaceAll("localhost:8001", host),
    );
    assertEquals(count, 2);
  },
);

testWith(
  { read: true },
  "lib/conformance/README.md lists every kind of program",
  async () => {
    assertEquals(
      await column("lib/conformance/README.md", "program"),
      [...new Set(CASES.map(({ program }) => program.kind))],
    );
  },
);

testWith(
  { read: true },
  "handlers/conformance/README.md lists the routes",
  async () => {
    const paths = Object.keys(conformanceRoutes({ listeners: () => [] }));
    assertEquals(
      (await column("handlers/conformance/README.md", "route")).toSorted(),
      paths.toSorted(),
    );
  },
);

testWith(
  { read: true },
  "handlers/conformance/README.md lists the parameters",
  async () => {
    assertEquals(
      await column("handlers/conformance/README.md", "parameter"),
      PARAMETERS,
    );
  },
);

testWith(
  { read: true },
  "handlers/conformance/README.md lists the files of the reports",
  async () => {
    assertEquals(
      await column("handlers/conformance/README.md", "file"),
      FILE_NAMES,
    );
  },
);

testWith(
  { read: true },
  "handlers/conformance/README.md lists the options of the task",
  async () => {
    const options = HELP.matchAll(/^(--.+?) {2,}/gm).map(([, option]) =>
      option
    );
    assertEquals(
      await column("handlers/conformance/README.md", "option"),
      [...options],
    );
  },
);

testWith(
  { read: true },
  "tests/conformance/drivers/README.md has the expected results of each driver",
  async () => {
    const rows = await tableRows(
      "tests/conformance/drivers/README.md",
      "client",
    );
    const folder = new URL("../conformance/drivers/expected/", import.meta.url);
    const actual = await Promise.all(
      DRIVERS.map(async ({ agent, file, expected }) => {
        const text = await Deno.readTextFile(new URL(expected, folder));
        const listed = readExpected(text).get(agent)!;
        const passed = { behavior: "OK", behaviorClose: "OK" } as const;
        const { behaviors } = countVerdicts(
          CASES.map(({ id }) => listed.get(id) ?? passed),
        );
        const counts = BEHAVIORS.map((name) => String(behaviors[name]));
        return [agent, `\`${file}\``, ...counts];
      }),
    );
    assertEquals(rows, actual);
  },
);

testWith(
  { read: true },
  "tests/conformance/faulty/README.md lists the faults",
  async () => {
    assertEquals(
      await tableRows("tests/conformance/faulty/README.md", "the client"),
      MUTATIONS.map(({ name, among, fails }) => [
        name,
        String(among.length),
        String(among.filter(fails).length),
      ]),
    );
  },
);
