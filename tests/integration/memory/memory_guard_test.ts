import { assertEquals } from "@std/assert";
import { echo } from "../../../handlers/echo/echo.ts";
import { MemoryGuard } from "../../../lib/edge/memory_guard.ts";
import { setupLog } from "../../../lib/log/log.ts";
import { Router } from "../../../lib/routing/router.ts";
import { testWith } from "../../permissions.ts";
import { listenBoth, serviceOf } from "../../service.ts";
import { connect } from "../support/client.ts";
import { NEEDS } from "../support/suite.ts";
import { within } from "../support/within.ts";

setupLog({ level: "CRITICAL", format: "text", colors: false });

/** Bytes by which the process grows between two samples. */
const GROWTH = 100 * 2 ** 20;

testWith(
  NEEDS,
  "MemoryGuard closes only connections without a complete message while the process grows",
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
      assertEquals((await within(closed, "the close")).code, 1001);
      talking.send("still there");
      assertEquals(await talking.next(), "still there");
    } finally {
      guard.stop();
    }
  },
);

testWith(
  NEEDS,
  "MemoryGuard closes no connection when the process is large and does not grow",
  async () => {
    const service = serviceOf({ router: new Router({ "/ws": echo }) });
    await using server = listenBoth(service);
    const url = `ws://127.0.0.1:${server.address.edge.port}/ws`;
    let samples = 0;
    let onSample = () => {};
    const guard = new MemoryGuard(service, () => {
      samples++;
      onSample();
      return 10 * GROWTH + samples;
    });
    const sample = (number: number) =>
      new Promise<void>((resolve) => {
        onSample = () => samples >= number && resolve();
      });
    try {
      await within(sample(1), "the sample with the growth");
      await using silent = await connect(url);
      await within(sample(samples + 10), "ten samples");
      silent.send("still there");
      assertEquals(await silent.next(), "still there");
    } finally {
      guard.stop();
    }
  },
);
