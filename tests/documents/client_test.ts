import { assertEquals } from "@std/assert";
import { frames } from "../../handlers/frames/frames.ts";
import { Router } from "../../lib/routing/router.ts";
import { testWith } from "../permissions.ts";
import { runProgram } from "../program.ts";
import { listenBoth, serviceOf } from "../service.ts";

const README = new URL("../../lib/client/README.md", import.meta.url);

const LIB = new URL("../../lib/", import.meta.url);

testWith(
  { read: true, net: true, run: true },
  "lib/client/README.md has an example that prints its comment",
  async () => {
    const text = await Deno.readTextFile(README);
    const example = /```ts\n(.+?)```/s.exec(text)![1]!;
    const expected = /console\.log\(.*\); \/\/ (.+)$/m.exec(example)![1]!;
    const service = serviceOf({ router: new Router({ "/frames": frames }) });
    await using server = listenBoth(service);
    const { code, out, error } = await runProgram(
      example
        .replace("../lib/", LIB.href)
        .replace("localhost:8001", `127.0.0.1:${server.address.frame.port}`),
    );
    assertEquals([code, out, error], [0, `${expected}\n`, ""]);
  },
);
