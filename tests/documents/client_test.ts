import { assertEquals } from "@std/assert";
import { frames } from "../../handlers/frames/frames.ts";
import * as client from "../../lib/client/mod.ts";
import { Router } from "../../lib/routing/router.ts";
import type { WebSocketHandler } from "../../lib/websocket.ts";
import { testWith } from "../permissions.ts";
import { listenBoth, serviceOf } from "../service.ts";
import { runExamples } from "./examples.ts";
import { tableRows } from "./table_rows.ts";

const echo: WebSocketHandler = {
  frame: (connection, frame) => connection.send(frame),
};

testWith(
  { read: true, net: true, run: true },
  "lib/client/README.md has examples that print their comments",
  async () => {
    const router = new Router({ "/frames": frames, "/ws": echo });
    await using server = listenBoth(serviceOf({ router }));
    const host = `127.0.0.1:${server.address.frame.port}`;
    const count = await runExamples(
      "lib/client/README.md",
      (example) => example.replaceAll("localhost:8001", host),
    );
    assertEquals(count, 4);
  },
);

testWith(
  { read: true },
  "lib/client/README.md lists every error of the client",
  async () => {
    const errors = Object.entries(client).filter(([, value]) =>
      value.prototype instanceof Error
    );
    const rows = await tableRows("lib/client/README.md", "error");
    assertEquals(
      rows.map(([error]) => error!.replaceAll("`", "")).toSorted(),
      errors.map(([name]) => name).toSorted(),
    );
  },
);
