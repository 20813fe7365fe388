import { assertEquals } from "@std/assert";
import { conformanceRoutes } from "../../handlers/conformance/conformance.ts";
import { PARAMETERS } from "../../handlers/conformance/query.ts";
import { CASES } from "../../lib/conformance/cases.ts";
import { Router } from "../../lib/routing/router.ts";
import type { WebSocketHandler } from "../../lib/websocket.ts";
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
