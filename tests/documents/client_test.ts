import { assert, assertEquals } from "@std/assert";
import { frames } from "../../handlers/frames/frames.ts";
import * as client from "../../lib/client/mod.ts";
import { Router } from "../../lib/routing/router.ts";
import type { WebSocketHandler } from "../../lib/websocket.ts";
import { testWith } from "../permissions.ts";
import { runDeno, runProgram } from "../program.ts";
import { listenBoth, serviceOf } from "../service.ts";
import { tableRows } from "./table_rows.ts";

const README = new URL("../../lib/client/README.md", import.meta.url);

const LIB = new URL("../../lib/", import.meta.url);

const echo: WebSocketHandler = {
  frame: (connection, frame) => connection.send(frame),
};

testWith(
  { read: true, net: true, run: true },
  "lib/client/README.md has examples that print their comments",
  async () => {
    const text = await Deno.readTextFile(README);
    const examples = [...text.matchAll(/```ts\n(.+?)```/gs)].map((m) => m[1]!);
    assert(examples.length > 3, "examples were not found");
    const router = new Router({ "/frames": frames, "/ws": echo });
    await using server = listenBoth(serviceOf({ router }));
    for (const example of examples) {
      const expected = /console\.log\(.*\); \/\/ (.+)$/m.exec(example)![1]!;
      const { code, out, error } = await runProgram(
        example
          .replace("../lib/", LIB.href)
          .replace("localhost:8001", `127.0.0.1:${server.address.frame.port}`),
      );
      assertEquals([code, out, error], [0, `${expected}\n`, ""]);
    }
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

testWith(
  { read: true, run: true },
  "the examples in the client's doc comments run",
  async () => {
    const { code, out, error } = await runDeno([
      "test",
      "--doc",
      "--lock=tests/deno.lock",
      "--allow-net",
      "lib/client/mod.ts",
    ]);
    assertEquals(code, 0, out + error);
  },
);
