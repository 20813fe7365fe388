import { assertEquals } from "@std/assert";
import { MemoryGuard } from "../../../lib/edge/memory_guard.ts";
import { echo } from "../../../handlers/echo/echo.ts";
import { setupLog } from "../../../lib/log/log.ts";
import { Router } from "../../../lib/routing/router.ts";
import { testWith } from "../../permissions.ts";
import { listenBoth, serviceOf } from "../../service.ts";
import { connect } from "../support/client.ts";
import { NEEDS } from "../support/suite.ts";
import { within } from "../support/within.ts";

setupLog({ level: "CRITICAL", format: "text", colors: false });

/** Bytes between two looks. */
const GROWTH = 100 * 2 ** 20;

testWith(
  NEEDS,
  "MemoryGuard closes who brings no message while the process grows, and nobody else",
  async () => {
    const service = serviceOf({ router: new Router({ "/ws": echo }) });
    await using server = listenBoth(service);
    const url = `ws://127.0.0.1:${server.address.edge.port}/ws`;
    await using silent = await connect(url);
    await using talking = await connect(url);
    let isClosed = false;
    const closed = silent.closed.then((end) => {
      isClosed = true;
      return end;
    });
    let bytes = 0;
    const guard = new MemoryGuard(service, () => bytes += GROWTH);
    try {
      while (!isClosed) {
        talking.send("echo");
        assertEquals(await talking.next(), "echo");
      }
      assertEquals((await within(closed, "its end")).code, 1001);
      talking.send("still there");
      assertEquals(await talking.next(), "still there");
    } finally {
      guard.stop();
    }
  },
);

testWith(
  NEEDS,
  "MemoryGuard closes nobody where the process is large, and does not grow",
  async () => {
    const service = serviceOf({ router: new Router({ "/ws": echo }) });
    await using server = listenBoth(service);
    const url = `ws://127.0.0.1:${server.address.edge.port}/ws`;
    let looks = 0;
    let told = () => {};
    const guard = new MemoryGuard(service, () => {
      looks++;
      told();
      return 10 * GROWTH + looks;
    });
    const look = (number: number) =>
      new Promise<void>((resolve) => {
        told = () => looks >= number && resolve();
      });
    try {
      await within(look(1), "the look that sees the process grow");
      await using silent = await connect(url);
      await within(look(looks + 10), "looks at the process");
      silent.send("still there");
      assertEquals(await silent.next(), "still there");
    } finally {
      guard.stop();
    }
  },
);
